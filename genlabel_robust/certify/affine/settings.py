"""The settings of missing values: within each of them an affine model stays affine.

Where the attacker may fill in or remove a missing value, the model counts that value in one
setting of its flag, "NAME is missing", and not in the other. So the nearest row is the nearest
over all settings of the flags that may change; its length combines the cost of the switch with the
distance within the setting. Settings are searched in the order of their switch cost, until that
cost exceeds the distance of a known adversarial row or the work is used up.
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

#: How many sums of whole steps and switches of the budget allow one more setting.
_A_SETTING = 1000


@dataclass(frozen=True, eq=False)
class Setting:
    """The rows in which the flags ``switched`` (s,) are reversed.

    ``space``: the attack space in which no flag changes; ``cost``: the length of the switch under
    ``norm``, in attack space; ``least``: that length minus the tolerance with which ``violations``
    accepts rows. ``work``: what each row may use in this setting.
    """

    switched: IntArray
    space: AttackSpace
    norm: Norm
    cost: float
    least: float
    work: int | None

    def of(self, raw: FloatArray) -> FloatArray:
        """Return copies of the rows ``raw`` (n, d) with the flags of this setting."""
        moved = raw.copy()
        moved[:, self.switched] = 1 - (raw[:, self.switched] >= 0.5)
        return moved

    def farther(self, within: FloatArray) -> FloatArray:
        """Return the lengths (n,) of the switch combined with moves of lengths ``within`` (n,)."""
        return _together(self.cost, within, self.norm)

    def at_least(self, within: FloatArray) -> FloatArray:
        """Return ``farther`` reduced by the tolerance for accepted rows."""
        return _together(self.least, within, self.norm)


#: Bounds the distance of rows within a setting. Arguments: the setting, the indices (q,) of the
#: rows that can be in it, and these rows in it (q, d). Returns a lower and an upper bound (q,) on
#: the distance from the original rows, switch included.
Ask: TypeAlias = Callable[[Setting, IntArray, FloatArray], tuple[FloatArray, FloatArray]]


def nearest_setting(
    structure: Affine,
    space: AttackSpace,
    raw: FloatArray,
    norm: Norm,
    work: int | None,
    ask: Ask,
) -> tuple[FloatArray, FloatArray]:
    """Return the smallest lower and upper bounds (n,) that ``ask`` returns for rows ``raw`` (n, d).

    ``work``: as for ``nearest_rival``, shared by all settings. A setting that is not searched
    costs at least the lower bound, or more than the upper one.
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
    """Mark the flags (n, f) that each row's box allows to be reversed."""
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
    """Return the settings that ``work`` allows, and a lower bound on the cost of all others."""
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
    """Return the length of a switch of several flags with the lengths (s,)."""
    return float(lengths.sum() if norm == "l0" else distance(lengths, norm))


def _paid(space: AttackSpace, switched: IntArray) -> AttackSpace:
    """Return ``space`` with the price 0 for the features of the columns ``switched`` (s,)."""
    owned = space.touchable
    price = owned.price.copy()
    price[owned.owner[switched]] = 0.0
    return replace(space, features=replace(owned, price=price))


def _subsets(length: FloatArray, norm: Norm) -> Iterator[tuple[int, ...]]:
    """Yield all subsets of items with the ascending ``length`` (f,), the shortest first.

    Each subset but the empty one derives from one that is no longer: the next item replaces its
    last one or joins it.
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
    """Return the lengths (n,) of a switch combined with ``moves`` (n,) of other features."""
    if norm == "linf":
        return np.maximum(switch, moves)
    return np.asarray(np.hypot(switch, moves) if norm == "l2" else switch + moves)
