"""Confirmation of a certified example by a second method."""

from dataclasses import dataclass

from genlabel_robust.certify.confirm.claim import Answer, Claim
from genlabel_robust.certify.confirm.intervals import by_intervals
from genlabel_robust.certify.confirm.linear_program import by_linear_program
from genlabel_robust.certify.confirm.tree_program import by_mixed_integer_program
from genlabel_robust.certify.confirm.zonotopes import by_zonotopes
from genlabel_robust.core import FloatArray
from genlabel_robust.models import Model
from genlabel_robust.structure import Affine, Structure, TreeEnsemble, Vote
from genlabel_robust.threat import AttackSpace, Norm, within
from genlabel_robust.threat.violations import violations


@dataclass(frozen=True, eq=False)
class Confirmation:
    """The answer of ``method``: it ``agrees``, or a ``witness`` (d,) refutes the claim.

    If neither holds, the method is undecided.
    """

    method: str
    agrees: bool
    witness: FloatArray | None = None


def confirm(
    structure: Structure,
    model: Model,
    space: AttackSpace,
    raw: FloatArray,
    y: int,
    norm: Norm,
    eps: float,
) -> Confirmation:
    """Check with a second method whether ``raw`` (d,) of label ``y`` can be broken within ``eps``.

    The method is a linear or mixed-integer program solved by HiGHS for affine models and trees,
    zonotopes for nets, and intervals for votes. Their arithmetic has tolerances, so they confirm a
    proof only up to rounding. They cannot refute one alone: a witness is a row within ``eps`` that
    the box and the constraints allow and that the model itself mislabels. The limit on the work is
    the same on every machine.
    """
    claim = Claim(space, raw, y, norm, eps)
    answer: Answer | None
    if isinstance(structure, Affine):
        method, answer = by_linear_program(structure, claim)
    elif isinstance(structure, TreeEnsemble):
        method, answer = "mixed-integer programs", by_mixed_integer_program(structure, claim)
    elif isinstance(structure, Vote):
        method, answer = "intervals", by_intervals(structure, claim)
    else:
        method, answer = "zonotopes", by_zonotopes(structure, claim)
    if answer is None:
        return Confirmation(method, agrees=False)
    for row in answer.rows:
        if _allowed(claim, row) and model.predict(row[None])[0] != y:
            return Confirmation(method, agrees=False, witness=row)
    return Confirmation(method, answer.agrees)


def _allowed(claim: Claim, row: FloatArray) -> bool:
    """Say whether the attacker may present ``row`` (d,)."""
    before, after = claim.raw[None], row[None]
    far = claim.space.distance(before, after, claim.norm)
    return bool(within(far, claim.radius)[0] and not violations(claim.space, before, after)[0])
