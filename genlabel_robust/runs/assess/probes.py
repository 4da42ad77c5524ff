"""What is measured of a model besides its attacks, so that their numbers may be believed.

Each probe returns counts, which ``checks`` adds up over the cells of a row and judges.
"""

from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np

from genlabel_robust.attacks.attack import Attack
from genlabel_robust.attacks.choice import When
from genlabel_robust.attacks.search.starts import starting_points
from genlabel_robust.attacks.settings import doubled
from genlabel_robust.certify.certificate import Certificate
from genlabel_robust.core import (
    FloatArray,
    IntArray,
    generator,
    integer_seed,
    logit_margin,
    probable,
)
from genlabel_robust.models import Model
from genlabel_robust.runs.assess.attacking import Attacked, attack_model
from genlabel_robust.runs.cells.cell import Checks, at
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.threat import AttackSpace, ThreatModel, within
from genlabel_robust.threat.violations import violations

Probes: TypeAlias = dict[str, dict[str, float]]

#: Examples that the costly probes look at in a quick run; a full run looks at all.
SAMPLE = 50
#: Past this logit margin a softmax in float32 is exactly 1, and 1 - p has no gradient.
_SATURATED = 24 * np.log(2.0)


@dataclass(frozen=True, eq=False)
class Subject:
    """A model, the rows (n, d) it was attacked on, and how.

    ``pool`` and ``when`` as for ``attack_model``. ``asked``: the model as attacks ask it, None
    for the model itself.
    """

    model: Model
    space: AttackSpace
    raw: FloatArray
    y: IntArray
    pool: FloatArray
    threat: ThreatModel
    attacks: tuple[Attack, ...]
    seed: int
    when: When = field(default_factory=dict)
    asked: Model | None = None


def probe(
    subject: Subject,
    attacked: Attacked,
    checks: Checks,
    max_seconds: float | None = None,
    certificate: Certificate | None = None,
) -> Probes:
    """Make every probe of the level ``checks``; ``attacked``: what the run's attacks found.

    ``max_seconds``: of one attack in one probe; an example that it left out is not counted.
    ``certificate``: what is proved; what is decided needs no stronger attack.
    """
    if checks == "off":
        return {}
    probes = {
        "repeated": _repeated(subject),
        "scores": _scores(subject),
        "stored": _stored(subject, attacked),
    }
    if not subject.space.mutable.any():
        return probes
    most = len(subject.y) if checks == "full" else SAMPLE
    if checks != "light":
        open_ = np.isinf(attacked.nearest)
        if certificate is not None:
            open_ &= np.isinf(certificate.upper) & ~np.isinf(certificate.lower)
        rows = np.flatnonzero(open_)
        probes["full range"] = _full_range(subject, rows, most, max_seconds)
    for eps in subject.threat.eps:
        left = ~within(attacked.nearest, eps)
        if certificate is not None:
            left &= ~within(certificate.upper, eps) & within(certificate.lower, eps)
        open_ = np.flatnonzero(left)
        if checks == "full" or (checks == "quick" and eps == subject.threat.eps[0]):
            probes[at("convergence", eps)] = _convergence(subject, open_, eps, most, max_seconds)
    return probes


def _repeated(subject: Subject) -> dict[str, float]:
    """Ask for the same predictions again, in another order."""
    first, again = (subject.model.predict(subject.raw) for _ in range(2))
    turned = subject.model.predict(subject.raw[::-1])[::-1]
    changed = (first != again) | (first != turned)
    return {"rows": len(first), "changed": float(changed.sum())}


def _scores(subject: Subject) -> dict[str, float]:
    """Look whether scores are probabilities, and how many would saturate a softmax."""
    scores = subject.model.scores(subject.raw)
    probabilities = probable(scores)
    gradients = subject.model.knowledge == "gradients"
    saturated = gradients & (logit_margin(scores, subject.y) > _SATURATED)
    return {
        "rows": len(scores),
        "gradients": float(gradients),
        "probabilities": float(probabilities.sum()),
        "saturated": float(saturated.sum()),
    }


