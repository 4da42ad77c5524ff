"""The settings of what is missing: in each of them an affine model is affine in the rest.

Where the attacker may make a value up, or take one away, the model counts that value in one
setting of its flag, "NAME is missing", and not in the other. So the nearest row is the nearest of
those of all settings of the flags that may change: what the switch costs, together with the
distance within the setting. Settings are looked at in the order of what they cost, up to the one
that costs more than a row that is known, or up to as many as the work allows.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from itertools import islice
from typing import TypeAlias

import numpy as np

from genlabel_robust.certify.affine.nearest_rival import WORK
from genlabel_robust.certify.missing import freed_flags
from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.structure import Affine
from genlabel_robust.threat import AttackSpace, Norm, distance
from genlabel_robust.threat.lattice import ROUNDING

#: Sums of whole steps and switches for which one more setting is looked at.
_A_SETTING = 1000


@dataclass(frozen=True, eq=False)
class Setting:
    """The rows in which the flags ``switched`` (s,) are the other way round.

    ``space``: in which no flag changes any more; ``cost``: how long the switch is under
    ``norm``, in attack space, and ``least``: how long it is for rows that are accepted with the
    slack of ``violations``. ``work``: what is left for each row.
    """

    switched: IntArray
    space: AttackSpace
    norm: Norm
    cost: float
    least: float
    work: int | None

    def of(self, raw: FloatArray) -> FloatArray:
        """Return the rows (n, d) in this setting."""
        moved = raw.copy()
        moved[:, self.switched] = 1 - (raw[:, self.switched] >= 0.5)
        return moved

    def farther(self, within: FloatArray) -> FloatArray:
        """Return the lengths (n,) of switch and moves, of moves of the lengths ``within`` (n,)."""
        return _together(self.cost, within, self.norm)

    def at_least(self, within: FloatArray) -> FloatArray:
        """Return what ``farther`` does, less what the slack of accepted rows takes off."""
        return _together(self.least, within, self.norm)


#: Of a setting, the numbers (q,) of the rows that can be in it, and these rows in it (q, d): bounds
#: (q,) and (q,) on the distance of the rows as they are, switch included.
Ask: TypeAlias = Callable[[Setting, IntArray, FloatArray], tuple[FloatArray, FloatArray]]


def nearest_setting(
    structure: Affine,
    space: AttackSpace,
    raw: FloatArray,
    norm: Norm,
    work: int | None,
    ask: Ask,
) -> tuple[FloatArray, FloatArray]:
    """Return the least of the bounds (n,) and (n,) that ``ask`` gives of rows ``raw`` (n, d).

    ``work``: as of ``nearest_rival``, for all settings together. Settings that do not come to be
    looked at cost as much as the lower bound, or more than the upper one.
    """
    flags = freed_flags(structure, space)
    settings, beyond = _settings(flags, space, norm, work)
    lower, upper = np.full(len(raw), beyond), np.full(len(raw), np.inf)
    able = _able(space, raw, flags)
    for setting in settings:
        possible = able[:, np.isin(flags, setting.switched)].all(axis=1)
        rows = np.flatnonzero(possible & (setting.least < upper))
        if len(rows):
            low, high = ask(setting, rows, setting.of(raw[rows]) if setting.cost else raw[rows])
            lower[rows] = np.minimum(lower[rows], low)
            upper[rows] = np.minimum(upper[rows], high)
    return np.minimum(lower, upper), upper


def _able(space: AttackSpace, raw: FloatArray, flags: IntArray) -> BoolArray:
    """Mark the flags (n, f) that the box of each row lets be the other way round."""
    if not len(flags):
        return np.zeros((len(raw), 0), dtype=bool)
    u = space.enter(raw)
    low, high = space.box(u)
    gone = raw[:, flags] >= 0.5
    room = np.where(gone, (u - low)[:, flags], (high - u)[:, flags]) * space.scale[flags]
    return np.asarray(room >= 1 - ROUNDING)


def _settings(
    flags: IntArray, space: AttackSpace, norm: Norm, work: int | None
) -> tuple[list[Setting], float]:
    """Return the settings that ``work`` allows, and what all others cost at least."""
    most = max((WORK if work is None else work) // _A_SETTING, 1)
    length = 1 / space.scale[flags]
    owned = space.touchable
    if norm == "l0":
        length = owned.price[owned.owner[flags]]
    order = np.argsort(length, kind="stable")
    chosen = list(islice(_subsets(length[order], norm), most + 1))
    mutable = space.mutable.copy()
    mutable[flags] = False
    fixed = replace(space, mutable=mutable) if len(flags) else space
    share = work
    if len(chosen) > 1:
        share = max((WORK if work is None else work) // min(len(chosen), most), 1)
    slack = 8 * np.spacing(1 + np.abs(space.offset[flags])) / space.scale[flags]
    slack = slack * (norm != "l0")
    found = []
    for subset in chosen:
        at = order[list(subset)]
        cost = _joint(length[at], norm)
        least = _joint(np.maximum(length[at] - slack[at], 0.0), norm) * (1 - 1e-12)
        own = _paid(fixed, flags[at]) if norm == "l0" else fixed
        found.append(Setting(flags[at], own, norm, cost, least, share))
    beyond = found[most].least if len(found) > most else np.inf
    return found[:most], beyond


def _joint(lengths: FloatArray, norm: Norm) -> float:
    """Return the length of a switch of all, each of its length (s,)."""
    return float(lengths.sum() if norm == "l0" else distance(lengths, norm))


def _paid(space: AttackSpace, switched: IntArray) -> AttackSpace:
    """Return ``space`` where the features of what is ``switched`` (s,) cost nothing any more."""
    owned = space.touchable
    price = owned.price.copy()
    price[owned.owner[switched]] = 0.0
    return replace(space, features=replace(owned, price=price))


def _subsets(length: FloatArray, norm: Norm) -> Iterator[tuple[int, ...]]:
    """Yield all subsets of what has the ascending ``length`` (f,), the shortest first.

    Each subset but the empty one comes of one that is no longer: by its last member's neighbour in
    that one's place, or beside it.
    """
    yield ()
    heap: list[tuple[float, tuple[int, ...]]] = []
    if len(length):
        heappush(heap, (float(length[0]), (0,)))
    while heap:
        _, subset = heappop(heap)
        yield subset
        following = subset[-1] + 1
        if following < len(length):
            for longer in ((*subset[:-1], following), (*subset, following)):
                heappush(heap, (_joint(length[list(longer)], norm), longer))


def _together(switch: float, moves: FloatArray, norm: Norm) -> FloatArray:
    """Return the lengths (n,) of a switch and of ``moves`` (n,) of other features."""
    if norm == "linf":
        return np.maximum(switch, moves)
    return np.asarray(np.hypot(switch, moves) if norm == "l2" else switch + moves)
