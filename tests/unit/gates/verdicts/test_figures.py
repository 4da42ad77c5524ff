"""The exact figures of each kind of verdict in `gate.json`, JUnit and pytest's report."""

from __future__ import annotations

import pytest

from genlabel_robust.gates.outputs.properties import properties
from genlabel_robust.gates.verdicts.figures import (
    ComparedMargins,
    ComparedRates,
    Figures,
    NothingCompared,
    RateOverFloor,
    SameModel,
    SavedRate,
)
from genlabel_robust.gates.verdicts.verdict import Verdict
from genlabel_robust.statistics.estimate import Estimate

RATE = Estimate(0.8, 0.7, 0.9, 0.95, "wilson", 100)
WRITTEN = {"value": 0.8, "low": 0.7, "high": 0.9, "level": 0.95, "method": "wilson"}
PAIRED = {**WRITTEN, "low": None, "p_value": 0.5, "test": "wilcoxon"}
SIDES = {"baseline": RATE, "candidate": RATE}
COMPARED = {
    **SIDES,
    "difference": RATE,
    "max_drop": 0.02,
    "gained": None,
    "lost": None,
    "n_examples": 100,
    "n_seeds": (5, 6),
    "p_not_worse": 0.9,
    "p_worse": 0.1,
    "mcnemar_midp": None,
    "needed": None,
}
RATES = ["mode", "measure", "eps", *COMPARED]


@pytest.mark.parametrize(
    ("figures", "keys", "reported"),
    [
        (NothingCompared("robust", 0.1, "why"), ["measure", "eps", "reason"], []),
        (
            SameModel("checkpoint", "robust", 0.1, 100, (1, 1), **SIDES),
            ["mode", "measure", "eps", "identical", "n_examples", "n_seeds", *SIDES],
            ["before", "after", "n"],
        ),
        (
            SameModel("checkpoint", "margin", None, 100, (1, 1)),
            ["mode", "measure", "eps", "identical", "n_examples", "n_seeds"],
            ["n"],
        ),
        (
            ComparedRates("recipe", "robust", 0.1, **COMPARED),
            RATES,
            ["before", "after", "difference", "low", "high", "n"],
        ),
        (
            ComparedRates(
                "recipe",
                "robust",
                0.1,
                **COMPARED,
                exact=False,
                open=(0, 1),
                certified=(RATE, RATE),
            ),
            [*RATES, "exact", "open", "certified"],
            ["before", "after", "difference", "low", "high", "n"],
        ),
        (
            ComparedMargins("checkpoint", 0.02, -0.1, PAIRED, 100, (1, 1), 0.5, "attacks"),
            [
                *("mode", "measure", "eps", "max_drop", "allowed", "difference", "n_examples"),
                *("n_seeds", "p_worse", "by"),
            ],
            ["difference", "low", "high", "n"],
        ),
        (
            RateOverFloor("robust", 0.1, 0.5, RATE, 100, (1,)),
            ["mode", "measure", "eps", "least", "candidate", "n_examples", "n_seeds"],
            ["after", "n"],
        ),
        (
            SavedRate("robust", 0.1, RATE, 100, (1,)),
            ["mode", "measure", "eps", "candidate", "n_examples", "n_seeds"],
            ["after", "n"],
        ),
    ],
)
def test_each_kind_is_written_with_its_own_figures(
    figures: Figures, keys: list[str], reported: list[str]
) -> None:
    written = figures.as_dict()
    assert [*written] == keys
    assert written.get("candidate", WRITTEN) == WRITTEN
    assert [*properties(Verdict("x", "pass", "y", figures))] == ["status", *reported]
