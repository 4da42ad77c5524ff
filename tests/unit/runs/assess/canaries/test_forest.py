"""The margins of the forest canary, compared with points of its box and single trees."""

from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.attacks.lattice_search import LatticeSearch
from genlabel_robust.core.seeds import generator
from genlabel_robust.runs.assess.attacking import attack_model
from genlabel_robust.runs.assess.canaries.forest import PlainForest, forest_canary, forest_distance
from genlabel_robust.threat.threat_model import ThreatModel, distance

NORMS = ["linf", "l2", "l1"]


def stump(threshold: float) -> PlainForest:
    """Return a stump: class 0 up to a threshold of the first of two features, class 1 beyond."""
    return PlainForest(
        np.array([[0]]), np.array([[threshold]]), np.array([[[1.0, 0.0], [0.0, 1.0]]])
    )


@pytest.mark.parametrize("norm", NORMS)
def test_the_margin_of_a_stump_is_the_gap_to_its_threshold(norm: str) -> None:
    raw = np.array([[0.1, 0.5], [0.4, 0.9], [0.41, 0.0], [1.0, 1.0]])
    model = stump(0.4)
    assert model.predict(raw).tolist() == [0, 0, 1, 1]
    found = forest_distance(model, raw, norm)
    np.testing.assert_allclose(found, [0.3, 0.0, 0.01, 0.6], atol=1e-12)


@pytest.mark.parametrize(("norm", "far"), [("linf", 0.4), ("l2", 0.5), ("l1", 0.7)])
def test_the_margin_of_a_corner_is_that_of_its_norm(norm: str, far: float) -> None:
    """Class 1 only where both features are beyond 0.5: the two stumps must agree."""
    leaves = np.array([[[1.0, 0.0], [0.4, 0.6]], [[1.0, 0.0], [0.4, 0.6]]])
    both = PlainForest(np.array([[0], [1]]), np.array([[0.5], [0.5]]), leaves)
    raw = np.array([[0.2, 0.1], [0.9, 0.9]])
    assert both.predict(raw).tolist() == [0, 1]
    np.testing.assert_allclose(forest_distance(both, raw, norm), [far, 0.4])


def test_a_forest_of_one_answer_has_no_margin() -> None:
    constant = PlainForest(np.array([[0]]), np.array([[0.5]]), np.array([[[1.0, 0.0]] * 2]))
    assert forest_distance(constant, np.array([[0.3]]), "linf").tolist() == [np.inf]


@pytest.mark.parametrize("norm", NORMS)
def test_random_points_nearer_than_the_margin_break_nothing(norm: str) -> None:
    canary = forest_canary(norm, "scores")
    own = canary.model.predict(canary.raw)
    rng = generator(0, "points")
    for x, label, exact in zip(canary.raw, own, canary.exact, strict=True):
        inside = rng.uniform(-1.0, 1.0, (2_000, len(x)))
        inside *= exact * (1 - 1e-9) / distance(inside, norm)[:, None]
        assert (canary.model.predict(np.clip(x + inside, 0.0, 1.0)) == label).all()


@pytest.mark.parametrize("norm", NORMS)
def test_an_attack_that_searches_thresholds_meets_the_margins_and_none_is_below(norm: str) -> None:
    canary = forest_canary(norm, "scores")
    y = canary.model.predict(canary.raw)
    found = attack_model(
        canary.model,
        canary.space,
        canary.raw,
        y,
        canary.pool,
        ThreatModel(norm, (float(np.median(canary.exact)),)),
        (LatticeSearch(),),
        0,
    ).nearest
    assert (found >= canary.exact * (1 - 1e-9)).all()
    assert np.median((found / canary.exact)[np.isfinite(found)]) < 1.001


def test_the_forest_is_the_same_in_every_run_and_has_all_classes() -> None:
    one, other = (forest_canary("linf", "scores") for _ in range(2))
    np.testing.assert_array_equal(one.exact, other.exact)
    assert min(np.bincount(one.model.predict(one.raw), minlength=3)) >= 5


def test_the_forest_answers_as_its_trees_do_one_by_one() -> None:
    forest = forest_canary("linf", "scores").model
    assert isinstance(forest, PlainForest)
    raw = generator(3, "rows").uniform(0.0, 1.0, (20, 6))
    for x, scores in zip(raw, forest.scores(raw), strict=True):
        said = []
        for feature, threshold, leaves in zip(
            forest.feature, forest.threshold, forest.leaves, strict=True
        ):
            node = 1 if x[feature[0]] <= threshold[0] else 2
            right = x[feature[node]] > threshold[node]
            said.append(leaves[2 * (node - 1) + int(right)])
        np.testing.assert_allclose(scores, np.mean(said, axis=0))
