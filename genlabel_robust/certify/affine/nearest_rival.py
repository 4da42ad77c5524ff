"""The nearest rival class on an affine model, with any kinds of features."""

from genlabel_robust.certify.affine.distance import continuous
from genlabel_robust.certify.affine.fewest import fewest
from genlabel_robust.certify.affine.lattice_knapsack import in_shared_budget
from genlabel_robust.certify.affine.lattice_linf import in_linf
from genlabel_robust.certify.affine.rivals import Found, Rivals, rivals
from genlabel_robust.certify.affine.steps import Steps
from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.structure import Affine
from genlabel_robust.structure.missing_and_codes import counted
from genlabel_robust.threat import AttackSpace, Norm
from genlabel_robust.threat.features import Features

#: How many sums of whole steps and switches are examined per example, by default.
WORK = 300_000


def rivals_of(structure: Affine, space: AttackSpace, raw: FloatArray, y: IntArray) -> Rivals:
    """Return the rivals of ``y`` (n,) at ``raw`` (n, d), in attack space."""
    u = space.enter(raw)
    found = rivals(structure.weight * space.scale, structure.scores(raw), u, y, *space.box(u))
    return found if structure.flags is None else found.counting(counted(structure.flags, raw))


def nearest_rival(
    rivals: Rivals, steps: Steps | None, norm: Norm, work: int | None, features: Features
) -> Found:
    """Return the nearest of ``rivals`` among valid points.

    ``steps``: the whole-number and categorical features of the same rows, None without any.
    ``work``: the most sums per row, where whole numbers and categories share a budget; None for
    the default. ``features``: what counts as one feature under L0, and its price.
    """
    if norm == "l0":
        return fewest(rivals, steps, features, WORK if work is None else work)
    if steps is None:
        return Found.of_rivals(*continuous(rivals, norm))
    if norm == "linf":
        return Found.of_rivals(*in_linf(rivals, steps))
    return in_shared_budget(rivals, steps, norm, WORK if work is None else work)
