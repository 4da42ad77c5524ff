"""Models and attacks that would give a wrong number: a check catches and names each one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar

import pytest
import torch
from torch import Tensor, nn

from genlabel_robust.attacks.art.fgsm import FGSM
from genlabel_robust.attacks.art.pgd import PGD
from genlabel_robust.runs.assess.assess import assess
from genlabel_robust.runs.assess.canaries import run_canaries
from genlabel_robust.runs.assess.probes import Subject
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.checks import run_checks
from genlabel_robust.threat.threat_model import ThreatModel

EPS = 0.1
ATTACKS = (FGSM(), PGD(steps=20, restarts=4))


class Planted(nn.Module):
    """A sound net between two given functions."""

    def __init__(
        self,
        net: nn.Module,
        before: Callable[[Tensor], Tensor] = lambda x: x,
        after: Callable[[Tensor], Tensor] = lambda z: z,
    ) -> None:
        super().__init__()
        self.net, self.before, self.after = net, before, after

    def forward(self, x: Tensor) -> Tensor:
        return self.after(self.net(self.before(x)))


@pytest.fixture
def not_passed(make_target):
    """Return the checks that do not pass for a net between ``before`` and ``after``."""

    def run(attacks=ATTACKS, **planted) -> dict[str, str]:
        target = make_target(n=60, widths=(16,))
        model = replace(target.model, module=Planted(target.model.module, **planted))
        subject = Subject(
            model,
            target.space,
            target.raw,
            model.predict(target.raw),
            target.pool,
            ThreatModel("linf", (EPS,)),
            attacks,
            0,
        )
        result = assess(subject, target.y)
        checks = run_checks(Panel([result]), EPS, (EPS,), run_canaries(attacks, "linf", ()))
        return {c.name: c.status for c in checks if c.status != "pass"}

    return run


def test_a_sound_model_passes(not_passed) -> None:
    assert not_passed() == {}


def test_logits_times_a_thousand(not_passed) -> None:
    assert not_passed(after=lambda z: 1000 * z) == {"softmax": "warn"}


def test_a_model_that_rounds_its_inputs(not_passed) -> None:
    found = not_passed(before=lambda x: torch.round(x * 8) / 8)
    assert found["gradients"] == "warn"


def test_a_model_with_noise_at_inference(not_passed) -> None:
    noise = torch.Generator().manual_seed(0)
    found = not_passed(after=lambda z: z + torch.randn(z.shape, generator=noise))
    assert found["repeated-predictions"] == "fail"


def test_a_model_that_returns_probabilities(not_passed) -> None:
    assert not_passed(after=lambda z: z.softmax(dim=1))["scores"] == "fail"


@pytest.mark.parametrize(
    "before",
    [lambda x: x.detach(), lambda x: torch.sigmoid(1e4 * (x - 0.5))],
    ids=["cut off", "saturated"],
)
def test_a_model_with_dead_gradients(before, not_passed) -> None:
    assert not_passed(before=before)["gradients"] == "warn"


@dataclass(frozen=True)
class Escaping(PGD):
    """Searches in a ball of twice the radius."""

    name: ClassVar[str] = "escaping"

    def __call__(self, target, norm, eps, seed, start=None):
        return super().__call__(target, norm, 2 * eps, seed, start)


def test_an_attack_that_leaves_the_ball(not_passed) -> None:
    found = not_passed(attacks=(Escaping(steps=5, restarts=1),))
    assert found["ball"] == "fail"
