"""Probes: measurements of a model and its attacks that show whether results are credible.

Each probe returns counts, which ``checks`` adds up over the cells of a row and judges.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

import numpy as np

from genlabel_robust.attacks.attack import Attack, Outcome
from genlabel_robust.attacks.choice import When
from genlabel_robust.attacks.search.starts import starting_points
from genlabel_robust.attacks.settings import doubled
from genlabel_robust.certify.certificate import Certificate
from genlabel_robust.core import (
    BoolArray,
    FloatArray,
    IntArray,
    generator,
    integer_seed,
    logit_margin,
    probable,
)
from genlabel_robust.core.files.large_arrays import ROWS, in_parts, picked
from genlabel_robust.data.splitting.sample import stratified_sample
from genlabel_robust.models import Model
from genlabel_robust.runs.assess.attacking import Attacked, attack_model
from genlabel_robust.runs.cells.cell import OF_SAMPLE, Checks, at
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.threat import AttackSpace, Constraints, ThreatModel, within
from genlabel_robust.threat.violations import violations

Probes: TypeAlias = dict[str, dict[str, float]]

#: Examples for the costly probes in a quick run; a full run uses all.
SAMPLE = 50
#: With more examples, probes that would query all of them query a sample of this size, unless the
#: run is full.
ASKED_AGAIN = 10_000
#: Beyond this logit margin a softmax in float32 is exactly 1, and 1 - p has no gradient.
_SATURATED = 24 * np.log(2.0)


@dataclass(frozen=True, eq=False)
class Subject:
    """A model, the rows (n, d) to attack, and the attacks.

    ``pool`` and ``when`` as for ``attack_model``. ``quick``: a faster version of the model for
    attacks, None for the model itself.
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
    quick: Model | None = None


@dataclass(frozen=True, eq=False)
class Again:
    """Attacks to repeat on ``rows`` (q,), for the probe ``of``.

    "full range": with a radius ``eps`` at which the ball covers every row's box;
    "convergence": with twice the budget, at ``eps``. ``max_seconds``: for one attack.
    """

    of: Literal["full range", "convergence"]
    rows: IntArray
    eps: float
    max_seconds: float | None = None


@dataclass(frozen=True, eq=False)
class Probing:
    """The ``probes`` so far, and the attacks to repeat for some of them, by name."""

    probes: Probes
    again: dict[str, Again] = field(default_factory=dict)

    def with_counts(self, counts: Mapping[str, Mapping[str, float]]) -> Probes:
        """Return all probes, with the ``counts`` of the repeated attacks added by name."""
        return {
            name: {key: count + counts.get(name, {}).get(key, 0) for key, count in known.items()}
            for name, known in self.probes.items()
        }


def probe(
    subject: Subject,
    attacked: Attacked,
    checks: Checks,
    max_seconds: float | None = None,
    certificate: Certificate | None = None,
) -> Probes:
    """Make every probe of the level ``checks``; the arguments are those of ``begin_probes``."""
    begun = begin_probes(subject, attacked, checks, max_seconds, certificate)
    counts = {name: attack_again(subject, again) for name, again in begun.again.items()}
    return begun.with_counts(counts)


def begin_probes(
    subject: Subject,
    attacked: Attacked,
    checks: Checks,
    max_seconds: float | None = None,
    certificate: Certificate | None = None,
) -> Probing:
    """Make the cheap probes of the level ``checks``, and draw rows for the others.

    ``attacked``: the results of the run's attacks. ``max_seconds``: for one attack in one probe;
    examples that it leaves out are not counted. ``certificate``: decided examples need no stronger
    attack.
    """
    if checks == "off":
        return Probing({})
    begun = Probing({})
    queried, results = subject, [*zip(attacked.distances, attacked.adversarial, strict=True)]
    n = len(subject.y)
    if n > ASKED_AGAIN and checks != "full":
        rows = _asked_again(subject, attacked)
        queried = replace(subject, raw=picked(subject.raw, rows), y=subject.y[rows])
        results = [(picked(far, rows), picked(points, rows)) for far, points in results]
        begun.probes[OF_SAMPLE] = {"rows": len(rows), "of": n}
    begun.probes["repeated"] = _repeated(queried)
    begun.probes["scores"] = _scores(queried)
    begun.probes["stored"] = _stored(queried, results)
    if not subject.space.mutable.any():
        return begun
    most = len(subject.y) if checks == "full" else SAMPLE
    if checks != "light":
        open_ = np.isinf(attacked.nearest)
        if certificate is not None:
            open_ &= np.isinf(certificate.upper) & ~np.isinf(certificate.lower)
        _full_range(begun, subject, np.flatnonzero(open_), most, max_seconds)
    for eps in subject.threat.eps:
        left = ~within(attacked.nearest, eps)
        if certificate is not None:
            left &= ~within(certificate.upper, eps) & within(certificate.lower, eps)
        if checks == "full" or (checks == "quick" and eps == subject.threat.eps[0]):
            sample = _sample(subject, np.flatnonzero(left), most)
            name = at("convergence", eps)
            begun.probes[name] = {"rows": int(left.sum()), "sampled": 0, "broken": 0}
            begun.again[name] = Again("convergence", sample, eps, max_seconds)
    return begun


