"""This package's attacks as evasion attacks of ART, for any of its classifiers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from art.attacks import EvasionAttack
from art.estimators import BaseEstimator
from art.estimators.classification.classifier import ClassifierMixin

from genlabel_robust.attacks.art.classifier import ArtModel, left_as_it_was
from genlabel_robust.attacks.attack import Attack, Outcome
from genlabel_robust.attacks.blocks import run_attack
from genlabel_robust.attacks.suite import build_attack
from genlabel_robust.attacks.verification import verify
from genlabel_robust.core import ConfigurationError, FloatArray, IntArray, NotApplicableError
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.threat import AttackSpace, Norm, distance


def as_art_attack(
    attack: str | Attack,
    estimator: Any,
    *,
    norm: Norm = "linf",
    eps: float | None = None,
    seed: int = 0,
    pool: Any = None,
    **settings: Any,
) -> ArtAttack:
    """Return ``attack`` as an attack of ART: an instance, or a name with its ``settings``.

    ``norm``, ``eps``: the ball, in the units of the estimator's inputs; an attack of kind
    "minimum" needs no ``eps``. ``pool`` (p, ...): inputs that black-box attacks may start
    from, by default the attacked inputs themselves. Raises ``ConfigurationError``, or
    ``NotApplicableError`` for an attack that does not work under ``norm``.
    """
    if isinstance(attack, str):
        attack = build_attack(attack, settings)
    elif settings:
        raise ConfigurationError(
            f"attack {attack.name!r} is built already; give its name to set {', '.join(settings)}"
        )
    return ArtAttack(attack, estimator, norm, eps, seed, pool)


@dataclass(frozen=True, eq=False)
class Generated:
    """The results of n inputs: ``outcomes`` (n,) of ``Outcome`` and ``queries`` (n,).

    ``distances`` (n,): of the adversarial inputs from the clean ones, before rounding to the
    dtype; 0 for misclassified inputs, inf without an adversarial one.
    """

    distances: FloatArray
    outcomes: IntArray
    queries: IntArray


class ArtAttack(EvasionAttack):  # type: ignore[misc]
    """An attack in ART's form; ``last`` holds the results of the last call."""

    attack_params = ("attack", "norm", "eps", "seed", "pool")
    _estimator_requirements = (BaseEstimator, ClassifierMixin)

    def __init__(
        self, attack: Attack, estimator: Any, norm: Norm, eps: float | None, seed: int, pool: Any
    ) -> None:
        super().__init__(estimator=estimator)
        self.attack, self.norm, self.eps, self.seed, self.pool = attack, norm, eps, seed, pool
        self.last: Generated | None = None
        self._check_params()

    def generate(self, x: Any, y: Any = None, **kwargs: Any) -> Any:
        """Return ``x`` (n, ...) in its dtype, with adversarial inputs where the attack succeeded.

        ``y``: true labels, indices (n,) or one-hot (n, k); None for the predictions. An input
        that is misclassified or was not broken is returned unchanged. The estimator has confirmed
        every adversarial input with another prediction. It lies in the box of the ``clip_values``,
        widened to contain the original input, and in the ball of a fixed-ε attack.
        """
        if not np.issubdtype(x.dtype, np.floating):
            raise ConfigurationError(f"x has dtype {x.dtype}; give floats, which can be moved")
        with left_as_it_was(self.estimator):
            rows, self.last = self._attack(x, y)
        return rows.astype(x.dtype).reshape(x.shape)

    def _attack(self, x: Any, y: Any) -> tuple[FloatArray, Generated]:
        """Return adversarial rows (n, d), and the results."""
        raw = x.reshape(len(x), -1).astype(np.float64)
        pool = raw if self.pool is None else np.asarray(self.pool, dtype=np.float64)
        model = ArtModel.of(self.estimator, x)
        predicted = model.predict(raw)
        labels = predicted if y is None else _indices(y)
        rows = np.flatnonzero(predicted == labels)
        target = AttackTarget(
            model, self._space(x), raw[rows], labels[rows], pool.reshape(len(pool), -1)
        )
        if not target.offers(self.attack.needs):
            raise NotApplicableError(
                f"attack {self.attack.name!r} needs {self.attack.needs}; "
                f"the estimator gives {model.knowledge}"
            )
        eps = np.inf if self.eps is None else self.eps - _rounding(x, target, self.norm)
        result = run_attack(self.attack, target, self.norm, eps, self.seed)
        found, adversarial = verify(target, self.attack, result, self.norm, eps)
        broken = np.isfinite(found)
        unconfirmed = ~broken & (result.outcome == Outcome.BROKEN)
        raw[rows[broken]] = adversarial[broken]
        last = Generated(
            distances=np.zeros(len(x)),
            outcomes=np.full(len(x), int(Outcome.MISCLASSIFIED)),
            queries=np.zeros(len(x), dtype=np.int64),
        )
        last.distances[rows], last.queries[rows] = found, result.queries
        last.outcomes[rows] = np.select(
            (broken, unconfirmed), (int(Outcome.BROKEN), int(Outcome.SURVIVED)), result.outcome
        )
        return raw, last

    def _space(self, x: Any) -> AttackSpace:
        """Return an attack space in units of the inputs, bounded by the estimator's clip values."""
        low, high = (
            np.broadcast_to(np.asarray(edge, dtype=np.float64), x.shape[1:]).ravel()
            for edge in self.estimator.clip_values
        )
        d = len(low)
        return AttackSpace(np.zeros(d), np.ones(d), low, high, np.ones(d, dtype=bool))

    def _check_params(self) -> None:
        super()._check_params()
        if self.estimator.clip_values is None:
            raise ConfigurationError(
                "the estimator has no clip_values; build it with clip_values=(low, high), "
                "the bounds of its inputs"
            )
        if (refusal := self.attack.refusal(self.norm)) is not None:
            raise NotApplicableError(refusal)
        if self.attack.kind == "fixed" and not (self.eps and 0 < self.eps < np.inf):
            raise ConfigurationError(
                f"attack {self.attack.name!r}: eps is {self.eps!r}; it must be a number above 0"
            )


def _indices(y: Any) -> IntArray:
    """Return labels (n,) from indices (n,) or (n, 1), or from one-hot rows (n, k)."""
    y = np.asarray(y)
    one_hot = y.ndim == 2 and y.shape[1] > 1
    return np.asarray(y.argmax(axis=1) if one_hot else y.reshape(-1), dtype=np.int64)


def _rounding(x: Any, target: AttackTarget, norm: Norm) -> float:
    """Return how far rounding to the dtype of ``x`` can move a row; ε is reduced by as much."""
    largest = max(np.abs(target.space.low).max(), np.abs(target.space.high).max(), np.abs(x).max())
    if norm == "l0":
        return 0.0
    half = np.full(target.n_features, float(np.spacing(x.dtype.type(largest))) / 2)
    return float(distance(half, norm))
