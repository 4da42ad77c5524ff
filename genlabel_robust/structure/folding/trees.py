"""Trees on a core's columns as trees on raw features, with every split in its exact place."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.data.columns.number_or_category import Category, Number
from genlabel_robust.structure.columns import Front
from genlabel_robust.structure.core_trees import MOST_NODES, CoreTrees, Split
from genlabel_robust.structure.floats import below
from genlabel_robust.structure.folding.places import places, values_of
from genlabel_robust.structure.structure import UnreadError
from genlabel_robust.structure.trees import TreeEnsemble

#: The two exits of a chain of comparisons.
_LEFT, _RIGHT = -1, -2


@dataclass(frozen=True)
class _Chain:
    """Comparisons that decide a split: raw feature, threshold, and the targets for true and false.

    The targets are numbers of comparisons, or an exit. Without comparisons, all rows go to ``end``.
    """

    steps: tuple[tuple[int, float, int, int], ...]
    end: int = _LEFT


def folded(core: CoreTrees, front: Front) -> TreeEnsemble:
    """Return ``core``, whose columns are those of ``front``, as trees on raw features (d,).

    Raises ``UnreadError`` if a column cannot be followed, or if the result is too large.
    """
    for split in core.splits:
        if not 0 <= split.column < len(front.columns):
            raise UnreadError(
                f"its trees ask for column {split.column} of {len(front.columns)} that there are"
            )
    chains = _chains(core.splits, front)
    sizes = np.array([len(chain.steps) for chain in chains] or [0])
    inner = core.split >= 0
    size = np.where(inner, sizes[np.maximum(core.split, 0)], 1)
    total = int(size.sum())
    if total > MOST_NODES:
        raise UnreadError(
            f"its trees have {total:,} comparisons of raw features; at most {MOST_NODES:,} are held"
        )
    start = np.cumsum(size) - size
    # the first new node for each node of the core
    begin = start[_jumps(core, chains)]

    feature = np.full(total, -1, dtype=np.int64)
    threshold = np.zeros(total)
    left, right = np.arange(total), np.arange(total)
    value = np.zeros((total, core.value.shape[1]))
    value[start[~inner]] = core.value[~inner]

    owner = np.repeat(np.arange(len(size)), size)
    new = np.flatnonzero(inner[owner])
    owner = owner[new]
    first = np.cumsum(sizes) - sizes
    line = first[core.split[owner]] + new - start[owner]
    steps = [step for chain in chains for step in chain.steps]
    own = np.array([(f, a, b) for f, _, a, b in steps], dtype=np.int64).reshape(-1, 3)
    feature[new] = own[line, 0]
    threshold[new] = np.array([t for _, t, _, _ in steps])[line] if steps else ()
    for side, target in ((left, own[line, 1]), (right, own[line, 2])):
        ends = np.where(target == _LEFT, begin[core.left[owner]], begin[core.right[owner]])
        side[new] = np.where(target >= 0, start[owner] + target, ends)
    return TreeEnsemble(
        begin[core.roots], feature, threshold, left, right, value, core.base, core.rounding
    ).pruned()


def _jumps(core: CoreTrees, chains: Sequence[_Chain]) -> IntArray:
    """Return for each node of the core the first node, itself or below, that separates rows."""
    empty = np.array([not chain.steps for chain in chains] or [False])
    to_left = np.array([chain.end == _LEFT for chain in chains] or [False])
    of = np.maximum(core.split, 0)
    passes = (core.split >= 0) & empty[of]
    after = np.where(to_left[of], core.left, core.right)
    jump = np.where(passes, after, np.arange(len(passes)))
    while (jump[jump] != jump).any():
        jump = jump[jump]
    return np.asarray(jump)


def _chains(splits: Sequence[Split], front: Front) -> list[_Chain]:
    """Return the comparisons that decide each of ``splits``."""
    followed = [
        isinstance(front.parts[front.columns[s.column].part], Number)
        and front.columns[s.column].order != 0
        for s in splits
    ]
    cuts = [(s.column, cut) for s, f in zip(splits, followed, strict=True) if f for cut in s.cuts]
    columns = np.array([column for column, _ in cuts], dtype=np.int64)
    found = places(front, columns, np.array([cut for _, cut in cuts], dtype=np.float64))
    states = _States(front, {s.column for s in splits})
    chains, at = [], 0
    for split, is_followed in zip(splits, followed, strict=True):
        if is_followed:
            own = found[at : at + len(split.cuts)]
            at += len(split.cuts)
            chains.append(_of_number(split, front, own, states))
        else:
            chains.append(_of_states(split, front, states))
    return chains


class _States:
    """The values of columns in the finitely many states of the table's column that they depend on.

    The states are the codes of a category, or the intervals of a number between breaks, and
    missing.
    """

    def __init__(self, front: Front, columns: set[int]) -> None:
        self._front = front
        rows, places = [], []
        for column in sorted(columns):
            for raw in self._rows(column):
                rows.append(raw)
                places.append(column)
        found = values_of(front, np.array(rows)) if rows else np.zeros((0, 0))
        own = found[np.arange(len(rows)), places]
        self._values = {c: own[np.array(places) == c] for c in columns}

    def of(self, column: int) -> FloatArray:
        """Return the values of ``column`` for each code, or for each interval between breaks.

        The value for missing comes last, if the table's column can be missing.
        """
        return np.asarray(self._values[column])

    def _rows(self, column: int) -> list[FloatArray]:
        front, of = self._front, self._front.columns[column]
        part, start = front.parts[of.part], int(front.starts[of.part])
        rows = []
        if isinstance(part, Category):
            for code in range(len(part.level_names)):
                row = front.row.copy()
                if part.free:
                    row[start : start + len(part.names)] = 0.0
                    row[start + code] = 1.0
                else:
                    row[start] = code
                rows.append(row)
            return rows
        inside: list[float] = []
        if of.order == 0:
            last = of.breaks[-1] if of.breaks else float(front.row[start])
            inside = [*of.breaks, float(np.nextafter(last, np.inf))]
        for value, gone in (*((v, 0.0) for v in inside), *((None, 1.0),) * (part.fill is not None)):
            row = front.row.copy()
            if value is not None:
                row[start] = value
            if part.fill is not None:
                row[start + 1] = gone
                row[start] = part.fill if value is None else value
            rows.append(row)
        return rows


def _of_number(split: Split, front: Front, found: FloatArray, states: _States) -> _Chain:
    """Return the chain of a split on a monotone column; ``found`` (m,): the places of its cuts."""
    of = front.columns[split.column]
    part = front.parts[of.part]
    edge = float(found[0])
    if len(found) == 1 and np.isfinite(edge) and isinstance(part, Number) and part.fill is None:
        # this covers nearly all splits
        ends = (_LEFT, _RIGHT) if split.left[0] == (of.order > 0) else (_RIGHT, _LEFT)
        if split.left[0] != split.left[1]:
            return _Chain(((int(front.starts[of.part]), edge, *ends),))
    left = list(split.left)
    if of.order < 0:
        found, left = found[::-1], left[::-1]
    return _with_missing(split, front, _intervals(front, of.part, found, left), states)


def _of_states(split: Split, front: Front, states: _States) -> _Chain:
    of = front.columns[split.column]
    part, start = front.parts[of.part], int(front.starts[of.part])
    left = split.goes_left(states.of(split.column)).tolist()
    if isinstance(part, Number):
        inside = left[: len(of.breaks) + 1]
        chain = _intervals(front, of.part, np.array(of.breaks), inside)
        return _with_missing(split, front, chain, states)
    if not part.free:
        return _compared(start, _code_edges(len(left)), left)
    ends = [_LEFT if to_left else _RIGHT for to_left in left]
    rare = _LEFT if 2 * sum(left) <= len(left) else _RIGHT
    other = _RIGHT if rare == _LEFT else _LEFT
    chosen = [code for code, end in enumerate(ends) if end == rare]
    steps = [
        (start + code, 0.5, i + 1 if i + 1 < len(chosen) else other, rare)
        for i, code in enumerate(chosen)
    ]
    return _Chain(tuple(steps), other)


def _with_missing(split: Split, front: Front, chain: _Chain, states: _States) -> _Chain:
    """Return ``chain`` after a comparison of the missing mark, if the number can be missing."""
    of = front.columns[split.column]
    part = front.parts[of.part]
    if not isinstance(part, Number) or part.fill is None:
        return chain
    gone = split.goes_left(states.of(split.column)[-1:])[0]
    end = _LEFT if gone else _RIGHT
    if not chain.steps and chain.end == end:
        return chain
    flag = int(front.starts[of.part]) + 1
    half = float(below(np.array(0.5)))
    inside = 1 if chain.steps else chain.end
    rest = [(f, t, a + 1 if a >= 0 else a, b + 1 if b >= 0 else b) for f, t, a, b in chain.steps]
    return _Chain(((flag, half, inside, end), *rest))


def _intervals(front: Front, part: int, edges: FloatArray, left: Sequence[bool]) -> _Chain:
    return _compared(int(front.starts[part]), edges, left)


def _compared(feature: int, edges: FloatArray, left: Sequence[bool]) -> _Chain:
    """Return comparisons of ``feature`` with ascending ``edges`` (m,).

    ``left`` (m + 1,): whether each interval between edges goes to the left. Edges at -inf or +inf
    and duplicates are left out.
    """
    kept: list[tuple[float, bool]] = []
    before = -np.inf
    for edge, to_left in zip([*edges.tolist(), np.inf], left, strict=True):
        if edge <= before:
            continue
        if kept and kept[-1][1] == to_left:
            kept[-1] = (edge, to_left)
        else:
            kept.append((edge, to_left))
        before = edge
    ends = [_LEFT if to_left else _RIGHT for _, to_left in kept]
    steps = [
        (feature, edge, ends[i], i + 1 if i + 2 < len(kept) else ends[i + 1])
        for i, (edge, _) in enumerate(kept[:-1])
    ]
    return _Chain(tuple(steps), ends[0])


def _code_edges(n: int) -> FloatArray:
    """Return the largest float64 that rounds to each code except the last: ties go to even."""
    half = np.arange(n - 1, dtype=np.float64) + 0.5
    return np.where(np.arange(n - 1) % 2 == 0, half, below(half))
