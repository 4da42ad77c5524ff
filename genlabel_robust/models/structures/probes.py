"""Generated rows for comparing a structure with its model: thresholds, categories, the box."""

from collections.abc import Sequence

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray, IntArray, generator
from genlabel_robust.data.columns.number_or_category import Category, Number
from genlabel_robust.structure import TreeEnsemble
from genlabel_robust.threat import AttackSpace

#: Points of the box; rows that are followed through trees to reach each node; the most thresholds
#: that are checked, spread evenly over all, and the most of them times trees.
_POINTS, _WALKED, _MOST, _WORK = 1000, 512, 20_000, 2_000_000

#: A column of the table, and the number of its first raw feature.
Placed = tuple[Number | Category, int]


def placed(parts: Sequence[Number | Category]) -> list[Placed]:
    """Return each column of the table with its first raw feature."""
    starts = np.cumsum([0, *(len(part.names) for part in parts)]).tolist()
    return list(zip(parts, starts[:-1], strict=True))


def made_rows(
    raw: FloatArray, space: AttackSpace, parts: Sequence[Number | Category], whole: BoolArray
) -> FloatArray:
    """Return points of the box, and rows of ``raw`` (n, d) with each category and missing value.

    ``whole`` (d,): the raw features that have only integer values.
    """
    rng = generator(0, "points where a structure is checked")
    box = np.sort(space.offset + space.scale * np.stack([space.low, space.high]), axis=0)
    points = raw[rng.integers(len(raw), size=_POINTS)].copy()
    changed = []
    for part, start in placed(parts):
        if isinstance(part, Number):
            drawn = rng.uniform(box[0, start], box[1, start], _POINTS)
            points[:, start] = np.rint(drawn) if whole[start] else drawn
            if part.fill is None:
                continue
            for gone in (0.0, 1.0):
                changed.append(raw[rng.integers(len(raw), size=8)].copy())
                changed[-1][:, start + 1] = gone
            points[:, start + 1] = rng.integers(2, size=_POINTS)
            for rows in (points, *changed):
                rows[rows[:, start + 1] == 1, start] = part.fill
            continue
        n = len(part.level_names)
        _write(points, part, start, rng.integers(n, size=_POINTS))
        for code in range(n):
            changed.append(raw[rng.integers(len(raw), size=4)].copy())
            _write(changed[-1], part, start, np.full(4, code))
    return np.concatenate([points, *changed])


def threshold_rows(
    trees: TreeEnsemble,
    raw: FloatArray,
    space: AttackSpace,
    parts: Sequence[Number | Category],
    whole: BoolArray,
) -> FloatArray:
    """Return rows at each threshold in the box and at its two neighbouring floats.

    Each is made from a row of ``raw`` (n, d) that reaches a node with that threshold, if there is
    one.
    """
    ends = np.concatenate([raw, space.offset + space.scale * np.stack([space.low, space.high])])
    low, high = ends.min(axis=0), ends.max(axis=0)
    free = np.zeros(raw.shape[1], dtype=bool)
    for part, start in placed(parts):
        if isinstance(part, Category) and part.free:
            free[start : start + len(part.names)] = True
    nodes = np.flatnonzero(trees.feature >= 0)
    feature, threshold = trees.feature[nodes], trees.threshold[nodes]
    # levels of a category have no neighbouring floats, and no rows lie beyond the box
    kept = ~free[feature] & (low[feature] <= threshold) & (threshold <= high[feature])
    nodes = nodes[kept]
    pairs = np.stack([feature[kept], threshold[kept]], axis=1)
    passing = _passing(trees, raw[:_WALKED])
    # among the nodes with the same threshold, one that a row reaches
    order = np.argsort(passing[nodes] < 0, kind="stable")
    _, first = np.unique(pairs[order], axis=0, return_index=True)
    chosen = nodes[order][first]
    most = max(1, min(_MOST, _WORK // max(1, len(trees.roots))))
    chosen = chosen[:: -(-len(chosen) // most) or 1]
    base = np.where(passing[chosen] >= 0, passing[chosen], np.arange(len(chosen)) % len(raw))
    rows = []
    at, of = trees.threshold[chosen], trees.feature[chosen]
    for value in (np.nextafter(at, -np.inf), at, np.nextafter(at, np.inf)):
        made = raw[base].copy()
        inside = np.where(whole[of], np.rint(value), value)
        made[np.arange(len(made)), of] = inside
        rows.append(made)
    return np.concatenate(rows)


def _passing(trees: TreeEnsemble, raw: FloatArray) -> IntArray:
    """Return for each node a row of ``raw`` (n, d) that reaches it, -1 if none does."""
    found = np.full(len(trees.feature), -1, dtype=np.int64)
    rows = np.arange(len(raw))[:, None]
    at = np.broadcast_to(trees.roots, (len(raw), len(trees.roots)))
    while True:
        found[at] = rows
        feature = trees.feature[at]
        if (feature < 0).all():
            return found
        goes_left = raw[rows, np.maximum(feature, 0)] <= trees.threshold[at]
        at = np.where(goes_left, trees.left[at], trees.right[at])


def _write(rows: FloatArray, part: Category, start: int, codes: IntArray) -> None:
    if part.free:
        rows[:, start : start + len(part.names)] = np.eye(len(part.names))[codes]
    else:
        rows[:, start] = codes
