"""The accuracies of the groups that a column defines, and their differences to the rest."""

from collections.abc import Sequence
from dataclasses import replace

from genlabel_robust.core import BoolArray, plural
from genlabel_robust.data.subgroups.grouping import LEAST_ROWS, Grouping
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.results.subgroups.subgroup import Subgroup, SubgroupDifference
from genlabel_robust.statistics import Estimate, adjusted_by_holm, group_difference, rate


def subgroups(
    panel: Panel, groupings: Sequence[Grouping], eps: float, *, attacked: bool
) -> tuple[Subgroup, ...]:
    """Return the groups of all ``groupings`` of the rows of ``panel``, at ``eps``.

    ``attacked``: whether the row of results has a robust accuracy.
    """
    robust = None
    if attacked and panel.nearest is not None:
        robust = panel.robust(panel.nearest, eps)
    found = [
        _subgroup(panel, one.column, name, one.rows(name), eps, robust)
        for one in groupings
        for name in one.names
    ]
    columns = [one.column for one in found]
    clean = _by_holm(columns, [one.clean_difference for one in found])
    broken = _by_holm(columns, [one.robust_difference for one in found])
    return tuple(
        replace(one, clean_difference=first, robust_difference=second)
        for one, first, second in zip(found, clean, broken, strict=True)
    )


def _subgroup(
    panel: Panel, column: str, name: str, rows: BoolArray, eps: float, robust: BoolArray | None
) -> Subgroup:
    n, others = int(rows.sum()), int((~rows).sum())
    group = Subgroup(column, name, n)
    if n < LEAST_ROWS:
        few = f"{plural(n, 'row')}; at least {LEAST_ROWS} are needed"
        return replace(group, reason=few)
    certified = panel.certified(eps)
    group = replace(group, clean_accuracy=rate(panel.clean[:, rows]))
    if certified is not None:
        group = replace(group, certified_accuracy=rate(certified[:, rows]))
    if robust is not None:
        group = replace(
            group,
            robust_accuracy=rate(robust[:, rows]),
            exact_robust_accuracy=_exact(panel, rows, eps),
        )
    if certified is not None and robust is not None:
        group = replace(group, open=int((robust & ~certified)[:, rows].sum()))
    if others < LEAST_ROWS:
        few = f"only {plural(others, 'other row')}: a comparison needs {LEAST_ROWS}"
        return replace(group, reason=few)
    return replace(
        group,
        clean_difference=_difference(panel.clean, None, rows),
        robust_difference=None if robust is None else _difference(robust, certified, rows),
    )


def _exact(panel: Panel, rows: BoolArray, eps: float) -> Estimate | None:
    """Return the exact robust accuracy of ``rows``, None if one of their answers is open."""
    if panel.exact is not None:
        return rate(panel.robust(panel.exact, eps)[:, rows])
    if panel.nearest is None or panel.lower is None or panel.undecided(eps)[:, rows].any():
        return None
    return rate(panel.robust(panel.nearest, eps)[:, rows])


def _difference(right: BoolArray, certain: BoolArray | None, rows: BoolArray) -> SubgroupDifference:
    """Return the difference between ``rows`` and the others in the rate of ``right`` (S, n).

    ``certain`` (S, n): marks what is proved, None if nothing is.
    """
    found = group_difference(right[:, rows], right[:, ~rows])
    difference = SubgroupDifference(found.estimate, found.p_value, found.p_value)
    if certain is None:
        return difference
    sure = right & certain
    return replace(
        difference,
        least=float(sure[:, rows].mean() - right[:, ~rows].mean()),
        most=float(right[:, rows].mean() - sure[:, ~rows].mean()),
    )


def _by_holm(
    columns: Sequence[str], found: Sequence[SubgroupDifference | None]
) -> list[SubgroupDifference | None]:
    """Return the differences of groups, which are of these ``columns``, corrected together.

    If a column has only two groups, their differences are one hypothesis, and count once.
    """
    first = [
        columns.index(column) if columns.count(column) == 2 else index
        for index, column in enumerate(columns)
    ]
    p_values = {i: one.p_value for i, one in zip(first, found, strict=True) if one is not None}
    adjusted = dict(zip(p_values, adjusted_by_holm([*p_values.values()]), strict=True))
    return [
        None if one is None else replace(one, p_adjusted=adjusted[index])
        for index, one in zip(first, found, strict=True)
    ]
