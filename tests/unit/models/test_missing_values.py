"""Trained models with missing values: their inputs, gradients and structures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from genlabel_robust.core.errors import DataError
from genlabel_robust.core.seeds import generator
from genlabel_robust.data.scaling import fills_array, stored_scaling
from genlabel_robust.data.task import Scaling
from genlabel_robust.model_files.reading import Permission, read_model_file
from genlabel_robust.models.model import SklearnModel, TorchModel
from genlabel_robust.models.nets.chain import LOGISTIC, MLP, Chain
from genlabel_robust.models.structures.checked import checked_structure
from genlabel_robust.runs.folder.stored_run import StoredCell
from genlabel_robust.runs.folder.weights import read_model, weights_file
from genlabel_robust.structure import Affine, ReluNet
from genlabel_robust.threat.space import AttackSpace

#: A number, one that can be missing with its mark, and a level.
D, FILL = 4, 7.0
SCALING = Scaling(
    "made", np.array([1.0, 5.0, 0.25, 0.5]), np.array([2.0, 3.0, 0.4, 0.5]), ((1, FILL),)
)


#: What is stored of the cell of a model.
ABOUT = StoredCell("key", "made", "logistic", "vanilla", 0, {"architecture": {}})


def rows(n: int = 40, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    raw = rng.normal(4, 3, (n, D))
    raw[:, 2:] = rng.integers(2, size=(n, 2))
    return raw


def net(chain: Chain, seed: int = 0) -> TorchModel:
    layers = chain.initialise(D, 2, generator(seed, "net"))
    return TorchModel(chain.module(layers).eval(), SCALING, 2)


def space() -> AttackSpace:
    low, high = np.array([-9.0, -9.0, 0.0, 0.0]), np.array([15.0, 15.0, 1.0, 1.0])
    return AttackSpace(np.zeros(D), np.ones(D), low, high, np.array([True, True, False, False]))


def test_a_missing_value_is_shown_as_its_fill_whatever_stands_there() -> None:
    raw = rows()
    other = raw.copy()
    other[raw[:, 2] == 1, 1] = -1e6
    np.testing.assert_array_equal(SCALING.apply(raw), SCALING.apply(other))
    shown = SCALING.apply(raw)[raw[:, 2] == 1, 1]
    np.testing.assert_allclose(shown, (FILL - 5) / 3, rtol=1e-6)
    assert raw[0, 1] != FILL


def test_without_values_that_can_be_missing_nothing_is_replaced() -> None:
    plain = replace(SCALING, fills=())
    raw = rows()
    expected = ((raw - plain.offset) / plain.scale).astype(np.float32)
    np.testing.assert_array_equal(plain.apply(raw), expected)


@pytest.mark.parametrize("chain", [LOGISTIC, MLP])
def test_gradients_are_those_of_what_the_model_is_shown(chain: Chain) -> None:
    model, raw = net(chain), rows(12)

    def relaxed(points: np.ndarray) -> np.ndarray:
        """Return the first scores, with values interpolated between themselves and their fill."""
        gone = points[:, 2]
        shown = points.copy()
        shown[:, 1] = (1 - gone) * points[:, 1] + gone * FILL
        x = torch.from_numpy((shown - SCALING.offset) / SCALING.scale)
        return np.asarray(model.module.double()(x).detach())[:, 0]

    _, slope = model.vjp(raw, lambda scores: np.eye(2)[np.zeros(len(scores), dtype=int)])
    for feature in range(D):
        step = np.zeros(D)
        step[feature] = 1e-6
        numeric = (relaxed(raw + step) - relaxed(raw - step)) / 2e-6
        np.testing.assert_allclose(slope[:, feature], numeric, atol=2e-4)
    model.module.float()
    assert (slope[raw[:, 2] == 1, 1] == 0).all()


@pytest.mark.parametrize(("chain", "kind"), [(LOGISTIC, Affine), (MLP, ReluNet)])
def test_the_structure_of_a_net_has_the_models_scores(
    chain: Chain, kind: type[Affine | ReluNet]
) -> None:
    model = net(chain)
    found = checked_structure(model, space(), rows())
    assert isinstance(found, kind), found
    others = rows(200, 1)
    np.testing.assert_allclose(found.scores(others), model.scores(others), atol=1e-4)


def test_the_structure_of_an_estimator_has_the_models_verdicts() -> None:
    raw = rows(200)
    y = (SCALING.apply(raw).sum(axis=1) > 0).astype(int)
    fitted = LogisticRegression().fit(SCALING.apply(raw), y)
    model = SklearnModel(fitted, SCALING, 2)
    found = checked_structure(model, space(), raw)
    assert isinstance(found, Affine), found
    others = rows(300, 1)
    np.testing.assert_array_equal(found.scores(others).argmax(axis=1), model.predict(others))


@pytest.mark.parametrize("kind", ["net", "estimator"])
def test_weights_keep_the_fills(kind: str, tmp_path: Path) -> None:
    raw = rows()
    model: TorchModel | SklearnModel = net(LOGISTIC)
    if kind == "estimator":
        labels = np.arange(len(raw)) % 2
        model = SklearnModel(LogisticRegression().fit(SCALING.apply(raw), labels), SCALING, 2)
    suffix, content = weights_file(model, {})
    (tmp_path / f"m{suffix}").write_bytes(content)
    again = read_model(tmp_path / f"m{suffix}", ABOUT, D, 2)
    np.testing.assert_array_equal(again.scores(raw), model.scores(raw))
    audited = read_model_file(tmp_path / f"m{suffix}", content, Permission()).model
    np.testing.assert_array_equal(audited.scores(raw), model.scores(raw))
    plain = replace(model, scaling=replace(SCALING, fills=()))
    assert b"fills" in content
    assert b"fills" not in weights_file(plain, {})[1]


@pytest.mark.parametrize("bad", [[[3.0, 1.0]], [[-1.0, 1.0]], [[0.5, 1.0]], [[1.0, np.nan]], [1.0]])
def test_fills_of_no_features_are_refused(bad: list[object]) -> None:
    with pytest.raises(DataError, match="are of no features among 4"):
        stored_scaling(SCALING.offset, SCALING.scale, np.array(bad))
    known = stored_scaling(SCALING.offset, SCALING.scale, fills_array(SCALING))
    assert known.fills == SCALING.fills
