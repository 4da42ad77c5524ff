"""Whole-number and categorical features, for the distances of affine models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from genlabel_robust.certify.affine.rivals import Rivals
from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.threat import AttackSpace
from genlabel_robust.threat.lattice import ROUNDING


@dataclass(frozen=True, eq=False)
class Steps:
    """The features, of d, that are not continuous, in attack space.

    ``step`` (d,): the length of one raw unit; ``integer`` (i,): the whole-number features;
    ``groups``: the columns of each one-hot group that may change; ``category`` (n, d): marks the
    columns that equal 1, which is each row's category.
    """

    step: FloatArray
    integer: IntArray
    groups: Sequence[IntArray]
    category: BoolArray

    def of(self, rows: slice) -> Steps:
        """Return the steps of these rows only."""
        return Steps(self.step, self.integer, self.groups, self.category[rows])

    @property
    def free(self) -> BoolArray:
        """Mark the features (d,) that are continuous."""
        marks = np.ones(len(self.step), dtype=bool)
        marks[np.concatenate([self.integer, *self.groups]).astype(np.int64)] = False
        return marks

    def switches(self, group: IntArray, rivals: Rivals) -> tuple[FloatArray, BoolArray, IntArray]:
        """Return the gain of switching to each of g categories, and whether it is possible.

        Gains (n, k, g), marks (n, g) and the category of each row (n,). Both columns of a switch
        need room in the box. A row in none of the changeable categories cannot switch.
        """
        category, step = self.category[:, group], self.step[group]
        own = category.argmax(axis=1)
        gains = rivals.toward[..., group] * step
        gains = gains - np.take_along_axis(gains, own[:, None, None], axis=2)
        most = step * (1 - ROUNDING)
        leaves = np.take_along_axis(rivals.down[:, group], own[:, None], axis=1) >= most[own, None]
        able = (
            ~category & category.any(axis=1, keepdims=True) & leaves & (rivals.up[:, group] >= most)
        )
        return gains, able, own


def steps_at(space: AttackSpace, raw: FloatArray) -> Steps | None:
    """Return the whole-number and categorical features at ``raw`` (n, d), None without any."""
    if not space.discrete:
        return None
    free = space.mutable
    groups = [np.array([i for i in g if free[i]], dtype=np.int64) for g in space.rules.one_hot]
    integer = np.array([i for i in space.rules.integer if free[i]], dtype=np.int64)
    return Steps(1 / space.scale, integer, [g for g in groups if len(g)], raw == 1)
