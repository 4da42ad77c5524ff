"""Subproblems with every ReLU fixed: a linear program, whose duals prove its value."""

from dataclasses import replace

import numpy as np
from scipy.optimize import linprog

from genlabel_robust.certify.nets.bounds.ascent import ascend
from genlabel_robust.certify.nets.bounds.backward import LocalNet
from genlabel_robust.certify.nets.bounds.leads import Lead
from genlabel_robust.certify.nets.bounds.nodes import Nodes
from genlabel_robust.core import FloatArray

#: The cost per unit of a violated constraint, so that an infeasible subproblem has duals too.
_PENALTY = 1e4
#: The most planes that approximate the L2 ball.
_CUTS = 30


def solve_leaf(net: LocalNet, lead: Lead, leaf: Nodes) -> tuple[bool, FloatArray | None]:
    """Return whether the single subproblem ``leaf`` is proved, and its minimiser (d,).

    The solver is not trusted: its duals serve as multipliers of a backward pass, which is a valid
    bound for any multipliers. The ball is approximated by planes, one more in each round. The
    minimiser is None if the solver fails in the first round.
    """
    rows, heights, c, constant, where = _affine(net, lead, leaf)
    low, high = leaf.low[0], leaf.high[0]
    d = len(low)
    scale = max(1.0, float(np.abs(c) @ net.reach) + abs(constant))
    cuts: list[FloatArray] = []
    point: FloatArray | None = None
    signs = np.concatenate([part[0] for part in leaf.signs])
    for _ in range(_CUTS if net.ball.norm != "linf" else 1):
        a_ub = np.column_stack([-rows, -np.ones(len(rows))]) if len(rows) else np.zeros((0, d + 1))
        b_ub = heights
        if cuts:
            a_ub = np.concatenate([a_ub, np.column_stack([cuts, np.zeros(len(cuts))])])
            b_ub = np.concatenate([b_ub, np.full(len(cuts), net.ball.radius)])
        found = linprog(
            np.append(c, _PENALTY * scale),
            A_ub=a_ub,
            b_ub=b_ub,
            bounds=[*zip(low, high, strict=True), (0, None)],
            method="highs",
        )
        if found.status != 0:
            return False, point
        duals = np.maximum(-found.ineqlin.marginals[: len(rows)], 0.0)
        betas, start = [], 0
        full = np.zeros(len(signs))
        full[where] = duals
        for part in leaf.signs:
            betas.append(full[None, start : start + part.shape[1]])
            start += part.shape[1]
        tried = ascend(net, lead, replace(leaf, betas=betas), 0)
        point = found.x[:d]
        if tried.nodes.value[0] > lead.needed:
            return True, point
        if net.ball.norm == "linf":
            break
        length = float(np.linalg.norm(point) if net.ball.norm == "l2" else np.abs(point).sum())
        if length <= net.ball.radius * (1 + 1e-9):
            break
        cuts.append(point / length if net.ball.norm == "l2" else np.sign(point))
    return False, point


def _affine(
    net: LocalNet, lead: Lead, leaf: Nodes
) -> tuple[FloatArray, FloatArray, FloatArray, float, FloatArray]:
    """Return the constraints ``rows · δ + heights >= 0``, the lead, and the ReLU of each row."""
    d = len(net.reach)
    slope, constant = np.eye(d), np.zeros(d)
    rows, heights, where, start = [], [], [], 0
    for number, (low, _) in enumerate(leaf.bounds):
        slope = net.weights[number] @ slope
        constant = net.weights[number] @ constant + net.biases[number]
        sign = leaf.signs[number][0]
        fixed = np.flatnonzero(sign)
        rows.append(sign[fixed, None] * slope[fixed])
        heights.append(sign[fixed] * constant[fixed])
        where.append(start + fixed)
        start += len(sign)
        on = (low[0] >= 0).astype(np.float64)
        slope, constant = slope * on[:, None], constant * on
    return (
        np.concatenate(rows),
        np.concatenate(heights),
        lead.coefficients @ slope,
        float(lead.coefficients @ constant + lead.constant),
        np.concatenate(where),
    )
