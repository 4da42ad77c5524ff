from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from sklearn.ensemble import RandomForestClassifier

from genlabel_robust.data.task import Scaling
from genlabel_robust.gates.comparison.same_model import weights_digest
from genlabel_robust.models.model import SklearnModel
from genlabel_robust.runs.folder.weights import weights_file

WEIGHTS = {"0.weight": np.eye(3, dtype=np.float32), "0.bias": np.zeros(3, dtype=np.float32)}


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    save_file(WEIGHTS, tmp_path / "plain.safetensors", {"cell": "one"})
    return tmp_path / "plain.safetensors"


def test_what_the_file_says_of_the_weights_does_not_count(plain: Path, tmp_path: Path) -> None:
    save_file(dict(reversed(WEIGHTS.items())), tmp_path / "x.safetensors", {"cell": "other"})
    assert weights_digest(tmp_path / "x.safetensors") == weights_digest(plain)


@pytest.mark.parametrize(
    "changed",
    [
        {"0.weight": np.nextafter(WEIGHTS["0.weight"], np.float32(2))},
        {"0.weight": WEIGHTS["0.weight"].reshape(1, 9)},
        {"0.weight": WEIGHTS["0.weight"].astype(np.float64)},
        {"1.bias": WEIGHTS["0.bias"]},
    ],
)
def test_the_last_bit_of_a_weight_counts(
    plain: Path, tmp_path: Path, changed: dict[str, np.ndarray]
) -> None:
    save_file({**WEIGHTS, **changed}, tmp_path / "x.safetensors")
    assert weights_digest(tmp_path / "x.safetensors") != weights_digest(plain)


def forest(path: Path, seed: int) -> Path:
    x = np.random.default_rng(0).random((40, 3))
    trees = RandomForestClassifier(3, random_state=seed).fit(x, x[:, 0] > 0.5)
    suffix, content = weights_file(
        SklearnModel(trees, Scaling("range", np.zeros(3), np.ones(3)), 2), {}
    )
    path.with_suffix(suffix).write_bytes(content)
    return path.with_suffix(suffix)


def test_the_same_forest_trained_twice_is_identical_and_another_is_not(tmp_path: Path) -> None:
    one, two, other = (
        weights_digest(forest(tmp_path / name, seed))
        for name, seed in (("one", 0), ("two", 0), ("other", 1))
    )
    assert one == two
    assert one != other