def _stored(subject: Subject, attacked: Attacked) -> dict[str, float]:
    """Look at every adversarial example that will be stored, from its raw features alone."""
    space, rows, bad = subject.space, 0, 0
    for found, raw in zip(attacked.distances, attacked.adversarial, strict=True):
        stored = np.flatnonzero(np.isfinite(found) & (found > 0))
        if not len(stored):
            continue
        clean, moved = subject.raw[stored], raw[stored]
        far = space.distance(clean, moved, subject.threat.norm)
        holds = np.abs(far - found[stored]) <= 1e-6 * found[stored]
        holds &= subject.model.predict(moved) != subject.y[stored]
        rows += len(stored)
        bad += int((~holds | violations(space, clean, moved)).sum())
    return {"rows": rows, "bad": bad}


def _full_range(
    subject: Subject, rows: IntArray, most: int, max_seconds: float | None
) -> dict[str, float]:
    """Attack where the ball is the whole box: the ``rows`` that nothing broke must break there.

    A model that gives every row one label cannot be broken, and is counted as constant.
    ``breakable``: of the rows that stay ``robust``, those for which a point is known that
    breaks them; of the others nobody knows whether they can be broken at all.
    """
    labels = subject.model.predict(np.concatenate([subject.raw, subject.pool]))
    if (labels == labels[0]).all():
        return {"rows": len(rows), "sampled": 0, "robust": 0, "breakable": 0, "constant": 1}
    sample = _sample(subject, rows, most)
    low, high = subject.space.box(subject.space.enter(subject.raw[sample]))
    widest = subject.space.length(high - low, subject.threat.norm).max(initial=0.0)
    sampled, left = len(sample), sample
    if sampled:
        again = _attack(subject, sample, widest, subject.attacks, "full range", max_seconds)
        left = sample[np.isinf(again.nearest) & ~again.unfinished]
        sampled -= int(again.unfinished.sum())
    return {
        "rows": len(rows),
        "sampled": sampled,
        "robust": len(left),
        "breakable": _breakable(subject, left),
        "constant": 0,
    }


def _breakable(subject: Subject, rows: IntArray) -> int:
    """Count the ``rows`` for which a point of their box is found that the model mislabels."""
    if not len(rows):
        return 0
    clean, y = subject.raw[rows], subject.y[rows]
    target = AttackTarget(subject.model, subject.space, clean, y, subject.pool)
    seed = integer_seed(subject.seed, "full range")
    points, found = starting_points(target, subject.threat.norm, seed)
    raw = target.to_raw(points, np.arange(len(rows)))
    wrong = subject.model.predict(raw) != y
    return int((found & wrong & ~violations(subject.space, clean, raw)).sum())


def _convergence(
    subject: Subject, open_: IntArray, eps: float, most: int, max_seconds: float | None
) -> dict[str, float]:
    """Give every attack twice its budget and another seed, on what survived."""
    sample = _sample(subject, open_, most)
    sampled, broken = len(sample), 0
    if sampled:
        stronger = tuple(doubled(attack) for attack in subject.attacks)
        again = _attack(subject, sample, eps, stronger, "convergence", max_seconds)
        broken = int(within(again.nearest, eps).sum())
        sampled -= int(again.unfinished.sum())
    return {"rows": len(open_), "sampled": sampled, "broken": broken}


def _attack(
    subject: Subject,
    rows: IntArray,
    eps: float,
    attacks: tuple[Attack, ...],
    purpose: str,
    max_seconds: float | None,
) -> Attacked:
    return attack_model(
        subject.asked or subject.model,
        subject.space,
        subject.raw[rows],
        subject.y[rows],
        subject.pool,
        replace(subject.threat, eps=(eps,)),
        attacks,
        integer_seed(subject.seed, purpose),
        when=subject.when,
        early_stop=True,
        max_seconds=max_seconds,
    )


def _sample(subject: Subject, rows: IntArray, most: int) -> IntArray:
    if len(rows) <= most:
        return rows
    return np.sort(generator(subject.seed, "probed rows").choice(rows, most, replace=False))
