"""Boundary attack: random walk by labels only (Brendel et al. 2018, arXiv 1712.04248), by ART."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from art.attacks.evasion import BoundaryAttack

from genlabel_robust.attacks.attack import AttackResult, budget
from genlabel_robust.attacks.decision_attack import run_decision_attack
from genlabel_robust.attacks.settings import whole_number
from genlabel_robust.core.arrays import FloatArray
from genlabel_robust.core.threat import Knowledge, Norm
from genlabel_robust.estimators.art import DecisionEstimator
from genlabel_robust.estimators.target import AttackTarget


@dataclass(frozen=True)
class Boundary:
    """A random walk on the far side of the boundary, ever nearer, until ``max_queries``.

    ``sample``: points asked about per step.
    """

    name: ClassVar[str] = "boundary"
    needs: ClassVar[Knowledge] = "decisions"
    kind: ClassVar[Literal["fixed", "minimum"]] = "minimum"
    norms: ClassVar[tuple[Norm, ...]] = ("l2",)
    cost: ClassVar[int] = 25000

    max_queries: int = budget(25_000)
    sample: int = 20

    def __post_init__(self) -> None:
        whole_number(self.name, "max_queries", self.max_queries)
        whole_number(self.name, "sample", self.sample)

    def __call__(
        self,
        target: AttackTarget,
        norm: Norm,
        eps: float,
        seed: int,
        start: FloatArray | None = None,
    ) -> AttackResult:
        """Look for the closest adversarial point of every example; ``eps`` is not used."""

        def build(estimator: DecisionEstimator) -> BoundaryAttack:
            return BoundaryAttack(
                estimator,
                targeted=False,
                # every iteration asks about two points or more: the budget ends the walk
                max_iter=self.max_queries,
                sample_size=self.sample,
                delta=0.1,
                epsilon=0.1,
                verbose=False,
            )

        return run_decision_attack(target, norm, seed, self.max_queries, build)
