"""Assignment of rows to groups of a column: by level, by value, or by bin."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from genlabel_robust.core import BoolArray, ConfigurationError, FloatArray, IntArray
from genlabel_robust.data.subgroups.column import GroupColumn

#: With fewer rows, an interval is some forty points wide, and no statement is made.
LEAST_ROWS = 20
#: Up to this many distinct numbers are grouped by value, if half of them have enough rows.
_MOST_VALUES = 8
#: Bins of a numeric column, if each gets ``LEAST_ROWS`` rows; at least two.
_BINS = 4
#: The most groups about which a statement makes sense.
MOST_GROUPS = 50
#: The name of the group of rows without a value.
_MISSING = "(missing)"


@dataclass(frozen=True, eq=False)
class Grouping:
    """The groups of a ``column``, by their ``names`` in order; ``codes`` (n,): each row's group."""

    column: str
    names: tuple[str, ...]
    codes: IntArray

    @property
    def labels(self) -> list[str]:
        """The labels of the groups for people and gates: "sex=Female"."""
        return [f"{self.column}={name}" for name in self.names]

    def rows(self, name: str) -> BoolArray:
        """Mark the rows (n,) of the group ``name``, which must be one of ``names``."""
        return np.asarray(self.codes == self.names.index(name))


def groupings(columns: Iterable[GroupColumn]) -> list[Grouping]:
    """Return the groups of each of ``columns``, with distinct labels.

    Raises ``ConfigurationError`` as ``grouping`` does, and if two groups have the same label.
    """
    found = [grouping(column) for column in columns]
    counts = Counter(label for one in found for label in one.labels)
    twice = [label for label, count in counts.items() if count > 1]
    if twice:
        raise ConfigurationError(
            f"two groups of --by would both be called {twice[0]!r}; rename one of the columns"
        )
    return found


def grouping(column: GroupColumn) -> Grouping:
    """Return the groups that have rows; rows without a value are the last group.

    Each level is a group, and so is each number if there are at most 8 distinct numbers and half of
    them have 20 rows. Other numbers are cut into 4 bins of about equal numbers of rows, or fewer if
    a bin would have less than 20 rows; equal numbers stay together. Raises ``ConfigurationError``
    if all rows are in one group, or if there are more than 50 groups.
    """
    names, codes = _by_level(column) if column.numbers is None else _by_number(column.numbers)
    n = len(codes)
    if len(names) + bool((codes < 0).any()) < 2:
        what = f"the value {names[0]!r}" if names else "no value"
        raise ConfigurationError(
            f"all {n} test rows have {what} in column {column.name!r}, so there are no groups to "
            "compare; leave out --by, or name another column"
        )
    if len(names) > MOST_GROUPS:
        raise ConfigurationError(
            f"column {column.name!r} has {len(names)} different values in the {n} test rows, and "
            f"--by makes at most {MOST_GROUPS} groups; name a column with fewer values"
        )
    if (codes < 0).any():
        missing = _MISSING
        while missing in names:
            missing = f"({missing})"
        names, codes = (*names, missing), np.where(codes < 0, len(names), codes)
    return Grouping(column.name, names, codes)


def _by_level(column: GroupColumn) -> tuple[tuple[str, ...], IntArray]:
    codes = np.zeros(0, dtype=np.int64) if column.codes is None else column.codes
    there = np.unique(codes[codes >= 0])
    found = np.where(codes < 0, -1, np.searchsorted(there, codes))
    return tuple(column.levels[code] for code in there), found


def _by_number(numbers: FloatArray) -> tuple[tuple[str, ...], IntArray]:
    present = ~np.isnan(numbers)
    values, counts = np.unique(numbers[present], return_counts=True)
    lasts: FloatArray = values
    few = int((counts < LEAST_ROWS).sum())
    if len(values) > _MOST_VALUES or (len(values) > 1 and 2 * few > len(values)):
        lasts = values[[*_cuts(counts), -1]]
    codes = np.where(present, np.searchsorted(lasts, numbers), -1)
    firsts = [values[np.searchsorted(values, last, side="right")] for last in lasts[:-1]]
    return tuple(_named([*values[:1], *firsts], lasts)), codes


def _cuts(counts: IntArray) -> list[int]:
    """Return the indices of the distinct values that end a bin; ``counts``: rows per value."""
    up_to = np.cumsum(counts)
    n = int(up_to[-1])
    bins = min(max(n // LEAST_ROWS, 2), _BINS)
    # the last value ends the last bin
    shares = np.abs(up_to[:-1, None] - n * np.arange(1, bins) / bins)
    return [*map(int, np.unique(shares.argmin(axis=0)))]


def _named(firsts: Sequence[float], lasts: Sequence[float] | FloatArray) -> Iterator[str]:
    """Yield "17 to 28" for each bin, with at least 4 digits and enough to distinguish all ends."""
    ends = {*map(float, firsts), *map(float, lasts)}
    digits = next(d for d in range(4, 18) if len({_short(end, d) for end in ends}) == len(ends))
    for first, last in zip(firsts, lasts, strict=True):
        low, high = _short(first, digits), _short(last, digits)
        yield low if first == last else f"{low} to {high}"


def _short(value: float, digits: int) -> str:
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{value + 0.0:.0f}"
    return f"{value:.{digits}g}"
