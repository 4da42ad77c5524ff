"""Nets read from torch, scikit-learn and ONNX give the library's scores and verdicts."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from sklearn.datasets import make_classification
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn

from genlabel_robust.certify.nets import certify_net
from genlabel_robust.data.rows import rows_of, task_of_rows
from genlabel_robust.data.task import Scaling
from genlabel_robust.model_files.onnx.file import read
from genlabel_robust.model_files.reading import Permission
from genlabel_robust.models.as_model import as_model
from genlabel_robust.models.model import Model, TorchModel
from genlabel_robust.models.nets.chain import MLP
from genlabel_robust.models.structures.checked import checked_structure
from genlabel_robust.structure import Affine, NoStructure, ReluNet
from genlabel_robust.threat.box_of_task import attack_space
from genlabel_robust.threat.space import AttackSpace
from genlabel_robust.threat.threat_model import ThreatModel

RNG = np.random.default_rng(0)
D = 5


def data(k: int) -> tuple[np.ndarray, np.ndarray]:
    x, y = make_classification(
        90, D, n_informative=4, n_redundant=0, n_classes=k, n_clusters_per_class=1, random_state=0
    )
    return 10 * x.astype(np.float32).astype(np.float64) + 3, y


def given(inside: Any, k: int) -> tuple[Model, AttackSpace, np.ndarray]:
    x, _ = data(k)
    rows = rows_of(x, x)
    model = as_model(inside, rows, tuple(range(k)))
    task = task_of_rows("made", rows, np.zeros(len(x), dtype=int), tuple(range(k)))
    return model, attack_space(task, ThreatModel("linf", (0.1,))), rows.x


def structure(inside: Any, k: int) -> Any:
    return checked_structure(*given(inside, k))


def module(k: int, *last: nn.Module) -> nn.Sequential:
    """Return a net in eval mode with all supported layers, and a batch norm that matters."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        norm, inner = nn.BatchNorm1d(D), nn.BatchNorm1d(7)
        for part in (norm, inner):
            part.running_mean += 3
            part.running_var *= 40
        return nn.Sequential(
            nn.Flatten(),
            norm,
            nn.Linear(D, 8),
            nn.Linear(8, 7, bias=False),
            inner,
            nn.ReLU(),
            nn.Dropout(),
            nn.Sequential(nn.Identity(), nn.Linear(7, 6), nn.ReLU(), nn.ReLU()),
            nn.Linear(6, k),
            *last,
        ).eval()


def exported(net: nn.Module) -> Any:
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of torch, about its own older exporter
        torch.onnx.export(
            net,
            (torch.zeros(2, D),),
            file,
            dynamo=False,
            input_names=["x"],
            dynamic_axes={"x": {0: "n"}},
        )
    return read(Path("net.onnx"), file.getvalue(), Permission()).model


def test_a_recipe_s_own_net_is_read() -> None:
    offset, scale = np.full(D, 3.0), np.full(D, 20.0)
    net = MLP.with_widths((9, 8)).initialise(D, 3, RNG)
    model = TorchModel(MLP.module(net), Scaling("range", offset, scale), 3)
    x, _ = data(3)
    found = checked_structure(
        model,
        AttackSpace(offset, scale, np.full(D, -2.0), np.full(D, 2.0), np.ones(D, dtype=bool)),
        x,
    )
    assert isinstance(found, ReluNet)
    np.testing.assert_allclose(found.scores(x), model.scores(x), atol=1e-5)


@pytest.mark.parametrize("last", [(), (nn.Softmax(1),), (nn.LogSoftmax(dim=-1),)])
def test_a_module_is_read_with_its_batch_norms_folded(last: tuple[nn.Module, ...]) -> None:
    net = module(3, *last)
    found = structure(net, 3)
    assert isinstance(found, ReluNet), found
    assert [w.shape for w in found.weights] == [(7, D), (6, 7), (3, 6)]
    x, _ = data(3)
    with torch.no_grad():
        logits = net[: len(net) - len(last)](torch.from_numpy(x).float()).double().numpy()
    np.testing.assert_allclose(found.scores(x), logits, atol=1e-4)


@pytest.mark.parametrize("last", [(), (nn.Sigmoid(),)])
def test_one_output_is_read_as_the_scores_of_two_classes(last: tuple[nn.Module, ...]) -> None:
    net = module(1, *last)
    for inside in (net, exported(net)):
        found = structure(inside, 2)
        assert isinstance(found, ReluNet), found
        x, _ = data(2)
        with torch.no_grad():
            logits = net[: len(net) - len(last)](torch.from_numpy(x).float()).double().numpy()
        np.testing.assert_allclose(found.scores(x)[:, 1:], logits, atol=1e-4)
        assert (found.scores(x)[:, 0] == 0).all()


def test_rounding_of_a_folded_layer_is_that_of_its_parts() -> None:
    found = structure(module(3), 3)
    (size, constant), *_ = found.rounding_sizes()
    # the product of absolute values, and more: what cancels in the product rounds in the model
    assert (size > 8 * np.abs(found.weights[0])).all()
    assert (constant > 8 * np.abs(found.biases[0])).all()


