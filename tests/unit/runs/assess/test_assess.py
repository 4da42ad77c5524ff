"""How far a bar has come: by what attacks and checks cost, not by their number."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from genlabel_robust.runs.assess.assess import weighted


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


def shares(*of: Any, early_stop: bool = False) -> list[float]:
    seen: list[float] = []
    step = weighted(*of, lambda done, total, name: seen.append(done / total), early_stop=early_stop)
    for done in (0, 0.5, 1, 2, 3):
        step(done, 3, "any")
    return seen


def test_an_attack_counts_for_its_cost_and_the_checks_for_what_they_do_again() -> None:
    # 50 of 200 rows, three times over: three quarters of all attacks
    assert shares(subject("gradients", 200), "quick") == pytest.approx(
        [0, 150 / 700, 300 / 700, 400 / 700, 1]
    )
    assert shares(subject("gradients", 200), "full")[3] == pytest.approx(0.25)
    assert shares(subject("gradients", 200), "off")[3] == pytest.approx(1 / 1.01)


def test_an_attack_that_cannot_run_counts_for_nothing() -> None:
    assert shares(subject("scores", 200), "quick")[:4] == pytest.approx([0, 0, 0, 100 / 175])


def test_an_attack_at_each_budget_counts_for_each() -> None:
    found = shares(subject("gradients", 200, (0.1, 0.2)), "off")
    assert found[2] == pytest.approx(600 / 707)
    cheap_first = shares(subject("gradients", 200), "off", early_stop=True)
    assert cheap_first[2] == pytest.approx(100 / 404)
