"""The moves of a row under relations as linear constraints, and the shortest such move."""

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

#: How much a proof loosens limits, as a share of the range of a form. More than a solver's
#: tolerances, so that what the solver calls infeasible is infeasible.
_LOOSE = 1e-6
#: The margin with which a witness meets a strict comparison, in units of the equality tolerance.
_STRICTLY = 8.0
#: The most branch-and-bound nodes of one program.
_NODES = 2_000

#: A form by its number, and the smallest and largest value that it may have.
Limit: TypeAlias = tuple[int, float, float]


@dataclass(frozen=True, eq=False)
class Extra:
    """The constraint that ``weights`` (m,) · move is at least ``least``."""

    weights: FloatArray
    least: float


@dataclass(frozen=True, eq=False)
class RelatedRow:
    """The row ``raw`` (d,) of ``space``; a move changes the m features that may change."""

    space: AttackSpace
    raw: FloatArray
    norm: Norm

    @cached_property
    def moves(self) -> Moves:
        """The relations as functions of the moves."""
        repair = self.space.repair
        if repair is None:
            raise ValueError("the space has no relations")
        return repair.moves

    @cached_property
    def room(self) -> tuple[FloatArray, FloatArray]:
        """How far each feature may go down (m,) and up (m,), as signed numbers."""
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
        """The change (f, m) of each form per unit of each feature."""
        slopes = np.zeros((len(self.moves.forms), len(self.space.axes)))
        for number, form in enumerate(self.moves.forms):
            slopes[number, form.at] = form.slope
        return slopes

    def possible(self, low: FloatArray, high: FloatArray) -> bool:
        """Say whether a move between ``low`` and ``high`` (m,) may satisfy all relations.

        Only checks the range of each form: False means that there is no such move.
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
        """Return a lower bound on the length of a move between ``low`` and ``high``, and a move.

        Moves (m,) must satisfy the relations and ``extra``. ``loose``: widen the limits slightly,
        so that the bound is valid despite the solver's tolerances. The bound is +inf if there is
        no such move. The move is only as exact as the solver; None if it found none. ``size``: the
        expected length of the move; tolerances are shares of it.
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
        """Return the smallest and largest value (f,) of each form, and its loosening."""
        before, slack = self._before
        up, down = np.maximum(self._slopes, 0.0), np.minimum(self._slopes, 0.0)
        size = np.abs(self._slopes) @ np.maximum(np.abs(low), np.abs(high))
        size = _LOOSE * size + 2 * slack
        return before + up @ low + down @ high, before + up @ high + down @ low, size

    def _options(self, *, loose: bool) -> list[list[list[Limit]]]:
        """Return the alternative ways to satisfy each relation, as limits on forms."""
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
        """Return a program over moves: ``unit`` (m,) times the variables plus ``shift`` (m,)."""
        moves, scale = self.moves, self.moves.scale
        grouped = moves.group_of >= 0
        whole = moves.whole | grouped
        unit = np.where(whole, 1 / scale, size)
        shift = np.where(grouped & self._own, -1 / scale, 0.0)
        least, most = (low - shift) / unit, (high - shift) / unit
        least = np.where(whole, np.ceil(least - 1e-6), least)
        most = np.where(whole, np.floor(most + 1e-6), most)
        # the program needs a non-empty range
        most = np.maximum(most, least)
        more = 1 if self.norm == "linf" else len(unit)
        reach = float(np.maximum(np.abs(low), np.abs(high)).max(initial=0.0))
        program = Program(
            np.append(least, np.zeros(more)),
            np.append(most, np.full(more, reach / size)),
            np.append(whole, np.zeros(more, dtype=bool)),
        )
        for group in moves.groups:
            # a row in none of the changeable categories stays as it is
            ones = float(self._own[group].any())
            program.add(Row(np.asarray(group), np.ones(len(group)), ones, ones))
        return program, unit, shift

    def _limited(
        self, limit: Limit, size: FloatArray, unit: FloatArray, shift: FloatArray
    ) -> Row | None:
        """Return ``limit`` as a row of the program; None if it does not depend on the moves."""
        number, low, high = limit
        slopes, before = self._slopes[number], self._before[0][number]
        at = np.flatnonzero(slopes)
        if not len(at):
            return None  # a constant form: ``_can_be`` has checked it
        base = before + float(slopes @ shift)
        least, most = low - size[number] - base, high + size[number] - base
        return Row(at, slopes[at] * unit[at], least, most)

    def _measured(
        self, program: Program, unit: FloatArray, shift: FloatArray, size: float
    ) -> FloatArray:
        """Constrain the last variables to the lengths of moves; return the cost vector."""
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