@pytest.mark.parametrize("k", [2, 3])
def test_a_net_of_scikit_learn_is_certified_as_its_export_is(k: int) -> None:
    x, y = data(k)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it need not have converged
        net = make_pipeline(StandardScaler(), MLPClassifier((8, 6), max_iter=80, random_state=0))
        net.fit(x, y)
    graph = to_onnx(net, x[:1].astype(np.float32), options={"zipmap": False}, target_opset=17)
    twin = read(Path("net.onnx"), graph.SerializeToString(), Permission()).model
    results = []
    for inside in (net, twin):
        model, space, raw = given(inside, k)
        found = checked_structure(model, space, raw)
        assert isinstance(found, ReluNet), found
        labels = model.predict(raw[:12])
        results.append(certify_net(found, model, space, raw[:12], labels, "linf", (0.03, 0.1), 500))
    np.testing.assert_array_equal(results[0].lower, results[1].lower)
    np.testing.assert_array_equal(np.isinf(results[0].upper), np.isinf(results[1].upper))
    assert 0 < np.isinf(results[0].upper).sum() < 12


def test_a_module_is_certified_as_its_export_is() -> None:
    net, results = module(3), []
    for inside in (net, exported(net)):
        model, space, raw = given(inside, 3)
        found = checked_structure(model, space, raw)
        assert isinstance(found, ReluNet), found
        labels = model.predict(raw[:8])
        results.append(certify_net(found, model, space, raw[:8], labels, "l2", (0.1, 0.3), 500))
    np.testing.assert_array_equal(results[0].lower, results[1].lower)
    np.testing.assert_allclose(results[0].upper, results[1].upper, rtol=1e-3)


def rows_of_four_dimensions() -> bytes:
    """Return a net that takes (1, 1, 1, D), as the ACAS Xu networks do."""
    weights = {
        "m": RNG.normal(size=(1, 1, 1, D)),
        "w1": RNG.normal(size=(D, 6)),
        "b1": RNG.normal(size=6),
        "w2": RNG.normal(size=(6, 3)),
    }
    nodes = [
        helper.make_node("Sub", ["x", "m"], ["s"]),
        helper.make_node("Flatten", ["s"], ["f"]),
        helper.make_node("MatMul", ["f", "w1"], ["a"]),
        helper.make_node("Add", ["a", "b1"], ["z"]),
        helper.make_node("Relu", ["z"], ["h"]),
        helper.make_node("MatMul", ["h", "w2"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1, 1, D])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 3])],
        [numpy_helper.from_array(v.astype(np.float32), name) for name, v in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def test_an_onnx_input_of_more_dimensions_of_one_is_rows_with_gradients() -> None:
    model, space, raw = given(
        read(Path("n.onnx"), rows_of_four_dimensions(), Permission()).model, 3
    )
    found = checked_structure(model, space, raw)
    assert isinstance(found, ReluNet), found
    scores, gradient = model.vjp(raw[:4], lambda s: np.eye(3)[np.zeros(len(s), dtype=int)])
    assert gradient.shape == (4, D)
    step = 1e-3 * np.eye(D)[0]
    ahead = found.scores(raw[:4] + step)[:, 0] - found.scores(raw[:4] - step)[:, 0]
    np.testing.assert_allclose(gradient[:, 0], ahead / 2e-3, rtol=1e-3)
    np.testing.assert_allclose(scores, found.scores(raw[:4]), rtol=1e-4)


def test_linear_layers_alone_are_an_affine_structure() -> None:
    with torch.random.fork_rng():
        net = nn.Sequential(nn.Linear(D, 4), nn.Linear(4, 3)).eval()
    for inside in (net, exported(net)):
        assert isinstance(structure(inside, 3), Affine)


class Odd(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.stack([x[:, 0], -x[:, 0], 0 * x[:, 1]], dim=1)


@pytest.mark.parametrize(
    ("last", "told"),
    [
        ((nn.GELU(), nn.Linear(3, 3)), "GELU"),
        ((Odd(),), "Odd"),
        ((nn.Sigmoid(),), "several sigmoids"),
        (
            (nn.BatchNorm1d(3, track_running_stats=False), nn.Identity()),
            "batch norm takes its mean",
        ),
    ],
)
def test_a_module_that_is_something_else_has_no_structure_and_says_why(
    last: tuple[nn.Module, ...], told: str
) -> None:
    model, space, raw = given(module(3), 3)
    object.__setattr__(model, "module", module(3, *last))
    found = checked_structure(model, space, raw)
    assert isinstance(found, NoStructure)
    assert told in found.reason


def test_a_module_with_a_hook_has_no_structure() -> None:
    net = module(3)
    net[2].register_forward_hook(lambda *_: None)
    found = structure(net, 3)
    assert isinstance(found, NoStructure)
    assert "hooks" in found.reason


def test_a_net_whose_activation_is_no_relu_has_no_structure() -> None:
    x, y = data(3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        net = MLPClassifier((4,), activation="tanh", max_iter=5).fit(x, y)
    found = structure(net, 3)
    assert isinstance(found, NoStructure)
    assert "'tanh'" in found.reason
