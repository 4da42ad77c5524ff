"""Certification of a cell's rows, from the structure of its model."""

from collections.abc import Callable

import numpy as np

from genlabel_robust.certify.certificate import Certificate
from genlabel_robust.certify.certify import certify, unprovable
from genlabel_robust.certify.effort import Effort
from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.models import Model
from genlabel_robust.models.adapters.library_scores import library_scores
from genlabel_robust.models.structures.checked import checked_structure
from genlabel_robust.runs.assess.probes import Subject
from genlabel_robust.runs.cells.cell import Inside
from genlabel_robust.structure import Affine, NoStructure, ReluNet, Structure, TreeEnsemble, Vote

#: Larger differences of scores than this, in units of roundoff, indicate a link function.
_LINK = 2.0**10


def look_inside(subject: Subject, effort: Effort) -> Structure | NoStructure | None:
    """Return the structure of the model of ``subject``, None if nothing is to be proved."""
    if effort == "off" or not subject.space.mutable.any():
        return None
    return checked_structure(subject.model, subject.space, subject.raw)


def why_nothing(
    subject: Subject, structure: Structure | NoStructure | None, effort: Effort
) -> str | None:
    """Return why nothing can be proved of the rows of ``subject``, None if it can.

    ``structure``: as returned by ``look_inside``.
    """
    if effort == "off":
        return "proofs were switched off (--certify off)"
    if structure is None:
        return "the attacker may change no column"
    return unprovable(structure, subject.space, subject.threat.norm)


def proved_rows(
    subject: Subject,
    structure: Structure,
    effort: Effort,
    late: Callable[[], bool] = lambda: False,
    row_name: Callable[[int], str] = "row {}".format,
) -> Certificate:
    """Certify the rows of ``subject``, each independently of the others.

    ``late``: returns True once no new work may begin; ``row_name``: names a row in error messages.
    """
    return certify(
        structure,
        subject.model,
        subject.space,
        subject.raw,
        subject.y,
        subject.threat.norm,
        subject.threat.eps,
        effort=effort,
        late=late,
        row_name=row_name,
    )


def inside_of(subject: Subject, structure: Structure, found: Certificate, *, cut: bool) -> Inside:
    """Return the description of a model's structure and its proofs; ``found``: of all rows.

    ``cut``: whether a time limit ended the proofs.
    """
    kind, about = described(structure)
    allowed, measured = _rounding(subject, structure, found)
    return Inside(kind, about, cut=cut, rounding=allowed, measured=measured)


def _rounding(
    subject: Subject, structure: Structure, found: Certificate
) -> tuple[float | None, float | None]:
    """Return how much rounding the proofs of a net allowed for, and how much was measured."""
    if not isinstance(structure, ReluNet) or found.rounding is None:
        return None, None
    right = found.upper > 0
    allowed = found.rounding[np.isfinite(found.rounding)]
    measured = _measured_rounding(structure, subject.model, subject.raw[right], subject.y[right])
    return (float(allowed.max()) if len(allowed) else None), measured


def described(structure: Structure) -> tuple[str, str]:
    """Return the kind of a structure, and a phrase that describes its size."""
    if isinstance(structure, Affine):
        return "affine", f"linear in {structure.weight.shape[1]} features"
    if isinstance(structure, TreeEnsemble):
        leaves = int((structure.feature < 0).sum())
        trees = len(structure.roots)
        return "trees", f"{trees} {'tree' if trees == 1 else 'trees'} with {leaves:,} leaves"
    if isinstance(structure, Vote):
        parts = [described(member.structure)[1] for member in structure.members]
        return "vote", f"a vote of {len(parts)}: {'; '.join(parts)}"
    widths = [len(bias) for bias in structure.biases[:-1]]
    layers = "1 layer" if len(widths) == 1 else f"{len(widths)} layers"
    return "relu-net", f"a net of {sum(widths):,} ReLUs in {layers}"


def _measured_rounding(net: ReluNet, model: Model, raw: FloatArray, y: IntArray) -> float | None:
    """Return the largest difference between the leads that ``model`` and ``net`` compute.

    Over the leads of the labels ``y`` (n,) over every other class, on rows ``raw`` (n, d). None if
    the model does not return scores from before a softmax or sigmoid.
    """
    net_scores, scores = net.scores(raw), library_scores(model, raw)[0]
    if not len(raw) or scores.shape != net_scores.shape or not np.isfinite(scores).all():
        return None
    every = np.arange(len(raw))
    apart = scores - net_scores
    apart = np.abs(apart - apart[every, y][:, None]).max(axis=1)
    if (apart > _LINK * net.rounding * (1 + np.abs(net_scores).max(axis=1))).any():
        return None
    return float(apart.max())
