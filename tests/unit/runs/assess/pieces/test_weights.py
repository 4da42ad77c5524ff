"""The progress of a bar by the cost of attacks and checks, not by their number."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from genlabel_robust.runs.assess.pieces.weights import Weights


def subject(knowledge: str, rows: int, eps: tuple[float, ...] = (0.1,)) -> Any:
    attacks = tuple(
        SimpleNamespace(cost=cost, kind=kind, needs=needs)
        for cost, kind, needs in ((300, "fixed", "gradients"), (100, "minimum", "decisions"))
    )
    return SimpleNamespace(
        y=[0] * rows,
        attacks=attacks,
        model=SimpleNamespace(knowledge=knowledge),
        threat=SimpleNamespace(eps=eps),
    )


def test_an_attack_counts_for_its_cost_and_the_checks_for_what_they_do_again() -> None:
    found = Weights.of(subject("gradients", 200), "quick")
    assert found.attacks == (300, 100)
    # 50 of 200 rows, three times over: three quarters of all attacks
    assert found.whole == pytest.approx(700)
    assert Weights.of(subject("gradients", 200), "full").whole == pytest.approx(1600)
    assert Weights.of(subject("gradients", 200), "off").whole == pytest.approx(404)


def test_an_attack_that_cannot_run_counts_for_nothing() -> None:
    assert Weights.of(subject("scores", 200), "quick").attacks == (0, 100)


def test_an_attack_at_each_budget_counts_for_each() -> None:
    assert Weights.of(subject("gradients", 200, (0.1, 0.2)), "off").attacks == (600, 100)
