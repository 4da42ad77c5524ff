"""Detection of repeated outliers, such as -999 for "missing", that stretch a column's range."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from genlabel_robust.core import SHOWN, BoolArray, FloatArray
from genlabel_robust.data.concern import Concern

#: The least ratio of the range with the value to the range without it.
TIMES = 5.0
#: How many distinct values must remain; with fewer, the column has only a few steps anyway.
LEVELS = 3
#: A value repeats if this many rows have it, or at least two and this share of all rows.
ROWS, SHARE = 5, 0.01
#: How many distinct values are removed at a time, at both ends together.
_MOST = 3


@dataclass(frozen=True)
class FarValue:
    """The outlying ``values`` of a column, their ``share`` of rows, and its two ranges."""

    name: str
    values: tuple[float, ...]
    share: float
    range: float
    range_without: float

    @property
    def sentence(self) -> str:
        """Return a clause that describes it, without a full stop."""
        values = " and ".join(f"{value:.6g}" for value in self.values)
        which = "it" if len(self.values) == 1 else "them"
        return (
            f"{self.name!r} holds {values} in {100 * self.share:.1f} % of them; its range is "
            f"{self.range:.4g}, but {self.range_without:.4g} without {which}"
        )


def far_value(name: str, values: FloatArray) -> FarValue | None:
    """Return the outliers in a column's present ``values`` (n,); None if there are none.

    They are the fewest repeated values at the ends of the range whose removal leaves a range above
    0 of at most a fifth. A gap of at least four times the remaining range separates them.
    """
    levels, counts = np.unique(values, return_counts=True)
    repeated = (counts >= ROWS) | ((counts >= 2) & (counts >= SHARE * len(values)))
    first, last = 0, len(levels)
    while (inner := _without_far(levels, repeated, first, last)) is not None:
        # -999 may be hidden by 9999
        first, last = inner
    away = np.r_[0:first, last : len(levels)]
    if not len(away):
        return None
    return FarValue(
        name,
        tuple(levels[away].tolist()),
        float(counts[away].sum() / len(values)),
        float(levels[-1] - levels[0]),
        float(levels[last - 1] - levels[first]),
    )


def _without_far(
    levels: FloatArray, repeated: BoolArray, first: int, last: int
) -> tuple[int, int] | None:
    """Return the part of ``levels[first:last]`` without the fewest outliers, None if none."""
    whole = levels[last - 1] - levels[first]
    for peeled in range(1, min(_MOST, last - first - LEVELS) + 1):
        found = []
        for low in range(peeled + 1):
            inner = first + low, last - (peeled - low)
            width = levels[inner[1] - 1] - levels[inner[0]]
            away = np.r_[first : inner[0], inner[1] : last]
            gaps = np.diff(levels)[[i - 1 for i in inner if first < i < last]]
            apart = (gaps >= (TIMES - 1) * width).all()
            if repeated[away].all() and width > 0 and apart and whole >= TIMES * width:
                found.append((width, inner))
        if found:
            return min(found)[1]
    return None


def far_values(found: Sequence[FarValue], where: str, *, blanks: bool) -> list[Concern]:
    """Return the concern about the outliers of all columns in ``found``, if there are any.

    ``where``: the rows that define the ranges; ``blanks``: whether cells may be empty.
    """
    if not found:
        return []
    sentences = "; ".join(one.sentence for one in found[:SHOWN])
    more = f"; and {len(found) - SHOWN} more columns" if len(found) > SHOWN else ""
    instead = (
        "leave those cells empty"
        if blanks
        else "fill those cells, or leave out their rows or the column (--drop)"
    )
    return [
        Concern(
            "far_value",
            "A value far from all others stretches the range of its column, and with it the "
            f"attacker's budget. In the {where}: {sentences}{more}. If such a value stands for a "
            f"missing one, {instead}. If it is a real value, give the column a budget in its own "
            'units in a threat file: eps = NUMBER, unit = "raw".',
            {
                "columns": [
                    {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(one).items()}
                    for one in found
                ]
            },
        )
    ]
