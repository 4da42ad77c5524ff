"""Trees as a library stores them: over the columns of a model's core."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.structure.rounding import sum_rounding
from genlabel_robust.structure.structure import UnreadError

#: The most nodes of all trees together, and the most numbers in their leaves.
MOST_NODES = 5_000_000
MOST_VALUES = 100_000_000
#: The most levels of a tree; a deeper one may contain a cycle.
MOST_LEVELS = 10_000


@dataclass(frozen=True)
class Split:
    """A split on one column of the core: which values go to the left.

    ``cuts`` (m,): ascending; ``left`` (m + 1,): whether values up to and including the first cut go
    to the left, then those up to the second, and so on, and finally those above all cuts. All cuts
    are float64: casts to the library's own type are folded into them. ``missing``: whether NaN goes
    to the left.
    """

    column: int
    cuts: tuple[float, ...]
    left: tuple[bool, ...]
    missing: bool

    def goes_left(self, values: FloatArray) -> BoolArray:
        """Return whether each value (n,) goes to the left."""
        place = np.searchsorted(np.array(self.cuts), values, side="left")
        return np.where(np.isnan(values), self.missing, np.array(self.left)[place])


@dataclass(frozen=True, eq=False)
class CoreTrees:
    """Trees over the columns (c,) of a core, all nodes of all trees in flat arrays (N,).

    ``split``: the index in ``splits`` of a node's split, -1 at a leaf, whose ``left`` and ``right``
    are the leaf itself. ``roots``, ``value``, ``base``, ``rounding``: as in ``TreeEnsemble``.
    """

    roots: IntArray
    split: IntArray
    splits: tuple[Split, ...]
    left: IntArray
    right: IntArray
    value: FloatArray
    base: FloatArray
    rounding: float


def core_trees(
    trees: Sequence[Nodes],
    base: FloatArray,
    unit: float,
    link: float = 0.0,
    *,
    ordered: bool = True,
) -> CoreTrees:
    """Join all ``trees``; raises ``UnreadError`` if they are too large.

    ``base`` (k,): the initial scores. ``unit``: the unit roundoff of the type in which the library
    adds, 0 if it does not add; ``ordered``: whether it adds tree after tree; ``link``: the rounding
    error of a link function, if the library decides by its result.
    """
    n_classes = len(base)
    sizes = [len(tree.left) for tree in trees]
    total = sum(sizes)
    if total > MOST_NODES or total * n_classes > MOST_VALUES:
        raise UnreadError(
            f"its trees have {total:,} nodes with {n_classes} values each; at most "
            f"{MOST_NODES:,} nodes and {MOST_VALUES:,} values are held"
        )
    starts = np.cumsum([0, *sizes])
    known: dict[Split, int] = {}
    split = np.full(total, -1, dtype=np.int64)
    left, right = np.arange(total), np.arange(total)
    value = np.zeros((total, n_classes))
    for start, tree in zip(starts[:-1].tolist(), trees, strict=True):
        at = slice(start, start + len(tree.left))
        inner = tree.left >= 0
        own = np.array([known.setdefault(s, len(known)) for s in tree.splits], dtype=np.int64)
        split[at][inner] = own[tree.split[inner]]
        left[at][inner] = tree.left[inner] + start
        right[at][inner] = tree.right[inner] + start
        value[at][~inner] = tree.value[~inner]
    if not np.isfinite(value).all() or not np.isfinite(base).all():
        raise UnreadError("a leaf of its trees, or what they begin with, is not finite")
    if any(np.isnan(own.cuts).any() for own in known):
        raise UnreadError("a threshold of its trees is NaN")
    roots = starts[:-1].astype(np.int64)
    _refuse_deep(roots, left, right)
    largest = (
        np.maximum.reduceat(np.abs(value), roots, axis=0) if total else np.zeros((0, len(base)))
    )
    rounding = sum_rounding(largest, base, unit, ordered=ordered) + link
    return CoreTrees(roots, split, tuple(known), left, right, value, base, rounding)


def _refuse_deep(roots: IntArray, left: IntArray, right: IntArray) -> None:
    now = np.unique(roots)
    for _ in range(MOST_LEVELS):
        now = now[left[now] != now]  # the children of a leaf are the leaf itself
        if not len(now):
            return
        now = np.unique(np.concatenate([left[now], right[now]]))
    raise UnreadError(f"a tree has more than {MOST_LEVELS:,} levels")


@dataclass(frozen=True, eq=False)
class Nodes:
    """One tree, nodes (m,) with the root first; ``left`` and ``right`` are -1 at a leaf.

    ``split``: the index of an inner node's split. ``value`` (m, k): the values of leaves.
    """

    split: IntArray
    splits: tuple[Split, ...]
    left: IntArray
    right: IntArray
    value: FloatArray


def threshold_nodes(
    column: IntArray,
    cut: FloatArray,
    missing_left: BoolArray,
    left: IntArray,
    right: IntArray,
    value: FloatArray,
) -> Nodes:
    """Return a tree whose nodes (m,) send values up to and including ``cut`` to the left.

    Entries of leaves, where ``left`` is -1, are ignored.
    """
    inner = left >= 0
    known: dict[Split, int] = {}
    split = np.full(len(left), -1, dtype=np.int64)
    inner_nodes = zip(
        np.flatnonzero(inner).tolist(),
        column[inner].tolist(),
        cut[inner].tolist(),
        missing_left[inner].tolist(),
        strict=True,
    )
    for node, of, at, missing in inner_nodes:
        own = Split(of, (at,), (True, False), bool(missing))
        split[node] = known.setdefault(own, len(known))
    return Nodes(split, tuple(known), left.astype(np.int64), right.astype(np.int64), value)


def gap_split(split: Split, low: float, high: float, *, left: bool) -> Split:
    """Return ``split`` with all values in (``low``, ``high``] sent to ``left``."""
    edges = sorted({*split.cuts, low, high})
    # the answer for an interval is that of its upper end
    ends = np.array([*edges, np.inf])
    truth = split.goes_left(ends)
    truth[(ends > low) & (ends <= high)] = left
    return replace(split, cuts=tuple(edges), left=tuple(truth.tolist()))
