"""Category codes that a model takes as floats."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import genlabel_robust


class Embedding(nn.Module):
    """A net on two measures, an embedded code, and a count used as a number."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.table, self.last = nn.Embedding(4, 3), nn.Linear(6, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.last(torch.cat([x[:, :2], self.table(x[:, 2].long()), x[:, 3:]], dim=1))


def _rows(n: int = 80) -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.column_stack(
        [rng.normal(size=(n, 2)), rng.integers(0, 4, n), rng.integers(0, 9, n)]
    ).astype(float)


def _moves(run: Any) -> list[str | None]:
    (about,) = run.results["datasets"].values()
    return [feature.get("moves") for feature in about["features"]]


@pytest.mark.nightly(but=["settings0-moves0"])
@pytest.mark.parametrize(
    ("settings", "moves"),
    [
        ({}, [None, None, "whole", None]),
        ({"constraints": {"continuous": ["x2"]}}, [None] * 4),
        ({"whole_numbers": "continuous"}, [None] * 4),
    ],
)
def test_what_a_module_embeds_is_whole(
    settings: dict[str, Any], moves: list[str | None], tmp_path: Path
) -> None:
    x, model = _rows(), Embedding()
    with torch.no_grad():
        y = model(torch.tensor(x, dtype=torch.float32)).argmax(dim=1).numpy()
    run = genlabel_robust.audit(
        model, x, y, attacks="fgsm", checks="off", eps=0.3, out=str(tmp_path / "run"), **settings
    )
    assert _moves(run) == moves


def test_codes_with_fractions_among_them_are_none(tmp_path: Path) -> None:
    """Held to whole steps, an attacker could not reach what 2.5 stands for."""
    x, model = _rows(), Embedding()
    x[0, 2] = 2.5
    y = np.arange(80) % 2
    run = genlabel_robust.audit(
        model, x, y, attacks="fgsm", checks="off", out=str(tmp_path / "run")
    )
    assert _moves(run) == [None] * 4


def test_a_column_that_a_graph_gathers_by_is_whole(tmp_path: Path) -> None:
    from onnx import TensorProto, helper, numpy_helper

    rng = np.random.default_rng(0)
    constants = {
        "two": np.array([2]),
        "table": rng.normal(size=(4, 4)).astype(np.float32),
        "others": np.array([0, 1, 3]),
        "w": rng.normal(size=(3, 2)).astype(np.float32),
        "v": rng.normal(size=(4, 2)).astype(np.float32),
        "flat": np.array([-1, 4]),
    }
    nodes = [
        helper.make_node(kind, inputs, [output], **told)
        for kind, inputs, output, told in [
            ("Gather", ["x", "two"], "column", {"axis": 1}),
            ("Cast", ["column"], "code", {"to": 7}),
            ("Gather", ["table", "code"], "deep", {}),
            ("Reshape", ["deep", "flat"], "e", {}),
            ("Gather", ["x", "others"], "rest", {"axis": 1}),
            ("MatMul", ["rest", "w"], "p", {}),
            ("MatMul", ["e", "v"], "q", {}),
            ("Add", ["p", "q"], "logits", {}),
        ]
    ]
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 4])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [None, 2])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    path = tmp_path / "net.onnx"
    opset = [helper.make_opsetid("", 17)]
    path.write_bytes(
        helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()
    )
    run = genlabel_robust.audit(
        path,
        _rows(),
        np.arange(80) % 2,
        attacks="sign-bisect",
        checks="off",
        classes=[0, 1],
        out=str(tmp_path / "run"),
    )
    assert _moves(run) == [None, None, "whole", None]
