"""Sentences on groups of test rows: which ones differ from the rest, and by how much."""

from collections.abc import Iterable, Iterator, Sequence

from genlabel_robust.core import plural
from genlabel_robust.data.subgroups.grouping import LEAST_ROWS
from genlabel_robust.runs.results.row import Row
from genlabel_robust.runs.results.subgroups.subgroup import Subgroup, SubgroupDifference

#: The p-value after Holm's correction above which a difference may be chance.
_CHANCE = 0.05

#: The maximum number of groups to list that are too small.
_MOST_SMALL = 10

EXPLANATION = (
    "Each group is compared with all other test rows, under the same models; differences are of "
    "robust accuracies, in percentage points. p is how probable a difference as large would be if "
    "there were none, after Holm’s correction for all groups of the model at one ε; an interval "
    "is of one difference alone. A difference is not a cause: groups can differ in other columns "
    "and in their classes, too."
)


def differing(row: Row) -> list[Subgroup]:
    """Return the groups whose difference is significant, the least robust first."""
    found = [
        (one.robust_difference.estimate.value, one)
        for one in row.subgroups
        if one.robust_difference is not None and one.robust_difference.p_adjusted <= _CHANCE
    ]
    return [one for _, one in sorted(found, key=lambda pair: pair[0])]


def answers(row: Row) -> list[str]:
    """Return a sentence for each group that differs, or one that says that none does.

    Empty for a row without robust accuracies of groups.
    """
    if all(one.robust_difference is None for one in row.subgroups):
        return []
    found = [_answer(one, row.n_examples) for one in differing(row)]
    *others, last = dict.fromkeys(one.column for one in row.subgroups)
    columns = f"{', '.join(others)} or {last}" if others else last
    return found or [
        f"No group by {columns} differs from the rest in robust accuracy by more than chance "
        "explains (5 %, by Holm)."
    ]


def too_small(row: Row) -> str | None:
    """Return the sentence on groups that are too small to judge, or None."""
    found = [f"{one.label} ({one.n_examples})" for one in row.subgroups if _silent(one)]
    if not found:
        return None
    left = len(found) - _MOST_SMALL
    more = f" and {left} more" if left > 0 else ""
    listed = ", ".join(found[:_MOST_SMALL])
    return f"Too few rows to compare, at least {LEAST_ROWS} are needed: {listed}{more}."


def distinct(rows: Iterable[Row]) -> Iterator[tuple[Row, list[str]]]:
    """Yield the rows that have groups, with the sentences on these."""
    for row in rows:
        if row.subgroups:
            small = too_small(row)
            yield row, [*answers(row), *([] if small is None else [small])]


def all_exact(rows: Sequence[Row]) -> bool:
    """Return whether all robust accuracies of groups are exact, and there is at least one."""
    known = [one for row in rows for one in row.subgroups if one.robust_accuracy is not None]
    return bool(known) and all(one.exact_robust_accuracy is not None for one in known)


def _silent(one: Subgroup) -> bool:
    return one.clean_accuracy is None


def _answer(one: Subgroup, n: int) -> str:
    difference = one.robust_difference
    if difference is None:
        return ""
    own, others = plural(one.n_examples, "row"), plural(n - one.n_examples, "other row")
    said = f"Group {one.label} ({own}) is {_points(difference, 'robust')} than the {others}"
    said += f" ({_interval(difference)}; p {_p(difference.p_adjusted)} by Holm)"
    clean = one.clean_difference
    if clean is not None and clean.p_adjusted <= _CHANCE:
        said += f", and {_points(clean, 'accurate')} before any attack ({_interval(clean)})"
    least, most = difference.least, difference.most
    if least is not None and most is not None and least < most:
        said += (
            f"; whether or not the open answers are robust, the difference on these rows lies "
            f"between {_signed(least)} and {_signed(most)} points"
        )
    return f"{said}."


def _points(difference: SubgroupDifference, what: str) -> str:
    value = difference.estimate.value
    return f"{100 * abs(value):.1f} points {'less' if value < 0 else 'more'} {what}"


def _interval(difference: SubgroupDifference) -> str:
    """Return "95 % interval 5.0 to 19.2", for the absolute value of the difference."""
    found = difference.estimate
    ends = (found.low, found.high) if found.value >= 0 else (-found.high, -found.low)
    low, high = (f"{100 * end + 0.0:.1f}".replace("-", "−") for end in ends)
    return f"{100 * found.level:g} % interval {low} to {high}"


def _signed(value: float) -> str:
    return f"{100 * value + 0.0:+.1f}".replace("-", "−")


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"= {value:.2g}"
