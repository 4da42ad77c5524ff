from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from genlabel_robust.certify.certificate import Certificate
from genlabel_robust.data.subgroups.grouping import Grouping
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.results.subgroups.subgroup import Subgroup
from genlabel_robust.runs.results.subgroups.subgroups import subgroups
from genlabel_robust.statistics import group_difference, rate

N = 100
RNG = np.random.default_rng(0)
DISTANCES = np.where(np.arange(N) < 60, 0.05, 0.2)
PREDICTIONS = (RNG.random(N) < 0.9).astype(int)
THREE = Grouping("job", ("a", "b", "c"), np.repeat([0, 1, 2], [50, 35, 15]))
TWO = Grouping("sex", ("f", "m"), np.arange(N) % 2)


@pytest.fixture
def panel(result: Callable[..., Any]) -> Panel:
    cell = result(
        {"pgd": tuple(DISTANCES)}, predictions=tuple(PREDICTIONS.tolist()), labels=(1,) * N
    )
    return Panel([cell])


def proved(panel: Panel, lower: np.ndarray) -> Panel:
    (cell,) = panel.results
    known = Certificate(lower, np.full(N, np.inf), np.full((N, 2), np.nan), np.ones(N, int))
    return Panel([replace(cell, certificate=known)])


def of(found: tuple[Subgroup, ...], label: str) -> Subgroup:
    return next(one for one in found if one.label == label)


def test_a_group_has_the_rates_of_its_rows_and_the_difference_to_all_others(panel: Panel) -> None:
    found = subgroups(panel, [THREE], 0.1, attacked=True)
    right = PREDICTIONS == 1
    robust = right & (DISTANCES > 0.1)
    group = of(found, "job=b")
    rows = THREE.codes == 1
    assert group.n_examples == 35
    assert group.clean_accuracy == rate(right[None, rows])
    assert group.robust_accuracy == rate(robust[None, rows])
    assert group.robust_difference is not None
    wanted = group_difference(robust[None, rows], robust[None, ~rows])
    assert group.robust_difference.estimate == wanted.estimate
    assert group.robust_difference.p_value == wanted.p_value


def test_a_group_of_few_rows_says_so_and_nothing_else(panel: Panel) -> None:
    small = of(subgroups(panel, [THREE], 0.1, attacked=True), "job=c")
    assert small == Subgroup("job", "c", 15, reason="15 rows; at least 20 are needed")


def test_a_group_with_too_few_others_has_rates_and_no_difference(panel: Panel) -> None:
    most = Grouping("job", ("a", "b"), np.repeat([0, 1], [95, 5]))
    group = of(subgroups(panel, [most], 0.1, attacked=True), "job=a")
    assert group.robust_accuracy is not None
    assert group.robust_difference is group.clean_difference is None
    assert group.reason == "only 5 other rows: a comparison needs 20"


def test_p_values_are_corrected_for_all_groups_and_two_groups_count_once(panel: Panel) -> None:
    found = subgroups(panel, [THREE, TWO], 0.1, attacked=True)
    differences = {one.label: one.robust_difference for one in found if one.robust_difference}
    assert set(differences) == {"job=a", "job=b", "sex=f", "sex=m"}
    a, b, f, m = (differences[name] for name in ("job=a", "job=b", "sex=f", "sex=m"))
    assert f.p_value == pytest.approx(m.p_value)
    assert f.p_adjusted == m.p_adjusted
    smallest, *_ = sorted((a, b, f), key=lambda one: one.p_value)
    assert smallest.p_adjusted == pytest.approx(min(3 * smallest.p_value, 1.0))


def test_exact_is_a_group_in_which_nothing_is_open_whatever_the_others_are(panel: Panel) -> None:
    # proved where the attack failed, but for the last rows
    lower = np.where(DISTANCES > 0.1, 0.15, 0.0)
    lower[90:] = 0.0
    found = subgroups(proved(panel, lower), [THREE, TWO], 0.1, attacked=True)
    b = of(found, "job=b")
    assert b.open == 0
    assert b.exact_robust_accuracy == b.robust_accuracy
    assert b.certified_accuracy == b.robust_accuracy
    f = of(found, "sex=f")
    assert f.open
    assert f.exact_robust_accuracy is None
    difference = b.robust_difference
    assert difference is not None
    assert difference.least == pytest.approx(difference.estimate.value)
    # the open rows are among the others: were they broken, b would be ahead by so much more
    assert difference.most is not None
    share = (PREDICTIONS[90:] == 1).sum() / 65
    assert difference.most - difference.estimate.value == pytest.approx(share)


def test_without_a_robust_accuracy_groups_have_clean_ones(panel: Panel) -> None:
    group = of(subgroups(panel, [TWO], 0.1, attacked=False), "sex=f")
    assert group.clean_difference is not None
    assert group.robust_accuracy is group.robust_difference is None
    assert group.reason is None


def test_a_group_is_read_back_as_it_was_written(panel: Panel) -> None:
    lower = np.where(DISTANCES > 0.1, 0.15, 0.0)
    for one in subgroups(proved(panel, lower), [THREE], 0.1, attacked=True):
        assert Subgroup.from_dict(one.as_dict(), N) == one
