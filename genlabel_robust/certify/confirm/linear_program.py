"""Affine models by linear programs."""

import numpy as np
from scipy.optimize import linprog

from genlabel_robust.certify.confirm.claim import Answer, Claim
from genlabel_robust.certify.touching import column_prices
from genlabel_robust.core import FloatArray
from genlabel_robust.structure import Affine

#: Planes that are laid around the L2 ball, at most.
_PLANES = 30
#: What a solver's tolerances can add to a lead, as a share of the sizes that it sums up.
_ROUNDING = 1e-7


def by_linear_program(structure: Affine, claim: Claim) -> Answer | None:
    """Return what the largest lead of another class says; None where values may be missing.

    Whole numbers and categories may be anything between: more than the attacker can do. The L2
    ball is cut out of the cube by planes that touch it where the last solution left it (Kelley,
    J. SIAM 8 (1960) 703): what lies inside the planes is more than the ball. Under L0 a part of a
    feature's way costs that part of its price, which is less than the price.
    """
    if structure.flags is not None:
        return None
    scale = claim.space.scale
    here = structure.scores(claim.raw[None])[0]
    agrees, rows = True, []
    for rival in range(structure.n_classes):
        if rival == claim.y:
            continue
        gain = (structure.weight[rival] - structure.weight[claim.y]) * scale
        rounding = _ROUNDING * (np.abs(gain).sum() * claim.radius + np.abs(here).max())
        needed = float(here[claim.y] - here[rival])
        most, step = _farthest(gain, claim, needed, rounding)
        if most >= needed - rounding:
            agrees = False
            rows.append(claim.raw + step * scale)
    return Answer(agrees, np.reshape(rows, (-1, len(scale))))


def _farthest(
    gain: FloatArray, claim: Claim, needed: float, rounding: float
) -> tuple[float, FloatArray]:
    """Return a bound on what any step gains, and a step (d,) that gains as much, or nearly.

    As good a bound as tells whether ``needed`` is gained. +inf, and no step, where the solver
    finds none.
    """
    d = len(gain)
    low, high = claim.room
    # variables: how far each feature goes up, and how far down
    bounds = np.concatenate(
        [
            np.stack([np.zeros(d), np.maximum(high, 0.0)], axis=1),
            np.stack([np.zeros(d), np.maximum(-low, 0.0)], axis=1),
        ]
    )
    planes = [np.ones(2 * d)] if claim.norm == "l1" else []
    if claim.norm == "l0":
        planes = [_touching(claim, np.maximum(high, 0.0), np.maximum(-low, 0.0))]
    for _ in range(_PLANES):
        limits = {"A_ub": planes, "b_ub": np.full(len(planes), claim.radius)} if planes else {}
        solved = linprog(-np.concatenate([gain, -gain]), bounds=bounds, method="highs", **limits)
        if solved.status != 0:
            return np.inf, np.zeros(d)
        step, most = solved.x[:d] - solved.x[d:], float(-solved.fun)
        length = float(np.sqrt(step @ step))
        if claim.norm != "l2" or length <= claim.radius or most < needed - rounding:
            break
        planes.append(np.concatenate([step, -step]) / length)
        # the row's box holds all that lies between the row and the step
        step = step * (claim.radius / length)
        if gain @ step > needed + rounding:
            break
    return most, np.asarray(step)


def _touching(claim: Claim, up: FloatArray, down: FloatArray) -> FloatArray:
    """Return what a unit of each way costs (2 d,), up and then down, where whole ways cost prices.

    ``up``, ``down`` (d,): how far the columns go.
    """
    price, room = column_prices(claim.space), np.concatenate([up, down])
    return np.where(room > 0, np.tile(price, 2) / np.where(room > 0, room, 1.0), 0.0)
