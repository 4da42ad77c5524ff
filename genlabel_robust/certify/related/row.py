"""What a row may become under relations: linear limits on its moves, and the nearest such move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray
from genlabel_robust.threat import AttackSpace, Norm
from genlabel_robust.threat.relations.bound import Step
from genlabel_robust.threat.relations.moves import Moves
from genlabel_robust.threat.relations.program import Program, Row

#: By how much limits are loosened in a proof, as a share of what a form can come to: more than a
#: solver's tolerances, so that what it calls impossible is.
_LOOSE = 1e-6
#: By how much a strict comparison is met by a row that is looked for, in units of equality.
_STRICTLY = 8.0
#: Nodes of one program.
_NODES = 2_000

#: A form by number, and from where to where it must lie.
Limit: TypeAlias = tuple[int, float, float]


@dataclass(frozen=True, eq=False)
class Extra:
    """That the sum of ``weights`` (m,) times the move is at least ``least``."""

    weights: FloatArray
    least: float


@dataclass(frozen=True, eq=False)
class RelatedRow:
    """The row ``raw`` (d,) of ``space``; its moves are those of the m features that may change."""

    space: AttackSpace
    raw: FloatArray
    norm: Norm

    @cached_property
    def moves(self) -> Moves:
        """The relations over the features."""
        repair = self.space.repair
        if repair is None:
            raise ValueError("the space has no relations")
        return repair.moves

    @cached_property
    def room(self) -> tuple[FloatArray, FloatArray]:
        """How far each feature may go down (m,) and up (m,), both signed."""
        u = self.space.enter(self.raw[None])
        low, high = ((edge - u)[0, self.space.axes] for edge in self.space.box(u))
        return low, high

    @cached_property
    def _own(self) -> BoolArray:
        return np.asarray(self.raw[self.space.axes] == 1)

    @cached_property
    def _before(self) -> tuple[FloatArray, FloatArray]:
        values, slack = self.space.relations.values(self.raw[None])
        return values[0], slack[0]

    @cached_property
    def _slopes(self) -> FloatArray:
        """What each form gains (f, m) for a unit of each feature."""
        slopes = np.zeros((len(self.moves.forms), len(self.space.axes)))
        for number, form in enumerate(self.moves.forms):
            slopes[number, form.at] = form.slope
        return slopes

    def possible(self, low: FloatArray, high: FloatArray) -> bool:
        """Say whether moves from ``low`` to ``high`` (m,) may keep to all relations.

        By the ends of each form alone: where it says no there is none.
        """
        least, most, size = self._ends(low, high)
        return all(
            any(_can_be(option, least, most, size) for option in options)
            for options in self._options(loose=True)
        )

    def nearest(
        self,
        low: FloatArray,
        high: FloatArray,
        extra: Sequence[Extra] = (),
        *,
        loose: bool,
        size: float = 1.0,
    ) -> tuple[float, FloatArray | None]:
        """Return a bound on the length of moves between ``low`` and ``high`` (m,), and a move (m,).

        Of those that keep to the relations, and to ``extra``. ``loose``: with limits that are a
        little wider, so that the bound is one whatever the solver's tolerances; +inf where there is
        no such move. The move is as exact as the solver's; None where it found none. ``size``:
        about how long the move will be: tolerances are shares of it.
        """
        program, unit, shift = self._program(low, high, size)
        least, most, slack = self._ends(low, high)
        for options in self._options(loose=loose):
            able = [option for option in options if _can_be(option, least, most, slack)]
            if not able:
                return np.inf, None
            rows = [
                [self._limited(one, slack if loose else 0.0 * slack, unit, shift) for one in option]
                for option in able
            ]
            if not any(all(row is None for row in one) for one in rows):
                program.one_of([[row for row in one if row is not None] for one in rows])
        m = np.arange(len(unit))
        for one in extra:
            rest = one.least - float(one.weights @ shift)
            program.add(Row(m, one.weights * unit, rest, np.inf))
        cost = self._measured(program, unit, shift, size)
        solved = program.solve(cost, _NODES)
        if solved.point is None:
            return solved.bound, None
        return solved.bound, np.asarray(solved.point[m] * unit + shift)

    def _ends(self, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the least and the most (f,) of each form, and by how much they are loosened."""
        before, slack = self._before
        up, down = np.maximum(self._slopes, 0.0), np.minimum(self._slopes, 0.0)
        size = np.abs(self._slopes) @ np.maximum(np.abs(low), np.abs(high))
        size = _LOOSE * size + 2 * slack
        return before + up @ low + down @ high, before + up @ high + down @ low, size

    def _options(self, *, loose: bool) -> list[list[list[Limit]]]:
        """Return of each relation the ways in which it can be kept to, as limits on forms."""
        before, slack = self._before
        relations = self.space.relations
        met = relations.met_by(before[None], slack[None])[0]
        found = []
        for number, ways in enumerate(relations.ways):
            options = [[_limit(step, slack, loose=loose) for step in way] for way in ways]
            if not met[number]:
                options.append([_kept(step, before) for way in ways for step in way])
            known = [[one for one in option if not np.isnan(before[one[0]])] for option in options]
            found.append(known)
        return found

    def _program(
        self, low: FloatArray, high: FloatArray, size: float
    ) -> tuple[Program, FloatArray, FloatArray]:
        """Return a program of moves, each ``unit`` (m,) times a variable, and ``shift`` (m,)."""
        moves, scale = self.moves, self.moves.scale
        grouped = moves.group_of >= 0
        whole = moves.whole | grouped
        unit = np.where(whole, 1 / scale, size)
        shift = np.where(grouped & self._own, -1 / scale, 0.0)
        least, most = (low - shift) / unit, (high - shift) / unit
        least = np.where(whole, np.ceil(least - 1e-6), least)
        most = np.where(whole, np.floor(most + 1e-6), most)
        # an empty range is one of a single number too many
        most = np.maximum(most, least)
        more = 1 if self.norm == "linf" else len(unit)
        reach = float(np.maximum(np.abs(low), np.abs(high)).max(initial=0.0))
        program = Program(
            np.append(least, np.zeros(more)),
            np.append(most, np.full(more, reach / size)),
            np.append(whole, np.zeros(more, dtype=bool)),
        )
        for group in moves.groups:
            # a row that is none of the categories that may change stays as it is
            ones = float(self._own[group].any())
            program.add(Row(np.asarray(group), np.ones(len(group)), ones, ones))
        return program, unit, shift

    def _limited(
        self, limit: Limit, size: FloatArray, unit: FloatArray, shift: FloatArray
    ) -> Row | None:
        """Return the row of ``limit``; None where it holds whatever the moves are."""
        number, low, high = limit
        slopes, before = self._slopes[number], self._before[0][number]
        at = np.flatnonzero(slopes)
        if not len(at):
            return None  # a constant, which lies where it must
        base = before + float(slopes @ shift)
        least, most = low - size[number] - base, high + size[number] - base
        return Row(at, slopes[at] * unit[at], least, most)

    def _measured(
        self, program: Program, unit: FloatArray, shift: FloatArray, size: float
    ) -> FloatArray:
        """Let the last variables be the lengths of moves; return what the whole length costs."""
        m = len(unit)
        for feature in range(m):
            length = m if self.norm == "linf" else m + feature
            at = np.array([feature, length])
            for sign in (1.0, -1.0):
                weights = np.array([sign * unit[feature], -size])
                program.add(Row(at, weights, -np.inf, -sign * shift[feature]))
        cost = np.zeros(len(program.low))
        cost[m:] = size
        return cost


def _limit(step: Step, slack: FloatArray, *, loose: bool) -> Limit:
    margin = 0.0 if loose else _STRICTLY * float(slack[step.form])
    low = {"==": 0.0, ">=": 0.0, ">": margin}.get(step.kind, -np.inf)
    high = {"==": 0.0, "<=": 0.0, "<": -margin}.get(step.kind, np.inf)
    return step.form, low, high


def _kept(step: Step, before: FloatArray) -> Limit:
    own = float(before[step.form])
    low = min(own, 0.0) if step.kind in (">=", ">", "==") else -np.inf
    high = max(own, 0.0) if step.kind in ("<=", "<", "==") else np.inf
    return step.form, low, high


def _can_be(option: Sequence[Limit], least: FloatArray, most: FloatArray, size: FloatArray) -> bool:
    return all(
        most[form] >= low - size[form] and least[form] <= high + size[form]
        for form, low, high in option
    )
