"""PGD: projected gradient descent (Madry et al. 2018, arXiv 1706.06083), by ART."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from art.attacks.evasion import ProjectedGradientDescentNumpy

from genlabel_robust.attacks.attack import AttackResult, budget
from genlabel_robust.attacks.gradient_attack import run_gradient_attack
from genlabel_robust.attacks.settings import above_zero, whole_number
from genlabel_robust.core.arrays import FloatArray
from genlabel_robust.core.threat import Knowledge, Norm
from genlabel_robust.estimators.art import GradientEstimator, art_norm
from genlabel_robust.estimators.losses import cross_entropy, margin
from genlabel_robust.estimators.target import AttackTarget, Loss

_LOSSES: tuple[Loss, ...] = (margin, cross_entropy)


@dataclass(frozen=True)
class PGD:
    """``restarts`` runs of ``steps`` steps, each of length ``step_ratio`` · ε / steps.

    The first two runs start from the example, one for each loss; the others start
    at random points of the ball, the losses in turn: where large logits flatten the
    cross-entropy, the margin still has a gradient.
    """

    name: ClassVar[str] = "pgd"
    needs: ClassVar[Knowledge] = "gradients"
    kind: ClassVar[Literal["fixed", "minimum"]] = "fixed"
    norms: ClassVar[tuple[Norm, ...]] = ("linf", "l2")
    cost: ClassVar[int] = 500

    steps: int = budget(25)
    restarts: int = budget(20)
    step_ratio: float = 4.0

    def __post_init__(self) -> None:
        whole_number(self.name, "steps", self.steps)
        whole_number(self.name, "restarts", self.restarts)
        above_zero(self.name, "step_ratio", self.step_ratio)

    def __call__(
        self,
        target: AttackTarget,
        norm: Norm,
        eps: float,
        seed: int,
        start: FloatArray | None = None,
    ) -> AttackResult:
        """Attack every example of ``target`` within ``eps``."""

        def build(estimator: GradientEstimator, restart: int) -> ProjectedGradientDescentNumpy:
            return ProjectedGradientDescentNumpy(
                estimator,
                norm=art_norm(norm),
                eps=eps,
                eps_step=self.step_ratio * eps / self.steps,
                max_iter=self.steps,
                num_random_init=int(restart >= len(_LOSSES)),
                batch_size=len(target.x),
                verbose=False,
            )

        losses = [_LOSSES[restart % len(_LOSSES)] for restart in range(self.restarts)]
        return run_gradient_attack(target, norm, eps, seed, losses, build)
