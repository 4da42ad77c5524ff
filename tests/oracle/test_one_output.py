"""An affine model with one output, in every form: its robust accuracy equals the closed form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from safetensors.torch import save_file
from torch import nn

from genlabel_robust.runs.audit import audit

X = np.random.default_rng(0).uniform(-5, 5, (60, 2))
Y = (X[:, 0] > 0).astype(int)
#: A slope at which a sigmoid in float32 is exactly 1 for half of the rows.
SLOPE, EPS = 8.0, 1.0


def chance(x: Any) -> Any:
    return 1 / (1 + np.exp(-SLOPE * np.asarray(x)[:, 0]))


def net(*last: nn.Module) -> nn.Module:
    linear = nn.Linear(2, 1)
    with torch.no_grad():
        linear.weight.copy_(torch.tensor([[SLOPE, 0.0]]))
        linear.bias.zero_()
    return nn.Sequential(linear, *last)


def graph(folder: Path, *, sigmoid: bool, flat: bool) -> Path:
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["z"]),
        helper.make_node("Sigmoid" if sigmoid else "Identity", ["z"], ["p"]),
        helper.make_node("Reshape", ["p", "shape"], ["y"]),
    ]
    constants = {"w": np.array([[SLOPE], [0]], np.float32), "shape": [-1] if flat else [-1, 1]}
    made = helper.make_graph(
        nodes,
        "one",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 2])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n"] if flat else ["n", 1])],
        [numpy_helper.from_array(np.asarray(v), name) for name, v in constants.items()],
    )
    path = folder / f"{sigmoid}{flat}.onnx"
    opsets = [helper.make_opsetid("", 20)]
    model = helper.make_model(made, opset_imports=opsets, ir_version=9)
    path.write_bytes(model.SerializeToString())
    return path


def weights(folder: Path) -> Path:
    state = {"fc.weight": torch.tensor([[SLOPE, 0.0]]), "fc.bias": torch.zeros(1)}
    save_file(state, folder / "one.safetensors")
    return folder / "one.safetensors"


FORMS: dict[str, tuple[Any, str | None]] = {
    "two columns": (lambda _: lambda x: np.stack([1 - chance(x), chance(x)], axis=1), None),
    "function (n,)": (lambda _: chance, "probability"),
    "function (n, 1)": (lambda _: lambda x: chance(x)[:, None], "probability"),
    "function of logits": (lambda _: lambda x: SLOPE * x[:, 0], "logit"),
    "module": (lambda _: net(), "logit"),
    "module with a sigmoid": (lambda _: net(nn.Sigmoid()), "probability"),
    "module (n,)": (lambda _: net(nn.Sigmoid(), nn.Flatten(0)), "probability"),
    "graph": (lambda folder: graph(folder, sigmoid=False, flat=False), "logit"),
    "graph with a sigmoid": (lambda folder: graph(folder, sigmoid=True, flat=False), "probability"),
    "graph (n,)": (lambda folder: graph(folder, sigmoid=True, flat=True), "probability"),
    "weights": (weights, None),
}


@pytest.mark.nightly(
    but=[
        "two columns",
        "function (n, 1)",
        "function of logits",
        "module (n,)",
        "graph with a sigmoid",
    ]
)
@pytest.mark.parametrize("form", FORMS)
def test_robust_accuracy_is_the_share_of_rows_farther_than_eps(form: str, tmp_path: Path) -> None:
    make, output = FORMS[form]
    # sign-bisect finds the best signs of an affine model by labels alone
    gradients = form.startswith(("module", "graph", "weights"))
    run = audit(
        make(tmp_path),
        X,
        Y,
        eps=EPS,
        unit="raw",
        checks="off",
        out=tmp_path / "run",
        attacks=["pgd"] if gradients else ["sign-bisect"],
    )
    (row,) = run.results["rows"]
    assert row["clean_accuracy"]["value"] == 1.0
    assert row["robust_accuracy"]["value"] == pytest.approx((np.abs(X[:, 0]) > EPS).mean())
    assert run.results["model"]["output"] == output
    assert run.results["model"]["knowledge"] == ("gradients" if gradients else "scores")
