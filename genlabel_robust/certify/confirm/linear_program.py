"""Claims about affine models, checked by linear programs, or mixed-integer ones."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp

from genlabel_robust.certify.confirm.claim import Answer, Claim
from genlabel_robust.certify.touching import column_prices
from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.structure import Affine
from genlabel_robust.structure.missing_and_codes import counted

#: The most planes that approximate the L2 ball.
_PLANES = 30
#: The error in a lead from the solver's tolerances, as a share of the sizes that it adds up.
_ROUNDING = 1e-7
#: The rounding error of a number of whole steps.
_STEP = 1e-6
#: Nodes of the solver's branch and bound.
_NODES = 1_000
#: A flag of at least this value means that a value is missing.
_MISSING = 0.5


def by_linear_program(structure: Affine, claim: Claim) -> tuple[str, Answer]:
    """Return the kind of program, and its answer: the largest lead of any other class.

    Whole numbers, categories and changeable missing flags are integer variables. Relations are left
    out, which only helps the attacker. The L2 ball is approximated from outside: each plane cuts
    the cube where the last solution left the ball (Kelley, J. SIAM 8 (1960) 703). Under L0 a
    fraction of a feature's range costs that fraction of its price, which is less than the price.
    """
    scale = claim.space.scale
    here = structure.scores(claim.raw[None])[0]
    program = _Program(structure, claim)
    agrees, rows = True, []
    for rival in range(structure.n_classes):
        if rival == claim.y:
            continue
        weight = structure.weight[rival] - structure.weight[claim.y]
        size = np.abs(weight * scale).sum() * claim.radius + np.abs(weight * claim.raw).sum()
        rounding = _ROUNDING * (size + np.abs(here).max())
        needed = float(here[claim.y] - here[rival])
        most, step = program.farthest(weight, needed, rounding)
        if most >= needed - rounding:
            agrees = False
            rows.append(claim.raw + np.where(program.whole, np.rint(step * scale), step * scale))
    method = "mixed-integer programs" if program.integral else "linear programs"
    return method, Answer(agrees, np.reshape(rows, (-1, len(scale))))


@dataclass(frozen=True, eq=False)
class _Line:
    """The constraint ``least`` <= ``weights`` · x[``columns``] <= ``most``."""

    columns: IntArray
    weights: FloatArray
    least: float
    most: float


class _Program:
    """A program over the moves that a claim allows; its objective is the lead of a rival.

    Variables: how far each of d features goes up and how far down, in attack space; the number of
    steps of each whole-number feature; and for each value that may be missing, whether it is.
    """

    def __init__(self, structure: Affine, claim: Claim) -> None:
        self._claim = claim
        d, scale = len(claim.raw), claim.space.scale
        low, high = np.minimum(claim.room[0], 0.0), np.maximum(claim.room[1], 0.0)
        rules = claim.space.rules
        self.whole: BoolArray = np.zeros(d, dtype=bool)
        self.whole[[*rules.integer, *(column for group in rules.one_hot for column in group)]] = (
            True
        )
        self.whole &= (low < 0) | (high > 0)
        least, most = np.ceil(low * scale - _STEP), np.floor(high * scale + _STEP)
        low = np.where(self.whole, np.minimum(least, 0.0) / scale, low)
        high = np.where(self.whole, np.maximum(most, 0.0) / scale, high)
        self._room = low, high
        self._upper = [*high, *-low]
        self._lower = [0.0] * (2 * d)
        self._lines: list[_Line] = []
        steps = {int(one): self._new(least[one], most[one]) for one in np.flatnonzero(self.whole)}
        for column, step in steps.items():
            ways = scale[column] * np.array([1.0, -1.0])
            self._add([column, d + column, step], [*ways, -1.0], 0.0, 0.0)
        for group in rules.one_hot:
            moving = [steps[column] for column in group if column in steps]
            if moving:
                self._add(moving, [1.0] * len(moving), 0.0, 0.0)
        self._gone = self._missing(structure.flags)
        counts = counted(structure.flags, claim.raw[None])
        self._absent = np.broadcast_to(np.asarray(counts) == 0, (1, d))[0]
        self.integral = len(self._upper) > 2 * d

    def _missing(self, flags: IntArray | None) -> dict[int, int]:
        """Add a variable for each value that may be missing or not; return them by feature.

        A feature whose value is always missing gets no room to move.
        """
        found: dict[int, int] = {}
        d, scale, raw = len(self._claim.raw), self._claim.space.scale, self._claim.raw
        low, high = self._room
        for feature, flag in enumerate([] if flags is None else flags.tolist()):
            if flag < 0:
                continue
            least, most = raw[flag] + scale[flag] * low[flag], raw[flag] + scale[flag] * high[flag]
            if most < _MISSING:
                continue
            if least >= _MISSING:
                self._upper[feature] = self._upper[d + feature] = 0.0
                continue
            gone = found[feature] = self._new(0.0, 1.0)
            # the value is missing if the flag is above one half; at one half both are allowed
            ways, value = [scale[flag], -scale[flag]], [flag, d + flag]
            self._add([*value, gone], [*ways, -(_MISSING - least)], least - raw[flag], np.inf)
            self._add([*value, gone], [*ways, -(most - _MISSING)], -np.inf, _MISSING - raw[flag])
            # a missing value need not be moved
            room = max(float(high[feature] - low[feature]), 0.0)
            self._add([feature, d + feature, gone], [1.0, 1.0, room], -np.inf, room)
        return found

    def _new(self, least: float, most: float) -> int:
        self._lower.append(float(least))
        self._upper.append(float(max(least, most)))
        return len(self._upper) - 1

    def _add(self, columns: list[int], weights: list[float], least: float, most: float) -> None:
        self._lines.append(_Line(np.array(columns), np.array(weights), least, most))

    def farthest(
        self, weight: FloatArray, needed: float, rounding: float
    ) -> tuple[float, FloatArray]:
        """Return an upper bound on the gain of any step, and a step (d,) that nearly attains it.

        ``weight`` (d,): the gain per raw unit of each feature that is not missing. The bound is
        only as tight as is needed to compare it with ``needed``. +inf and a step of 0 if the
        solver fails.
        """
        claim, d = self._claim, len(weight)
        gain, fixed = weight * claim.space.scale, 0.0
        objective = np.concatenate([gain, -gain, np.zeros(len(self._upper) - 2 * d)])
        for feature, gone in self._gone.items():
            # the contribution of the value itself, if it is not missing
            worth = weight[feature] * claim.raw[feature]
            objective[gone] = -worth
            fixed += worth * float(self._absent[feature])
        planes = []
        if claim.norm == "l1":
            planes = [np.ones(2 * d)]
        if claim.norm == "l0":
            low, high = self._room
            planes = [_touching(claim, high, -low)]
        for _ in range(_PLANES):
            solved = self._solved(objective, planes)
            bound = solved.get("mip_dual_bound") if self.integral else solved.fun
            if solved.x is None or bound is None:
                return np.inf, np.zeros(d)
            step, most = solved.x[:d] - solved.x[d : 2 * d], fixed - float(bound)
            length = float(np.sqrt(step @ step))
            if claim.norm != "l2" or length <= claim.radius or most < needed - rounding:
                break
            planes.append(np.concatenate([step, -step]) / length)
            if self.integral:
                continue
            # the box contains every point between the row and the step
            step = step * (claim.radius / length)
            if gain @ step > needed + rounding:
                break
        return most, np.asarray(step)

    def _solved(self, objective: FloatArray, planes: list[FloatArray]) -> OptimizeResult:
        size = len(objective)
        matrix = np.zeros((len(self._lines) + len(planes), size))
        least, most = np.full(len(matrix), -np.inf), np.full(len(matrix), self._claim.radius)
        for number, line in enumerate(self._lines):
            matrix[number, line.columns] = line.weights
            least[number], most[number] = line.least, line.most
        for number, plane in enumerate(planes, start=len(self._lines)):
            matrix[number, : len(plane)] = plane
        whole = np.arange(size) >= 2 * len(self._claim.raw)
        return milp(
            -objective,
            integrality=whole.astype(np.int64),
            bounds=Bounds(np.array(self._lower), np.array(self._upper)),
            constraints=LinearConstraint(matrix, least, most) if len(matrix) else None,
            options={"node_limit": _NODES, "mip_rel_gap": 0.0},
        )


def _touching(claim: Claim, up: FloatArray, down: FloatArray) -> FloatArray:
    """Return the L0 cost per unit (2 d,) of moving each column up, then down.

    Moving a column by its whole range ``up`` or ``down`` (d,) costs its price.
    """
    price, room = column_prices(claim.space), np.concatenate([up, down])
    return np.where(room > 0, np.tile(price, 2) / np.where(room > 0, room, 1.0), 0.0)
