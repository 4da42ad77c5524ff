"""Why the interval of a difference is wide: few seeds, or few rows, and what more would bring."""

from collections.abc import Iterator

import numpy as np

from genlabel_robust.core import BoolArray, plural
from genlabel_robust.side_by_side.comparison import Subject, Wide
from genlabel_robust.side_by_side.rates import rate_difference
from genlabel_robust.statistics import Estimate
from genlabel_robust.statistics.differences import TWO_LEVEL, with_more_seeds
from genlabel_robust.statistics.recipes import LEAST_SEEDS

#: From so many times as narrow on, more seeds are worth a word.
_TIMES = 1.5
#: So many times as many rows are asked for; the interval is then about half as wide.
_ROWS = 4
#: An interval of rows that contains 0 and is this wide, as a fraction, tells nothing.
_WIDE = 0.1


def why_wide(now: BoolArray, before: BoolArray, found: Estimate, *, paired: bool) -> Wide | None:
    """Return why the interval ``found`` of a difference is wide, None if it is not.

    ``now`` (S1, n), ``before`` (S2, m): what the two sides have right; ``paired``: as of
    ``rate_difference``, which gave ``found``. How much narrower it would be is computed by its
    own method: for as much variance of seeds and rows, or for the same rows many times.
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
    """Yield a sentence for each pair of runs and each reason: why intervals are wide."""
    told: dict[tuple[str, str, str, int, int], list[float]] = {}
    for one in subject.measures:
        for found in one.differences:
            if (wide := found.wide) is not None:
                key = (found.run, found.reference, wide.few, wide.now, wide.more)
                told.setdefault(key, []).append(wide.times)
    for (run, reference, few, now, more), times in told.items():
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
