from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from genlabel_robust.certify.affine.certify import certify_affine
from genlabel_robust.data.rows import rows_of
from genlabel_robust.model_files.onnx.file import read
from genlabel_robust.model_files.reading import Permission
from genlabel_robust.models.as_model import as_model
from genlabel_robust.models.structures.checked import checked_structure
from genlabel_robust.structure import Affine, NoStructure
from genlabel_robust.threat.space import AttackSpace


def certified(inside: Any, x: np.ndarray, k: int) -> Any:
    model = as_model(inside, rows_of(x), tuple(range(k)))
    low, d = x.min(axis=0), x.shape[1]
    space = AttackSpace(low, x.max(axis=0) - low, np.zeros(d), np.ones(d), np.ones(d, dtype=bool))
    found = checked_structure(model, space, x)
    assert isinstance(found, Affine), found
    return certify_affine(found, model, space, x[:20], model.predict(x[:20]), "l2", (0.1,))


@pytest.mark.parametrize(
    ("core", "k"),
    [
        (LogisticRegression(), 2),
        (LogisticRegression(), 3),
        # of three classes each sum has a sigmoid of its own, which is not followed
        (SGDClassifier(loss="log_loss", random_state=0), 2),
    ],
)
def test_a_linear_classifier_and_its_export_are_certified_alike(core: Any, k: int) -> None:
    x, y = make_classification(200, 5, n_informative=4, n_redundant=0, n_classes=k, random_state=0)
    x = x.astype(np.float32).astype(np.float64)
    fitted = make_pipeline(StandardScaler(), core).fit(x, y)
    graph = to_onnx(fitted, x[:1].astype(np.float32), options={"zipmap": False}, target_opset=17)
    twin = read(Path("linear.onnx"), graph.SerializeToString(), Permission()).model
    own, other = certified(fitted, x, k), certified(twin, x, k)
    assert np.isfinite(own.upper).sum() > 15
    np.testing.assert_allclose(own.upper, other.upper, rtol=1e-3)
    np.testing.assert_allclose(own.lower, other.lower, rtol=1e-3)


@pytest.mark.parametrize(
    ("label", "reason"),
    [
        # a threshold so near 0.5 that no compared row need lie between the two
        ("Greater", "its labels come from a comparison"),
        ("ArgMin", "the model does not predict the class of its largest score for the row ["),
        ("ArgMax", None),
    ],
)
def test_labels_beside_scores_decide_whether_there_is_a_structure(
    label: str, reason: str | None
) -> None:
    x = np.random.default_rng(0).normal(size=(60, 2)).astype(np.float32).astype(np.float64)
    nodes = [
        helper.make_node("Gemm", ["x", "w"], ["s"]),
        helper.make_node("Softmax", ["s"], ["p"]),
        helper.make_node("Gather", ["p", "one"], ["last"], axis=1),
        helper.make_node("Greater", ["last", "at"], ["above"]),
        helper.make_node("Cast", ["above"], ["Greater"], to=TensorProto.INT64),
        helper.make_node("ArgMax", ["p"], ["ArgMax"], axis=1, keepdims=0),
        helper.make_node("ArgMin", ["p"], ["ArgMin"], axis=1, keepdims=0),
    ]
    weights = {
        "w": np.array([[1, -1], [2, 0.5]], dtype=np.float32),
        "one": np.array(1),
        "at": np.float32(0.5000001),
    }
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 2])],
        [
            helper.make_tensor_value_info(label, TensorProto.INT64, ["n"]),
            helper.make_tensor_value_info("p", TensorProto.FLOAT, ["n", 2]),
        ],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    opset = [helper.make_opsetid("", 20)]
    content = helper.make_model(graph, opset_imports=opset, ir_version=9).SerializeToString()
    model = as_model(read(Path("m.onnx"), content, Permission()).model, rows_of(x), (0, 1))
    d = x.shape[1]
    low, width = x.min(axis=0), np.ptp(x, axis=0)
    space = AttackSpace(low, width, np.zeros(d), np.ones(d), np.ones(d, dtype=bool))

    found = checked_structure(model, space, x)

    if reason is None:
        assert not isinstance(found, NoStructure)
    else:
        assert isinstance(found, NoStructure)
        assert reason in found.reason
