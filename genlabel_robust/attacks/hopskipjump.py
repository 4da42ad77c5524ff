"""HopSkipJump: boundary walk by labels only (Chen et al. 2020, arXiv 1904.02144), by ART."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from art.attacks.evasion import HopSkipJump as ArtHopSkipJump

from genlabel_robust.attacks.attack import AttackResult, budget
from genlabel_robust.attacks.decision_attack import run_decision_attack
from genlabel_robust.attacks.settings import whole_number
from genlabel_robust.core.arrays import FloatArray
from genlabel_robust.core.threat import Knowledge, Norm
from genlabel_robust.estimators.art import DecisionEstimator, art_norm
from genlabel_robust.estimators.target import AttackTarget


@dataclass(frozen=True)
class HopSkipJump:
    """``iterations`` steps; step i estimates the normal from ``evaluations`` · sqrt(i) points.

    ``max_queries``: the most points asked about for one example.
    """

    name: ClassVar[str] = "hopskipjump"
    needs: ClassVar[Knowledge] = "decisions"
    kind: ClassVar[Literal["fixed", "minimum"]] = "minimum"
    norms: ClassVar[tuple[Norm, ...]] = ("linf", "l2")
    cost: ClassVar[int] = 3000

    iterations: int = budget(6)
    evaluations: int = 200
    max_queries: int = budget(10_000)

    def __post_init__(self) -> None:
        for setting in ("iterations", "evaluations", "max_queries"):
            whole_number(self.name, setting, getattr(self, setting))

    def __call__(
        self,
        target: AttackTarget,
        norm: Norm,
        eps: float,
        seed: int,
        start: FloatArray | None = None,
    ) -> AttackResult:
        """Look for the closest adversarial point of every example; ``eps`` is not used."""

        def build(estimator: DecisionEstimator) -> ArtHopSkipJump:
            return ArtHopSkipJump(
                estimator,
                norm=art_norm(norm),
                max_iter=self.iterations,
                init_eval=self.evaluations,
                max_eval=max(self.evaluations, self.max_queries),
                verbose=False,
            )

        return run_decision_attack(target, norm, seed, self.max_queries, build)
