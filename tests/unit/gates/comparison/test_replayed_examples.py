from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from genlabel_robust.gates.comparison.replayed_examples import broken_by_replay
from genlabel_robust.runs.cells.cell import CellResult
from genlabel_robust.runs.cells.panel import Panel

Make = Callable[..., CellResult]
INF = np.inf


class Threshold:
    """Predicts class 1 if the first feature is above ``at``; all rows here have class 0."""

    def __init__(self, at: float) -> None:
        self.at, self.asked = at, 0

    def predict(self, x: np.ndarray) -> np.ndarray:
        assert np.isfinite(x).all()
        self.asked += len(x)
        return (x[:, 0] > self.at).astype(np.int64)


def planted(make_result: Make) -> CellResult:
    """Rows 0-2 broken at 0.05, 0.1 and 0.2; row 3 wrong; row 4 broken by the second attack."""
    adversarial = np.full((2, 5, 2), np.nan)
    adversarial[0, :3] = [[0.4, 0], [0.6, 0], [0.9, 0]]
    adversarial[1, 4] = [0.7, 0]
    return make_result(
        [[0.05, 0.1, 0.2, 0, INF], [INF, INF, INF, 0, 0.08]], adversarial=adversarial
    )


def candidate(make_result: Make, wrong: tuple[int, ...] = ()) -> CellResult:
    return make_result([[0 if i in wrong else INF for i in range(5)]])


def test_what_broke_the_baseline_within_the_budget_and_breaks_the_candidate_counts(
    make_result: Make,
) -> None:
    model = Threshold(0.5)
    broken = broken_by_replay(
        Panel([planted(make_result)]), Panel([candidate(make_result)]), lambda _: model, 0.1
    )
    # row 0: 0.4 is class 0 to the candidate; row 2: beyond the budget; row 3: no example
    assert broken.tolist() == [[False, True, False, False, True]]
    assert model.asked == 3


def test_what_the_candidate_gets_wrong_anyway_is_not_asked(make_result: Make) -> None:
    model = Threshold(0.0)
    broken = broken_by_replay(
        Panel([planted(make_result)]),
        Panel([candidate(make_result, (1, 3))]),
        lambda _: model,
        0.1,
    )
    assert broken.tolist() == [[True, False, False, False, True]]


def test_seeds_meet_those_of_their_own_number_counted_around(make_result: Make) -> None:
    other = make_result([[INF] * 5, [INF] * 5])
    baseline = Panel([planted(make_result), other])
    asked: list[int] = []

    def model(number: int) -> Threshold:
        asked.append(number)
        return Threshold(0.5)

    broken = broken_by_replay(baseline, Panel([candidate(make_result)] * 3), model, 0.1)
    assert asked == [0, 2]
    assert broken.sum(axis=1).tolist() == [2, 0, 2]


def test_a_baseline_that_nothing_broke_replays_nothing(make_result: Make) -> None:
    def never(number: int) -> Threshold:
        pytest.fail("no model is needed")

    calm = make_result([[INF, INF]])
    assert not broken_by_replay(Panel([calm]), Panel([calm]), never, 0.1).any()
