"""Trees in ONNX graphs, and the nodes before them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Binarizer, MaxAbsScaler, MinMaxScaler, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from genlabel_robust.model_files.reading import Permission, read_model_file
from genlabel_robust.models.structures.checked import checked_structure
from genlabel_robust.structure import NoStructure

from .conftest import Agrees, Make

pytest.importorskip("onnxruntime")
onnx = pytest.importorskip("onnx")
skl2onnx = pytest.importorskip("skl2onnx")


def _columns() -> ColumnTransformer:
    parts = [("s", StandardScaler(), [0, 2]), ("b", Binarizer(), [1])]
    return ColumnTransformer(parts, remainder="passthrough")


MODELS: dict[str, Callable[[], Any]] = {
    "tree": lambda: DecisionTreeClassifier(max_depth=4, random_state=0),
    "forest": lambda: RandomForestClassifier(6, random_state=0),
    "boosting": lambda: GradientBoostingClassifier(n_estimators=6, random_state=0),
    "scaled": lambda: make_pipeline(
        SimpleImputer(),
        StandardScaler(),
        MinMaxScaler(),
        MaxAbsScaler(),
        GradientBoostingClassifier(n_estimators=6, random_state=0),
    ),
    "columns": lambda: make_pipeline(_columns(), RandomForestClassifier(4, random_state=0)),
}


@pytest.mark.nightly(every=2)
@pytest.mark.parametrize(
    ("name", "classes"),
    [("tree", 3), ("forest", 2), ("boosting", 2), ("scaled", 3), ("columns", 2)],
)
def test_an_exported_model_is_its_structure(
    name: str, classes: int, made: Make, agrees: Agrees
) -> None:
    x, y = _rows(classes)
    if name == "scaled":
        x[np.random.default_rng(1).random(x.shape) < 0.1] = np.nan
    model = MODELS[name]().fit(x, y)
    agrees(*made(_exported(skl2onnx.to_onnx(model, x[:1].astype(np.float32))), x[:60], x, y))


@pytest.mark.parametrize("mode", ["LEQ", "LT", "GT", "GTE", "EQ", "NEQ"])
@pytest.mark.parametrize("missing", [0, 1])
def test_every_way_to_branch_is_followed(
    mode: str, missing: int, made: Make, agrees: Agrees
) -> None:
    rng = np.random.default_rng(0)
    x = rng.integers(-3, 4, size=(80, 2)).astype(np.float64)
    x[rng.random(x.shape) < 0.1] = np.nan
    modes = [f"BRANCH_{mode}", "LEAF", f"BRANCH_{mode}", "LEAF", "LEAF"]
    node = onnx.helper.make_node(
        "TreeEnsembleClassifier",
        ["x"],
        ["label", "scores"],
        domain="ai.onnx.ml",
        nodes_treeids=[0] * 5,
        nodes_nodeids=list(range(5)),
        nodes_featureids=[0, 0, 1, 0, 0],
        nodes_values=[1.0, 0.0, -1.0, 0.0, 0.0],
        nodes_modes=modes,
        nodes_truenodeids=[1, 0, 3, 0, 0],
        nodes_falsenodeids=[2, 0, 4, 0, 0],
        nodes_missing_value_tracks_true=[missing, 0, 1 - missing, 0, 0],
        class_treeids=[0] * 3,
        class_nodeids=[1, 3, 4],
        class_ids=[0] * 3,
        class_weights=[-1.0, 0.5, 2.0],
        classlabels_int64s=[0, 1],
        post_transform="NONE",
    )
    tensor = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        [node],
        "trees",
        [tensor("x", onnx.TensorProto.FLOAT, [None, 2])],
        [
            tensor("label", onnx.TensorProto.INT64, [None]),
            tensor("scores", onnx.TensorProto.FLOAT, [None, 2]),
        ],
    )
    opsets = [onnx.helper.make_opsetid("", 17), onnx.helper.make_opsetid("ai.onnx.ml", 3)]
    proto = onnx.helper.make_model(graph, opset_imports=opsets, ir_version=8)

    agrees(*made(_exported(proto), x[:60], x, [0, 1]))


@pytest.mark.parametrize("kind", ["BOOL", "INT8", "UINT8"])
def test_a_cast_that_does_not_keep_the_order_of_values_is_not_read(kind: str, made: Make) -> None:
    # the value of 0 alone is another, and hardly any compared row has it
    x, y = _rows(3)
    x[:, 0] += 10
    model = DecisionTreeClassifier(max_depth=4, random_state=0).fit(x, y)
    proto = skl2onnx.to_onnx(model, x[:1].astype(np.float32), options={"zipmap": False})
    trees = next(n for n in proto.graph.node if n.op_type == "TreeEnsembleClassifier")
    first = proto.graph.input[0].name
    cast = [
        onnx.helper.make_node("Cast", [first], ["kind"], to=getattr(onnx.TensorProto, kind)),
        onnx.helper.make_node("Cast", ["kind"], ["float"], to=onnx.TensorProto.FLOAT),
    ]
    trees.input[0] = "float"
    for node in reversed(cast):
        proto.graph.node.insert(0, node)
    found = checked_structure(*made(_exported(proto), x[:60], x, y)[:2], x)
    assert isinstance(found, NoStructure)
    assert "casts a column to a type that does not keep its order" in found.reason


def _exported(proto: Any) -> Any:
    return read_model_file(Path("model.onnx"), proto.SerializeToString(), Permission()).model


def _rows(classes: int) -> tuple[Any, Any]:
    x = np.random.default_rng(classes).normal(size=(120, 4)).astype(np.float32).astype(np.float64)
    score = x[:, 0] + x[:, 1] ** 2
    return x, np.digitize(score, np.quantile(score, [0.5] if classes == 2 else [0.35, 0.7]))
