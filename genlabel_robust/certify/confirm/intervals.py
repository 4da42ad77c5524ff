"""Claims about soft votes, checked by interval bound propagation on boxes that are split."""

import numpy as np

from genlabel_robust.certify.confirm.claim import Answer, Claim
from genlabel_robust.certify.missing import freed_flags
from genlabel_robust.core import FloatArray
from genlabel_robust.structure import Affine, Member, ReluNet, TreeEnsemble, Vote
from genlabel_robust.structure.missing_and_codes import counted, with_codes

#: The most boxes that are examined.
_BOXES = 60
#: The rounding error of a lead in probability.
_OFF = 1e-9


def by_intervals(structure: Vote, claim: Claim) -> Answer:
    """Return whether interval bounds prove the claim, or a point at which the vote refutes it.

    The whole cube around the row counts, whatever the norm, and all values between whole numbers.
    If this larger set is not robust, the answer is undecided. It is undecided, too, where the
    attacker may change which values are missing.
    """
    nothing = np.empty((0, len(claim.raw)))
    if len(freed_flags(structure, claim.space)):
        return Answer(agrees=False, rows=nothing)
    low, high = (claim.raw + edge * claim.space.scale for edge in claim.room)
    stack = [(low, high)]
    for _ in range(_BOXES):
        if not stack:
            return Answer(agrees=True, rows=nothing)
        least, most = stack.pop()
        if _lead(structure, claim, least, most) > _OFF:
            continue
        ends = np.concatenate(
            [np.where(np.eye(len(low)), e, (least + most) / 2) for e in (least, most)]
        )
        leads = _leads_at(structure, ends, claim.y)
        if leads.min() < -_OFF and claim.norm == "linf":
            return Answer(agrees=False, rows=ends[[leads.argmin()]])
        apart = np.abs(leads[: len(low)] - leads[len(low) :])
        axis = int((apart + 1e-6 * (most - least) / claim.space.scale).argmax())
        upper, lower = most.copy(), least.copy()
        upper[axis] = lower[axis] = (least[axis] + most[axis]) / 2
        stack += [(least, upper), (lower, most)]
    return Answer(agrees=False, rows=nothing)


def _lead(vote: Vote, claim: Claim, low: FloatArray, high: FloatArray) -> float:
    """Return a lower bound on the lead of the label over every other class in a box."""
    total = np.zeros(vote.n_classes)
    for member in vote.members:
        least, most = _scores(member, claim.raw, low, high)
        if member.slope is None:
            sure, other = least[claim.y], most
        else:
            sure = _share(member.slope, claim.y, least, most)
            other = np.array([_share(member.slope, c, most, least) for c in range(len(most))])
        total += member.weight * (sure - other)
    return float(np.delete(total, claim.y).min())


def _share(slope: float, c: int, least: FloatArray, most: FloatArray) -> float:
    """Return the probability of ``c`` at its ``least`` (k,) score and the others' ``most``."""
    scores = most.copy()
    scores[c] = least[c]
    return float(1 / np.exp(np.clip(slope * (scores - scores[c]), -700, 700)).sum())


def _scores(
    member: Member, raw: FloatArray, low: FloatArray, high: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the smallest and the largest score (k,) of each class in a box."""
    inside = member.structure
    if isinstance(inside, TreeEnsemble):
        return _of_trees(inside, low, high)
    if isinstance(inside, ReluNet):
        net = inside.at(raw)
        ends = (low - net.offset) / net.scale, (high - net.offset) / net.scale
        for number, (weight, bias) in enumerate(zip(net.weights, net.biases, strict=True)):
            ends = _affine(weight, bias, *(ends if not number else np.maximum(ends, 0.0)))
        return ends
    return _of_sums(inside, raw, low, high)


def _of_sums(
    affine: Affine, raw: FloatArray, low: FloatArray, high: FloatArray
) -> tuple[FloatArray, FloatArray]:
    weight = affine.weight * counted(affine.flags, raw[None])
    bias = with_codes(affine.bias[None].copy(), affine.codes, raw[None])[0]
    return _affine(weight, bias, low, high)


def _affine(
    weight: FloatArray, bias: FloatArray, low: FloatArray, high: FloatArray
) -> tuple[FloatArray, FloatArray]:
    plus, minus = np.maximum(weight, 0.0), np.minimum(weight, 0.0)
    return plus @ low + minus @ high + bias, plus @ high + minus @ low + bias


def _of_trees(
    trees: TreeEnsemble, low: FloatArray, high: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the sums of the smallest and of the largest leaves that the box reaches."""
    least, most = trees.base.copy(), trees.base.copy()
    for root in trees.roots.tolist():
        now, leaves = [root], []
        while now:
            node = now.pop()
            if (feature := int(trees.feature[node])) < 0:
                leaves.append(node)
                continue
            if low[feature] <= trees.threshold[node]:
                now.append(int(trees.left[node]))
            if high[feature] > trees.threshold[node]:
                now.append(int(trees.right[node]))
        least += trees.value[leaves].min(axis=0)
        most += trees.value[leaves].max(axis=0)
    return least, most


def _leads_at(vote: Vote, rows: FloatArray, y: int) -> FloatArray:
    scores = vote.scores(rows)
    others = np.delete(scores, y, axis=1)
    return np.asarray(scores[:, y] - others.max(axis=1))
