"""Enumeration of an attacker's choices of categories and of missing values."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, product
from typing import TypeAlias

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.threat import AttackSpace, Norm, distance

#: The most choices that are enumerated.
MOST = 4096
#: The rounding error of a whole step.
_SLACK = 1e-6

#: Columns that flip between 0 and 1, empty if all stay, and their change in attack space.
_Switch: TypeAlias = tuple[tuple[int, ...], FloatArray]


@dataclass(frozen=True, eq=False)
class Choice:
    """A raw ``row`` (d,) with other categories or missing values, and the switch's ``cost``."""

    row: FloatArray
    cost: float

    def left(self, radius: float, norm: Norm) -> float:
        """Return the part of ``radius`` that the other features may use."""
        if norm == "linf" or not self.cost:
            return radius
        if norm == "l1":
            return max(radius - self.cost, 0.0)
        return float(np.sqrt(max(radius**2 - self.cost**2, 0.0)))

    def at_most_left(self, radius: float, norm: Norm) -> float:
        """Return an upper bound on ``left``, whatever the rounding of the cost."""
        return self.left(radius, norm) + _SLACK * radius * (norm != "linf" and self.cost > 0)


def choices(
    space: AttackSpace, raw: FloatArray, flags: IntArray, norm: Norm, radius: float
) -> list[Choice] | None:
    """Return all choices within ``radius`` of the example ``raw`` (d,), its own first.

    ``flags``: the missing-value flags that may change. Returns None if there are too many choices.
    """
    parts = [_switches(space, raw, group) for group in space.rules.one_hot]
    parts += [_flips(space, raw, flag) for flag in flags.tolist()]
    if np.prod([float(len(part)) for part in parts]) > MOST * 64:
        return None
    found: list[Choice] = []
    for choice in _joined(raw, parts, norm):
        if choice.cost <= radius * (1 + _SLACK):
            found.append(choice)
        if len(found) > MOST:
            return None
    return found


def _switches(space: AttackSpace, raw: FloatArray, group: tuple[int, ...]) -> list[_Switch]:
    """Return the switches of a one-hot group: columns and changes; the first is to stay."""
    columns = np.array(group, dtype=np.int64)
    own = raw[columns] == 1
    free = space.mutable[columns]
    found: list[_Switch] = [((), np.zeros(0))]
    if not (own & free).any():
        return found
    at = int(own.argmax())
    low, high = (edge[0] for edge in space.box(space.enter(raw[None])))
    for other in np.flatnonzero(free & ~own).tolist():
        pair = columns[[at, other]]
        change = np.array([-1.0, 1.0]) / space.scale[pair]
        u = space.enter(raw[None])[0, pair] + change
        room = _SLACK / space.scale[pair]
        if (u >= low[pair] - room).all() and (u <= high[pair] + room).all():
            found.append((tuple(pair.tolist()), change))
    return found


def _flips(space: AttackSpace, raw: FloatArray, flag: int) -> list[_Switch]:
    """Return the values that the 0/1 feature ``flag`` may take, its own first."""
    change = np.array([-1.0 if raw[flag] >= 0.5 else 1.0]) / space.scale[flag]
    u = space.enter(raw[None])
    low, high = (edge[0, flag] for edge in space.box(u))
    room = _SLACK / space.scale[flag]
    able = low - room <= u[0, flag] + change[0] <= high + room
    return [((), np.zeros(0)), *([((flag,), change)] if able else [])]


def _joined(raw: FloatArray, parts: list[list[_Switch]], norm: Norm) -> Iterator[Choice]:
    for combination in product(*parts):
        row = raw.copy()
        changes: list[FloatArray] = [np.zeros(0)]
        for columns, change in combination:
            row[list(columns)] = change > 0
            changes.append(change)
        size = np.abs(np.concatenate(changes))
        yield Choice(row, float(distance(size, norm)))


def chosen_among(space: AttackSpace, flags: IntArray) -> BoolArray:
    """Mark the features (d,) whose values ``choices`` enumerates."""
    found = np.zeros(len(space.scale), dtype=bool)
    found[[*chain.from_iterable(space.rules.one_hot), *flags.tolist()]] = True
    return found
