"""Changes of one column against attacks that search: they count, and say that attacks were weak."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest

from genlabel_robust.certify.singles.singles import Singles
from genlabel_robust.runs.cells.cell import CellResult
from genlabel_robust.runs.cells.chosen_rows import chosen_rows
from genlabel_robust.runs.cells.few_features import FewFeatures
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.checks.judging import Check

INF = np.inf
NAME = "search-against-single-features"


def with_singles(cell: CellResult, *upper: tuple[float, float]) -> CellResult:
    """Return ``cell`` with the nearest change of each of two columns for each of its four rows."""
    far = np.array(upper)
    value = np.where(np.isfinite(far), 1.0, np.nan)
    return replace(
        cell, few=FewFeatures(Singles(0 * value, far, value), np.full((1, 4, 2), np.nan))
    )


@pytest.fixture
def missed(
    result: Callable[..., CellResult], distances: Mapping[str, tuple[float, ...]]
) -> CellResult:
    """A cell whose fourth row one column breaks at 0.2, but attacks only at 0.4 or beyond."""
    few = (0.1, INF), (INF, 0.2), (INF, INF), (INF, 0.2)
    return with_singles(result(distances), *few)


def test_what_one_column_breaks_is_broken(missed: CellResult) -> None:
    panel = Panel([missed])
    assert panel.attacked is not None
    assert panel.attacked.tolist() == [[0.1, 0.2, 0.3, 0.4]]
    assert panel.nearest is not None
    assert panel.nearest.tolist() == [[0.1, 0.2, 0.3, 0.2]]


def test_it_is_broken_among_chosen_rows_too(missed: CellResult) -> None:
    part = chosen_rows(Panel([missed]), np.array([False, False, True, True]))
    assert part.nearest is not None
    assert part.nearest.tolist() == [[0.3, 0.2]]


def test_a_column_that_breaks_what_no_attack_does_is_a_warning(
    missed: CellResult, checks: Callable[..., dict[str, Check]]
) -> None:
    check = checks(missed)[NAME]
    assert check.status == "warn"
    assert check.value == pytest.approx(0.25)
    assert "A change of one column alone broke 1 of 4 answers (25 %)" in check.sentence
    # within 0.45 the attacks break that row, too
    assert checks(missed, eps=0.45)[NAME].status == "pass"


def test_without_a_search_of_columns_there_is_no_such_check(
    result: Callable[..., CellResult],
    distances: Mapping[str, tuple[float, ...]],
    checks: Callable[..., dict[str, Check]],
) -> None:
    assert NAME not in checks(result(distances))
