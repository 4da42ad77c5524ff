"""The choices of categories that an attacker has, one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TypeAlias

import numpy as np

from genlabel_robust.core.arrays import BoolArray, FloatArray
from genlabel_robust.threat.space import AttackSpace
from genlabel_robust.threat.threat_model import Norm

#: More choices than these are not enumerated.
MOST = 4096
#: What rounding can take off a whole step.
_SLACK = 1e-6

#: Two columns of a group, none if it stays as it is, and their change in attack space.
_Switch: TypeAlias = tuple[tuple[int, ...], FloatArray]


def choices(
    space: AttackSpace, raw: FloatArray, norm: Norm, radius: float
) -> list[tuple[FloatArray, float]] | None:
    """Return each choice of categories within ``radius``: a raw row (d,), and its radius left.

    ``raw`` (d,): the example, whose own choice comes first. All other features stay as they are.
    None if there are too many.
    """
    parts = [_switches(space, raw, group) for group in space.rules.one_hot]
    if np.prod([float(len(part)) for part in parts]) > MOST * 64:
        return None
    found: list[tuple[FloatArray, float]] = []
    for row, cost in _joined(raw, parts, norm):
        if cost > radius * (1 + _SLACK):
            continue
        found.append((row, _left(radius, cost, norm)))
        if len(found) > MOST:
            return None
    return found


def _switches(space: AttackSpace, raw: FloatArray, group: tuple[int, ...]) -> list[_Switch]:
    """Return what a group can be: its columns and their change in attack space, none first."""
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


def _joined(
    raw: FloatArray, parts: list[list[_Switch]], norm: Norm
) -> Iterator[tuple[FloatArray, float]]:
    for combination in product(*parts):
        row = raw.copy()
        changes: list[FloatArray] = [np.zeros(0)]
        for pair, change in combination:
            if len(pair):
                row[np.array(pair)] = [0.0, 1.0]
                changes.append(change)
        size = np.abs(np.concatenate(changes))
        if norm == "linf":
            yield row, float(size.max(initial=0.0))
        else:
            yield row, float(size.sum() if norm == "l1" else np.sqrt((size**2).sum()))


def _left(radius: float, cost: float, norm: Norm) -> float:
    """Return what of the radius is left for the other features."""
    if norm == "linf":
        return radius
    if norm == "l1":
        return max(radius - cost, 0.0) + _SLACK * radius * (cost > 0)
    return float(np.sqrt(max(radius**2 - cost**2, 0.0)) + _SLACK * radius * (cost > 0))


def in_groups(space: AttackSpace) -> BoolArray:
    """Mark the features (d,) that are one of several categories."""
    found = np.zeros(len(space.scale), dtype=bool)
    for group in space.rules.one_hot:
        found[list(group)] = True
    return found