def broken_again(subject: Subject, again: Again, attack: Attack) -> BoolArray:
    """Mark the rows (q,) of ``again`` that ``attack`` alone breaks with twice the budget."""
    found = _attack(subject, again.rows, again.eps, (doubled(attack),), again.of, again.max_seconds)
    return within(found.nearest, again.eps)


def attack_again(subject: Subject, again: Again) -> dict[str, float]:
    """Return the counts of repeated attacks on ``subject``, of rows that had enough time."""
    if not len(again.rows):
        return {}
    attacks = subject.attacks
    if again.of == "convergence":
        attacks = tuple(doubled(attack) for attack in attacks)
    found = _attack(subject, again.rows, again.eps, attacks, again.of, again.max_seconds)
    sampled = len(again.rows) - int(found.unfinished.sum())
    if again.of == "convergence":
        return {"sampled": sampled, "broken": int(within(found.nearest, again.eps).sum())}
    left = again.rows[np.isinf(found.nearest) & ~found.unfinished]
    return {"sampled": sampled, "robust": len(left), "breakable": _breakable(subject, left)}


def _repeated(subject: Subject) -> dict[str, float]:
    """Count predictions that change on a second call, or in another order."""
    first, again = (subject.model.predict(subject.raw) for _ in range(2))
    turned = subject.model.predict(subject.raw[::-1])[::-1]
    changed = (first != again) | (first != turned)
    return {"rows": len(first), "changed": float(changed.sum())}


def _scores(subject: Subject) -> dict[str, float]:
    """Count scores that are probabilities, and those that would saturate a softmax."""
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


def _asked_again(subject: Subject, attacked: Attacked) -> IntArray:
    """Draw a sample, stratified by label and by whether the model is correct."""
    if len(attacked.outcomes):
        right = attacked.outcomes[0] != Outcome.MISCLASSIFIED
    else:
        right = in_parts(subject.model.predict, subject.raw) == subject.y
    return stratified_sample(2 * subject.y + right, ASKED_AGAIN, subject.seed)


def _stored(subject: Subject, results: Sequence[tuple[FloatArray, FloatArray]]) -> dict[str, float]:
    """Check adversarial examples that will be stored, from their raw features alone.

    ``results``: the distances (n,) and the points (n, d) of each attack.
    """
    space, rows, bad = subject.space, 0, 0
    for found, raw in results:
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
    begun: Probing, subject: Subject, rows: IntArray, most: int, max_seconds: float | None
) -> None:
    """Request attacks on unbroken ``rows`` in which the ball is the whole box.

    Every breakable row should break there. A model that gives all rows one label cannot be broken,
    and counts as constant. ``breakable``: the number of rows that stay ``robust`` although a point
    is known that breaks them; nobody knows whether the other robust rows can be broken at all.
    ``limited``: 1 if the threat restricts the moves of features, so that the whole range is not
    reachable.
    """
    predict = subject.model.predict
    if len(subject.raw) + len(subject.pool) <= ROWS:
        labels = predict(np.concatenate([subject.raw, subject.pool]))
    else:
        labels = np.concatenate([in_parts(predict, subject.raw), in_parts(predict, subject.pool)])
    constant = bool((labels == labels[0]).all())
    counts = {"rows": len(rows), "sampled": 0, "robust": 0, "breakable": 0}
    if _forbids(subject.threat.constraints):
        counts["limited"] = 1
    begun.probes["full range"] = {**counts, "constant": int(constant)}
    if constant:
        return
    sample = _sample(subject, rows, most)
    low, high = subject.space.box(subject.space.enter(subject.raw[sample]))
    widest = subject.space.length(high - low, subject.threat.norm).max(initial=0.0)
    begun.again["full range"] = Again("full range", sample, float(widest), max_seconds)


def _forbids(limits: Constraints) -> bool:
    """Say whether limits can make rows unbreakable, however far other features move."""
    return bool(limits.immutable or limits.increasing or limits.decreasing or limits.relations)


def _breakable(subject: Subject, rows: IntArray) -> int:
    """Count the ``rows`` for which a search finds a point in the box that the model mislabels."""
    if not len(rows):
        return 0
    clean, y = subject.raw[rows], subject.y[rows]
    target = AttackTarget(subject.model, subject.space, clean, y, subject.pool)
    seed = integer_seed(subject.seed, "full range")
    points, found = starting_points(target, subject.threat.norm, seed)
    raw = target.to_raw(points, np.arange(len(rows)))
    wrong = subject.model.predict(raw) != y
    return int((found & wrong & ~violations(subject.space, clean, raw)).sum())


def _attack(
    subject: Subject,
    rows: IntArray,
    eps: float,
    attacks: tuple[Attack, ...],
    purpose: str,
    max_seconds: float | None,
) -> Attacked:
    return attack_model(
        subject.quick or subject.model,
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
