"""The operator ``TreeEnsemble`` of ai.onnx.ml 5, against onnxruntime."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genlabel_robust.model_files.reading import Permission, read_model_file
from genlabel_robust.models.structures.checked import checked_structure
from genlabel_robust.structure import NoStructure

from .conftest import Agrees, Make

pytest.importorskip("onnxruntime")
onnx = pytest.importorskip("onnx")


def exported(targets: int, seed: int, **changed: Any) -> Any:
    """Draw trees of one to seven nodes with all comparison modes, and return their model."""
    rng = np.random.default_rng(seed)
    told: dict[str, list[Any]] = {
        name: []
        for name in (
            "modes",
            "featureids",
            "splits",
            "truenodeids",
            "falsenodeids",
            "trueleafs",
            "falseleafs",
            "missing_value_tracks_true",
        )
    }
    leaves: list[int] = []
    roots = []
    for _ in range(5):
        first, count = len(told["modes"]), int(rng.integers(1, 8))
        roots.append(first)
        # each node but the first hangs below the one that was made before it
        for i in range(count):
            told["modes"].append(int(rng.integers(6)))
            told["featureids"].append(int(rng.integers(3)))
            told["splits"].append(float(rng.integers(-2, 3)))
            told["missing_value_tracks_true"].append(int(rng.integers(2)))
            sides = ["true", "false"] if rng.random() < 0.5 else ["false", "true"]
            inner = i + 1 < count
            told[f"{sides[0]}leafs"].append(int(not inner))
            told[f"{sides[0]}nodeids"].append(first + i + 1 if inner else len(leaves))
            if not inner:
                leaves.append(int(rng.integers(targets)))
            told[f"{sides[1]}leafs"].append(1)
            told[f"{sides[1]}nodeids"].append(len(leaves))
            leaves.append(int(rng.integers(targets)))
    tensor = onnx.numpy_helper.from_array
    attributes: dict[str, Any] = {f"nodes_{name}": values for name, values in told.items()}
    attributes |= {
        "tree_roots": roots,
        "n_targets": targets,
        "leaf_targetids": leaves,
        "nodes_splits": tensor(np.array(told["splits"], dtype=np.float32)),
        "nodes_modes": tensor(np.array(told["modes"], dtype=np.uint8)),
        "leaf_weights": tensor(rng.normal(size=len(leaves)).astype(np.float32)),
        **changed,
    }
    node = onnx.helper.make_node(
        "TreeEnsemble", ["x"], ["scores"], domain="ai.onnx.ml", **attributes
    )
    info = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        [node],
        "trees",
        [info("x", onnx.TensorProto.FLOAT, [None, 3])],
        [info("scores", onnx.TensorProto.FLOAT, [None, targets])],
    )
    opsets = [onnx.helper.make_opsetid("", 17), onnx.helper.make_opsetid("ai.onnx.ml", 5)]
    proto = onnx.helper.make_model(graph, opset_imports=opsets, ir_version=10)
    return read_model_file(Path("model.onnx"), proto.SerializeToString(), Permission()).model


def rows(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    x = rng.integers(-3, 4, size=(80, 3)).astype(np.float64)
    x[rng.random(x.shape) < 0.1] = np.nan
    return x


@pytest.mark.parametrize(("targets", "aggregate"), [(1, 1), (2, 1), (3, 0), (3, 1)])
def test_the_operator_is_its_structure(
    targets: int, aggregate: int, made: Make, agrees: Agrees
) -> None:
    for seed in range(6):
        x = rows(seed)
        model = exported(targets, seed, aggregate_function=aggregate)
        agrees(*made(model, x[:60], x, list(range(max(targets, 2)))))


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"aggregate_function": 3}, "the ONNX model takes the least or the largest of its trees"),
        ({"post_transform": 1}, "the ONNX model's trees do not give its scores as they are"),
    ],
)
def test_what_is_no_plain_sum_has_no_structure(
    changed: dict[str, int], why: str, made: Make
) -> None:
    x = rows(0)
    model, space, known = made(exported(3, 0, **changed), x[:60], x, [0, 1, 2])
    found = checked_structure(model, space, known.x)
    assert isinstance(found, NoStructure)
    assert found.reason == why
