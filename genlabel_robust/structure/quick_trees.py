"""Fast evaluation of tree ensembles on many rows, by bit vectors without walking nodes.

Between two neighbouring thresholds of a feature, no tree distinguishes values. For each feature and
each such cell, a table contains one bit for each path of every tree: whether the path admits values
of that cell. The path of a row in a tree is the only bit that remains after a bitwise "and" of the
entries for all its features. Source: the bit vectors of QuickScorer (Lucchese et al. 2015), applied
to paths, not nodes, because nodes may have several parents here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.structure.trees import TreeEnsemble

#: A path: its leaf, and the first and the last cell of each feature that it tests.
_Path: TypeAlias = tuple[int, dict[int, tuple[int, int]]]

#: The most paths of one tree, features that are tested, and bytes of all tables.
_PATHS, _FEATURES, _BYTES = 1024, 256, 2**26
#: Bytes per block of rows, so that its data stay in the CPU's cache.
_BLOCK = 2**18
#: A 64-bit de Bruijn sequence: its product with a power of two identifies it by its top six bits.
_DE_BRUIJN = 0x03F79D71B4CB0A89


@dataclass(frozen=True, eq=False)
class QuickTrees:
    """The tables of an ensemble whose paths fill t words of up to p bits, on ``features`` (f,).

    A tree has one word or several. ``edges``: the thresholds of each feature, ascending;
    ``passing``: the bits (cells, t) of each feature, and ``start`` (t,): the bits of all paths.
    ``place``: the number of a single set bit, from 1 on, and 0 if none is set; indexed by the word
    itself or, for 64 bits, by de Bruijn. ``parts``: for each class with nonzero values, the words
    (s,) that have such values, and the values of their paths (s · (p + 1),), with a 0 before those
    of each word.
    """

    features: IntArray
    edges: tuple[FloatArray, ...]
    passing: tuple[np.ndarray[Any, Any], ...]
    start: np.ndarray[Any, Any]
    place: IntArray
    paths: int
    parts: tuple[tuple[int, IntArray, FloatArray], ...]
    base: FloatArray

    def scores(self, raw: FloatArray) -> FloatArray:
        """Return the scores, with the same bits for a row in any batch: (n, d) -> (n, k)."""
        scores = np.empty((len(raw), len(self.base)))
        step = max(1, _BLOCK // self.start.nbytes)
        for start in range(0, len(raw), step):
            rows = slice(start, start + step)
            scores[rows] = self._scores(raw[rows])
        return scores

    def _scores(self, raw: FloatArray) -> FloatArray:
        scores = np.tile(self.base, (len(raw), 1))
        left = np.tile(self.start, (len(raw), 1))
        for feature, edges, passing in zip(self.features, self.edges, self.passing, strict=True):
            # values up to the threshold go to the left
            left &= passing.take(edges.searchsorted(raw[:, feature]), axis=0)
        if left.dtype == np.uint64:
            # only six bits: signed is the same, and numpy 2.0 does not index by unsigned 64-bit
            # integers
            at = self.place.take(((left * np.uint64(_DE_BRUIJN)) >> np.uint64(58)).view(np.int64))
        else:
            at = self.place.take(left)
        for k, trees, values in self.parts:
            chosen = at if len(trees) == at.shape[1] else at[:, trees]
            chosen = chosen + (self.paths + 1) * np.arange(len(trees))
            scores[:, k] += values.take(chosen).sum(axis=1)
        return scores


def quick_trees(ensemble: TreeEnsemble) -> QuickTrees | None:
    """Return the tables of ``ensemble``, None if they would be too large."""
    inner = ensemble.feature >= 0
    features = np.unique(ensemble.feature[inner])
    edges = {int(f): np.unique(ensemble.threshold[ensemble.feature == f]) for f in features}
    cells = sum(len(own) + 1 for own in edges.values())
    trees = len(ensemble.roots)
    if len(features) > _FEATURES or cells * trees > _BYTES or not trees:
        return None
    rank = np.zeros(len(ensemble.feature), dtype=np.int64)
    for f, own in edges.items():
        nodes = ensemble.feature == f
        rank[nodes] = own.searchsorted(ensemble.threshold[nodes])
    nodes = [part.tolist() for part in (ensemble.feature, rank, ensemble.left, ensemble.right)]
    last = {f: len(own) for f, own in edges.items()}
    paths = []
    for root in ensemble.roots.tolist():
        own_paths = []
        for path in _paths(root, nodes, last):
            own_paths.append(path)
            if len(own_paths) > _PATHS:
                return None
        paths.append(own_paths)
    longest = max(map(len, paths))
    kind: Any = np.uint8 if longest <= 8 else np.uint16 if longest <= 16 else np.uint64
    most = min(longest, 63)
    words = [own[i : i + most] for own in paths for i in range(0, len(own), most)]
    if cells * len(words) * kind().nbytes > _BYTES:
        return None
    # a word of 64 bits leaves its first bit unused: by de Bruijn it looks like no bit at all
    first = 1 if kind is np.uint64 else 0
    start = np.array([(2 ** len(own) - 1) << first for own in words], dtype=np.uint64).astype(kind)
    return QuickTrees(
        features,
        tuple(edges.values()),
        _passing(words, last, start, first),
        start,
        _places(kind),
        most,
        _parts(ensemble, words, most),
        ensemble.base,
    )


def _paths(root: int, nodes: list[list[int]], last: dict[int, int]) -> Iterator[_Path]:
    """Yield the paths from ``root`` that a value can take; ``nodes``: their fields, as lists."""
    feature, rank, left, right = nodes
    under_way: list[_Path] = [(root, {})]
    while under_way:
        node, cells = under_way.pop()
        f = feature[node]
        if f < 0:
            yield node, cells
            continue
        low, high = cells.get(f, (0, last[f]))
        if low <= rank[node]:
            under_way.append((left[node], {**cells, f: (low, min(high, rank[node]))}))
        if high > rank[node]:
            under_way.append((right[node], {**cells, f: (max(low, rank[node] + 1), high)}))


def _passing(
    words: list[list[_Path]], last: dict[int, int], start: np.ndarray[Any, Any], first: int
) -> tuple[np.ndarray[Any, Any], ...]:
    passing = {f: np.tile(start, (end + 1, 1)) for f, end in last.items()}
    for word, own in enumerate(words):
        for number, (_, cells) in enumerate(own, first):
            others = start.dtype.type(int(start[word]) & ~(1 << number))
            for f, (low, high) in cells.items():
                passing[f][:low, word] &= others
                passing[f][high + 1 :, word] &= others
    return tuple(passing.values())


def _parts(
    ensemble: TreeEnsemble, words: list[list[_Path]], most: int
) -> tuple[tuple[int, IntArray, FloatArray], ...]:
    values = np.zeros((len(words), most + 1, ensemble.n_classes))
    for word, own in enumerate(words):
        values[word, 1 : len(own) + 1] = ensemble.value[[leaf for leaf, _ in own]]
    parts = []
    for k in range(ensemble.n_classes):
        trees = np.flatnonzero((values[:, :, k] != 0).any(axis=1))
        if len(trees):
            parts.append((k, trees, values[trees, :, k].ravel()))
    return tuple(parts)


def _places(kind: Any) -> IntArray:
    """Return the number, from 1 on, of each word's single set bit, or by de Bruijn; 0 for none."""
    if kind is np.uint64:
        place = np.zeros(64, dtype=np.int64)
        for bit in range(1, 64):
            place[((1 << bit) * _DE_BRUIJN % 2**64) >> 58] = bit
        return place
    place = np.zeros(2 ** (8 * kind().nbytes), dtype=np.int64)
    for bit in range(8 * kind().nbytes):
        place[1 << bit] = bit + 1
    return place
