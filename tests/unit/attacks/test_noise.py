"""Random points in the ball, on models for which the fraction of broken rows is known."""

from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.attacks.noise import Noise
from genlabel_robust.attacks.verification import verify
from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.threat.threat_model import distance, within


def step(threshold: float):
    """Return scores for class 1 where the first feature is above ``threshold``."""
    return lambda x: np.stack([x[:, 0] <= threshold, x[:, 0] > threshold], axis=1).astype(float)


@pytest.mark.parametrize("draws", [2, 10, 40])
def test_the_share_of_rows_broken_is_what_the_volume_says(draws: int, formula_target) -> None:
    """A draw inside the cube crosses with probability 1/8, a corner of it with 1/2.

    The threshold lies at 3/4 of ε: of the interval [-ε, ε] an eighth is beyond it. The share of
    4,000 rows left by ``draws`` draws deviates by more than 5 standard errors in 1 of 10^6 seeds.
    """
    rows = np.random.default_rng(0).uniform(0.3, 0.7, (4000, 3))
    rows[:, 0] = 0.5
    target = formula_target(step(0.575), rows)
    result = Noise(draws=draws)(target, "linf", 0.1, 0)
    left = float((result.outcome == Outcome.SURVIVED).mean())
    expected = (7 / 8 * 1 / 2) ** (draws / 2)
    assert abs(left - expected) <= 5 * np.sqrt(expected * (1 - expected) / 4000) + 1e-12
    assert (result.queries == draws).all()


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_half_of_the_draws_lie_on_the_edge(norm: str, formula_target) -> None:
    seen = []

    def scores(x: np.ndarray) -> np.ndarray:
        seen.append(x)
        return np.tile([1.0, 0.0], (len(x), 1))

    target = formula_target(scores, np.full((1, 4), 0.5))
    seen.clear()
    Noise(draws=101)(target, norm, 0.2, 0)
    far = distance(np.concatenate(seen) - 0.5, norm)
    assert within(far, 0.2).all()
    # 50 inside, where the edge has probability 0, and 51 on it
    assert np.isclose(far, 0.2, rtol=1e-9).sum() == 51


def test_the_nearest_adversarial_draw_is_returned_and_verification_draws_it_in(
    formula_target,
) -> None:
    target = formula_target(step(0.52), [[0.5, 0.5]])
    attack = Noise()
    result = attack(target, "l2", 0.1, 0)
    asked = float(distance(result.points, "l2")[0])
    # of 1,000 draws one lies much nearer than ε, and none nearer than the boundary
    assert 0.02 <= asked < 0.03
    found, _ = verify(target, attack, result, "l2", 0.1)
    assert 0.02 <= found[0] <= asked


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_draws_in_small_lots_belong_to_the_example(norm: str, formula_target, monkeypatch) -> None:
    for name in ("_NUMBERS", "_AT_ONCE"):
        monkeypatch.setattr(f"genlabel_robust.attacks.noise.{name}", 21)
    target = formula_target(step(0.55), np.random.default_rng(1).uniform(0.3, 0.54, (20, 3)))
    together = Noise(draws=31)(target, norm, 0.1, 4)
    assert (together.queries == 31).all()
    assert len(np.unique(together.outcome)) == 2
    for row in range(20):
        alone = Noise(draws=31)(target.subset(np.array([row])), norm, 0.1, 4)
        assert (alone.points[0] == together.points[row]).all()


def test_a_row_out_of_reach_survives_where_it_was(formula_target) -> None:
    target = formula_target(step(0.7), [[0.5, 0.5]])
    result = Noise()(target, "linf", 0.1, 0)
    assert result.outcome.tolist() == [Outcome.SURVIVED]
    assert (result.points == 0).all()


@pytest.mark.parametrize("draws", [0, 1.5, True])
def test_draws_must_be_a_whole_number(draws) -> None:
    with pytest.raises(ConfigurationError, match="draws is"):
        Noise(draws=draws)
