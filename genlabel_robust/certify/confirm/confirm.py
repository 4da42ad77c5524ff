"""Ask a second method about a certified example."""

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
    """What ``method`` says: whether it ``agrees``, and ``witness`` (d,) where the model denies it.

    Neither: it has not decided.
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
    """Ask another method whether ``raw`` (d,) of label ``y`` can be broken within ``eps``.

    Linear and mixed-integer programs solved by HiGHS for affine models and trees, zonotopes for
    nets, intervals for votes. Their arithmetic has tolerances, so that they confirm a proof up to
    rounding. They deny none: a witness is a row that the model itself mislabels, within ``eps`` and
    allowed by the box and the constraints. The work is limited, the same on every machine.
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
