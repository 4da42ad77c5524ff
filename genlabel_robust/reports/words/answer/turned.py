"""How many correct predictions of one model are broken: in general, and by class."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from genlabel_robust.core import plain
from genlabel_robust.reports.words.answer.tally import Tally, tally
from genlabel_robust.reports.words.wording import interval
from genlabel_robust.runs.results.results import Results
from genlabel_robust.runs.results.row import ClassRow, Row
from genlabel_robust.statistics import Estimate, rate

#: The maximum number of classes to name, those with the largest fraction broken first.
_MOST = 4


@dataclass(frozen=True)
class Turned:
    """A class with ``right`` correct predictions, of which at least ``broken`` are broken."""

    name: str
    right: int
    broken: int

    @property
    def share(self) -> float:
        """The fraction of correct predictions broken; 0 if none is correct."""
        return self.broken / self.right if self.right else 0.0


def turned_of(one: ClassRow) -> Turned:
    """Return the counts of a class, from its accuracies as if there were one seed."""
    right, kept = (
        round(found.value * one.n_examples) for found in (one.clean_accuracy, one.robust_accuracy)
    )
    return Turned(one.name, right, right - kept)


def share_turned(turned: int, right: int) -> Estimate:
    """Return the fraction of ``right`` predictions that are broken, with Wilson's interval."""
    return rate((np.arange(right) < turned)[np.newaxis])


def about_turned(results: Results, row: Row) -> Iterator[str]:
    """Yield sentences on the fraction broken with its interval, and on the counts per class.

    Yields nothing for a recipe with several seeds. The interval is included with proofs only; with
    open rows, it spans the intervals of the smallest and the largest possible count.
    """
    counts = tally(row) if row.n_seeds == 1 else None
    if counts is None or not counts.right:
        return
    if counts.proves:
        yield _of_rows_like_them(counts)
    if len(row.per_class) > 1:
        yield _by_class(list(map(turned_of, row.per_class)), counts, _classes(results, row))


def _classes(results: Results, row: Row) -> tuple[str, ...]:
    return tuple(results.datasets[row.dataset].classes)


def _of_rows_like_them(counts: Tally) -> str:
    low = share_turned(counts.broken, counts.right).low
    high = share_turned(counts.most, counts.right).high
    return (
        f"For rows like these, between {100 * low:.1f} % and {100 * high:.1f} % of the right "
        f"answers can be turned (Wilson's 95 % interval over the {counts.right:,} that are right "
        "here)."
    )


def _by_class(found: Iterable[Turned], counts: Tally, classes: tuple[str, ...]) -> str:
    ranked = [one for one in found if one.right]
    if len(ranked) > _MOST:
        ranked.sort(key=lambda one: -one.share)
    exact = counts.exact and sum(one.broken for one in ranked) == counts.broken
    said = [_of_class(one, classes, exact=exact) for one in ranked[:_MOST]]
    left = len(ranked) - len(said)
    said += [f"{left} more classes are listed under “Per class” in the report"] if left else []
    return f"By class: {'; '.join(said)}."


def _of_class(one: Turned, classes: tuple[str, ...], *, exact: bool) -> str:
    least = "" if exact or not one.broken else "at least "
    begin = f"{least}{one.broken or 'none'} of {one.right} right “{plain(one.name)}”"
    begin += f" {'becomes' if one.broken <= 1 else 'become'} {_other(one.name, classes)}"
    if not exact:
        return begin
    found = share_turned(one.broken, one.right)
    return f"{begin} ({100 * one.share:.0f} %, 95 % interval {interval(found)})"


def _other(own: str, classes: tuple[str, ...]) -> str:
    """Return the words for the new class: the other one if there are only two."""
    others = [one for one in classes if one != own]
    return f"“{plain(others[0])}”" if len(others) == 1 else "another class"
