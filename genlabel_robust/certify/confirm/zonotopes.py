"""Claims about ReLU nets, checked by propagating zonotopes on boxes that are split."""

import numpy as np

from genlabel_robust.certify.confirm.claim import Answer, Claim
from genlabel_robust.certify.missing import freed_flags
from genlabel_robust.core import FloatArray
from genlabel_robust.structure import ReluNet

#: The most boxes that are examined.
_BOXES = 60


def by_zonotopes(structure: ReluNet, claim: Claim) -> Answer | None:
    """Return whether zonotopes prove the claim, or a corner at which the net refutes it.

    A zonotope is an affine image of a cube. An unstable ReLU becomes the line between its ends
    plus a new axis for the deviation from that line. The whole cube around the row counts, whatever
    the norm, and all values between whole numbers. If this larger set is not robust, the answer is
    undecided. Returns None where values may go missing or come back, because the net then differs
    between settings. Source: Singh et al., Fast and Effective Robustness Certification, NeurIPS
    2018.
    """
    if len(freed_flags(structure, claim.space)):
        return None
    structure = structure.at(claim.raw)
    low, high = claim.room
    stack = [(low, high)]
    for _ in range(_BOXES):
        if not stack:
            return Answer(agrees=True, rows=np.empty((0, len(low))))
        least, most = stack.pop()
        worst, slope = _leads(structure, claim, least, most)
        if worst < 0:
            continue
        corner = claim.raw + np.where(slope > 0, most, least) * claim.space.scale
        scores = structure.scores(corner[None])[0]
        if scores.argmax() != claim.y and claim.norm == "linf":
            return Answer(agrees=False, rows=corner[None])
        axis = int((np.abs(slope) * (most - least)).argmax())
        middle = (least[axis] + most[axis]) / 2
        upper, lower = most.copy(), least.copy()
        upper[axis] = lower[axis] = middle
        stack += [(least, upper), (lower, most)]
    return Answer(agrees=False, rows=np.empty((0, len(low))))


def _leads(
    net: ReluNet, claim: Claim, low: FloatArray, high: FloatArray
) -> tuple[float, FloatArray]:
    """Return an upper bound on the lead of any other class in a box, and its slope (d,)."""
    # the net's own input as a function of attack space
    factor = claim.space.scale / net.scale
    center = (claim.raw - net.offset) / net.scale + factor * (low + high) / 2
    axes = np.diag(factor * (high - low) / 2)
    for weight, bias in zip(net.weights[:-1], net.biases[:-1], strict=True):
        center, axes = _relu(weight @ center + bias, axes @ weight.T)
    weight = np.delete(net.weights[-1], claim.y, axis=0) - net.weights[-1][claim.y]
    bias = np.delete(net.biases[-1], claim.y) - net.biases[-1][claim.y]
    center, axes = weight @ center + bias, axes @ weight.T
    reach = np.abs(axes).sum(axis=0)
    most = int((center + reach).argmax())
    slack = 1e-9 * (np.abs(center) + reach).max()
    half = np.where(high > low, (high - low) / 2, 1.0)
    return float(center[most] + reach[most] + slack), axes[: len(low), most] / half


def _relu(center: FloatArray, axes: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the zonotope after ReLUs: ``center`` (w,) and ``axes`` (a, w)."""
    reach = np.abs(axes).sum(axis=0)
    low, high = center - reach, center + reach
    crossing = (low < 0) & (high > 0)
    slope = np.where(high > 0, 1.0, 0.0)
    slope[crossing] = high[crossing] / (high - low)[crossing]
    # the ReLU lies between slope * z and slope * (z - low)
    half = np.where(crossing, -slope * low / 2, 0.0)
    more = np.diag(half)[crossing]
    return slope * center + half, np.concatenate([axes * slope, more])
