"""Run a list of attacks on a trained model, and verify their claims."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from genlabel_robust.attacks.attack import Attack, AttackResult, GradientHealth, Outcome
from genlabel_robust.attacks.blocks import run_attack
from genlabel_robust.attacks.choice import When, chosen
from genlabel_robust.attacks.verification import verify
from genlabel_robust.core import BoolArray, FloatArray, IntArray, integer_seed
from genlabel_robust.models import Model
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.targets.watch import Watch
from genlabel_robust.threat import AttackSpace, Norm, ThreatModel, within

#: Reports progress: the number of attacks done (a fraction), the total including the checks, and
#: the name of the current one. An assessment reports its share of the work, times this total.
Step: TypeAlias = Callable[[float, int, str], None]


@dataclass(frozen=True, eq=False)
class Attacked:
    """The results of a list of attacks on n examples; fields as in ``CellResult``."""

    distances: FloatArray
    outcomes: IntArray
    queries: IntArray
    adversarial: FloatArray
    evidence: dict[str, dict[str, float]]
    tried: FloatArray | None = None
    not_chosen: tuple[str, ...] = ()

    @property
    def unfinished(self) -> BoolArray:
        """Mark the examples (n,) that some attack had no time for and that none broke."""
        late = (self.outcomes == Outcome.OUT_OF_TIME).any(axis=0)
        return np.asarray(late & np.isinf(self.nearest))

    @property
    def nearest(self) -> FloatArray:
        """The distance (n,) of the nearest adversarial point that any attack found."""
        return np.asarray(self.distances.min(axis=0, initial=np.inf))


def attack_model(
    model: Model,
    space: AttackSpace,
    raw: FloatArray,
    y: IntArray,
    pool: FloatArray,
    threat: ThreatModel,
    attacks: tuple[Attack, ...],
    seed: int,
    *,
    when: When | None = None,
    early_stop: bool = False,
    watch: bool = False,
    max_seconds: float | None = None,
    on_step: Step = lambda done, total, name: None,
) -> Attacked:
    """Run every attack on every correctly classified row of ``raw`` (n, d), and verify.

    ``y`` (n,): true labels; ``pool`` (p, d): rows that black-box attacks may start from. The other
    arguments are those of ``attack_target``.
    """
    return attack_target(
        AttackTarget(model, space, raw, y, pool),
        threat,
        attacks,
        seed,
        when=when,
        early_stop=early_stop,
        watch=watch,
        max_seconds=max_seconds,
        on_step=on_step,
    )


def attack_target(
    whole: AttackTarget,
    threat: ThreatModel,
    attacks: tuple[Attack, ...],
    seed: int,
    *,
    correct: BoolArray | None = None,
    when: When | None = None,
    early_stop: bool = False,
    watch: bool = False,
    max_seconds: float | None = None,
    on_step: Step = lambda done, total, name: None,
) -> Attacked:
    """Run every attack on every correctly classified example of ``whole``, and verify.

    ``correct`` (n,): marks the correctly classified examples, None to predict. ``when``: the cases
    of attacks that the suite runs only for some models; ``early_stop``: run the cheapest attack
    first, and later ones only on examples not yet broken at the smallest ε. ``watch``: also count
    adversarial points that an attack queried but did not return. ``max_seconds``: an attack begins
    nothing new after this time. ``on_step``: called with the number of attacks done, a fraction;
    the checks count as one more.
    """
    n, d = whole.raw.shape
    right = whole.model.predict(whole.raw) == whole.y if correct is None else correct
    attackable = np.flatnonzero(right)
    distances = np.zeros((len(attacks), n))
    distances[:, attackable] = np.inf
    outcomes = np.full((len(attacks), n), int(Outcome.MISCLASSIFIED))
    queries = np.zeros((len(attacks), n), dtype=np.int64)
    adversarial = np.full((len(attacks), n, d), np.nan)
    evidence: dict[str, dict[str, float]] = {}
    tried = None if max_seconds is None else np.full((len(attacks), n), np.inf)
    not_chosen = tuple(a.name for a in attacks if not chosen(a, when or {}, whole))
    order = sorted(range(len(attacks)), key=lambda i: attacks[i].cost if early_stop else i)
    for number, index in enumerate(order):
        attack, rows = attacks[index], attackable
        on_step(number, len(attacks) + 1, attack.name)
        if attack.name in not_chosen or not whole.offers(attack.needs):
            outcomes[index, attackable] = int(Outcome.NOT_APPLICABLE)
            continue
        if early_stop:
            rows = rows[~within(distances.min(axis=0)[rows], threat.eps[0])]
            outcomes[index, attackable] = int(Outcome.SKIPPED)
        if not len(rows) or not whole.n_features:
            outcomes[index, rows] = int(Outcome.SURVIVED)
            continue
        started = time.perf_counter()
        target = whole.subset(rows)
        deadline = None if max_seconds is None else started + max_seconds
        found = _run_attack(
            target,
            attack,
            threat,
            integer_seed(seed, attack.name),
            watch,
            deadline,
            _counting(on_step, number, len(attacks) + 1, attack.name),
        )
        if tried is not None:
            tried[index, rows] = found.tried
        distances[index, rows], adversarial[index, rows] = found.distances, found.rows
        outcomes[index, rows], queries[index, rows] = found.outcomes, found.queries
        evidence[attack.name] = found.evidence | {"seconds": time.perf_counter() - started}
    return Attacked(distances, outcomes, queries, adversarial, evidence, tried, not_chosen)


@dataclass(frozen=True, eq=False)
class _Found:
    distances: FloatArray
    rows: FloatArray
    outcomes: IntArray
    queries: IntArray
    tried: FloatArray
    evidence: dict[str, float]


def _run_attack(
    target: AttackTarget,
    attack: Attack,
    threat: ThreatModel,
    seed: int,
    watch: bool,
    deadline: float | None,
    on_share: Callable[[float], None],
) -> _Found:
    """Run one attack, at every ε if it needs one, and keep the nearest verified points.

    The next larger ε attacks only examples still unbroken, from the points of the last one.
    Nothing begins after the ``deadline``; ``tried`` (n,): the largest ε at which each example was
    attacked, inf where the attack was not cut short.
    """
    n = len(target.x)
    distances, rows = np.full(n, np.inf), np.full(target.raw.shape, np.nan)
    outcomes = np.full(n, int(Outcome.SURVIVED))
    queries, tried = np.zeros(n, dtype=np.int64), np.full(n, np.inf)
    last = 0.0
    health, unconfirmed, outside, lost = GradientHealth(), 0, 0, 0
    start: FloatArray | None = None
    budgets = threat.eps if attack.kind == "fixed" else threat.eps[-1:]
    for number, eps in enumerate(budgets):
        open_ = np.flatnonzero(~within(distances, eps))
        part = target.subset(open_)
        part.watch = Watch(part.x, threat.norm, part.space) if watch else None
        begin = None if start is None else start[open_]
        result = run_attack(
            attack,
            part,
            threat.norm,
            eps,
            seed,
            begin,
            deadline,
            _shares(on_share, number, len(budgets), len(open_)),
        )
        found, raw = verify(part, attack, result, threat.norm, eps)
        claimed = result.outcome == Outcome.BROKEN
        unconfirmed += int((claimed & np.isinf(found)).sum())
        outside += int((claimed & _outside(part, attack, result, threat.norm, eps)).sum())
        if part.watch is not None:
            lost += _lost(part, part.watch, attack, found, eps)
        kept = np.isin(result.outcome, (Outcome.NO_START, Outcome.OUT_OF_TIME))
        outcomes[open_] = np.where(kept, result.outcome, outcomes[open_])
        late = open_[result.outcome == Outcome.OUT_OF_TIME]
        tried[late] = np.minimum(tried[late], last)
        last = eps
        nearer = found < distances[open_]
        distances[open_[nearer]], rows[open_[nearer]] = found[nearer], raw[nearer]
        queries[open_] += result.queries
        health += result.health
        start = target.x.copy() if start is None else start
        start[open_] = result.points
    outcomes[np.isfinite(distances)] = int(Outcome.BROKEN)
    return _Found(
        distances,
        rows,
        outcomes,
        queries,
        tried,
        {
            "unconfirmed": unconfirmed,
            "outside": outside,
            **({"lost": lost} if watch else {}),
            "gradients": health.rows,
            "zero_gradients": health.zero,
            "nonfinite_gradients": health.nonfinite,
        },
    )


def _counting(on_step: Step, number: int, total: int, name: str) -> Callable[[float], None]:
    return lambda share: on_step(number + share, total, name)


def _shares(
    on_share: Callable[[float], None], number: int, budgets: int, rows: int
) -> Callable[[int], None]:
    return lambda done: on_share((number + done / rows) / budgets)


def _outside(
    target: AttackTarget, attack: Attack, result: AttackResult, norm: Norm, eps: float
) -> np.ndarray:
    """Mark the points (n,) outside their box, or outside the ball of a fixed-ε attack."""
    low, high = target.box
    slack = 1e-6 * (1 + np.abs(result.points))
    left = ((result.points < low - slack) | (result.points > high + slack)).any(axis=1)
    if attack.kind == "fixed":
        left |= ~(target.space.length(result.points, norm) <= eps * (1 + 1e-4))
    return np.asarray(left | ~np.isfinite(result.points).all(axis=1))


def _lost(target: AttackTarget, watch: Watch, attack: Attack, found: FloatArray, eps: float) -> int:
    """Count the examples for which the attack queried a clearly nearer point than it returned."""
    if attack.kind == "minimum":
        suspects = watch.distances < found * 0.99
    else:
        suspects = np.isinf(found) & within(watch.distances, eps)
    rows = np.flatnonzero(suspects)
    part = target.subset(rows)
    claim = AttackResult(watch.points[rows], np.zeros(len(rows), dtype=np.int64), part.queries)
    confirmed, _ = verify(part, attack, claim, watch.norm, eps)
    return int((confirmed < found[rows] * 0.99).sum())
