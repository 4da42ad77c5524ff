"""Why the interval of a difference is wide, and how much more seeds or rows would narrow it."""

from collections.abc import Iterator

import numpy as np

from genlabel_robust.core import BoolArray, plural
from genlabel_robust.side_by_side.comparison import Subject, Wide
from genlabel_robust.side_by_side.rates import rate_difference
from genlabel_robust.statistics import Estimate
from genlabel_robust.statistics.differences import TWO_LEVEL, with_more_seeds
from genlabel_robust.statistics.recipes import LEAST_SEEDS

#: The factor of narrowing from which on a note recommends more seeds.
_TIMES = 1.5
#: The factor for the number of rows in a recommendation; it about halves the interval.
_ROWS = 4
#: The width, as a fraction, from which on an interval that contains 0 is uninformative.
_WIDE = 0.1


def why_wide(now: BoolArray, before: BoolArray, found: Estimate, *, paired: bool) -> Wide | None:
    """Return why the interval ``found`` of a difference is wide, or None if it is not.

    ``now`` (S1, n), ``before`` (S2, m): the correct rows of the two sides. ``paired``: as in
    ``rate_difference``, which gave ``found``. The narrowing is computed with the same method, by
    assuming the same variances with more seeds, or by repeating the rows.
    """
    n_seeds = len(now)
    if found.method == TWO_LEVEL and n_seeds < LEAST_SEEDS:
        times = _width(found) / _width(with_more_seeds(now, before, LEAST_SEEDS, found.level))
        if times >= _TIMES:
            return Wide("seeds", n_seeds, LEAST_SEEDS, times)
    if _width(found) < _WIDE or not found.low <= 0.0 <= found.high:
        return None
    first, second = (np.tile(side, (1, _ROWS)) for side in (now, before))
    more = rate_difference(first, second, found.level, paired=paired)
    return Wide("rows", found.n, _ROWS * found.n, _width(found) / _width(more))


def wide_lines(subject: Subject) -> Iterator[str]:
    """Yield a sentence on wide intervals for each pair of runs and each reason."""
    times_of: dict[tuple[str, str, str, int, int], list[float]] = {}
    for one in subject.measures:
        for found in one.differences:
            if (wide := found.wide) is not None:
                key = (found.run, found.reference, wide.few, wide.now, wide.more)
                times_of.setdefault(key, []).append(wide.times)
    for (run, reference, few, now, more), times in times_of.items():
        ends = dict.fromkeys(f"{end:.1f}" for end in (min(times), max(times)))
        them, are = ("it", "interval is") if len(times) == 1 else ("them", "intervals are")
        narrower = f"make {them} about {' to '.join(ends)} times as narrow"
        if few == "seeds":
            freedom = plural(now - 1, "degree")
            yield (
                f"{run} − {reference}: {len(times)} {are} wide, because there are only {now} "
                f"seeds, which leave {freedom} of freedom. {more} seeds on each side would "
                f"{narrower}."
            )
        else:
            contain = "contains" if len(times) == 1 else "contain"
            yield (
                f"{run} − {reference}: {len(times)} {are} wide and {contain} 0, because there are "
                f"only {plural(now, 'test row')}. {more} rows would {narrower}."
            )


def _width(of: Estimate) -> float:
    return of.high - of.low
