"""A candidate with fewer checks than the baseline never passes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from genlabel_robust.gates.comparison.compare import Court
from genlabel_robust.gates.comparison.thoroughness import less_checked
from genlabel_robust.gates.verdicts.endpoint import chosen_endpoints
from genlabel_robust.gates.verdicts.terms import Terms
from genlabel_robust.runs.cells.cell import CellResult
from genlabel_robust.runs.folder.stored_run import Group, StoredRun

Made = Callable[..., StoredRun]
PROBES = {
    "repeated": {"rows": 4, "changed": 0},
    "full range": {"rows": 20, "sampled": 20, "robust": 0, "breakable": 0, "constant": 0},
    "convergence at 0.1": {"rows": 20, "sampled": 20, "broken": 0},
}


@pytest.fixture
def made(
    make_run: Callable[..., StoredRun], make_result: Callable[..., CellResult], group: Group
) -> Made:
    """Return a function that makes a run of one model from the probes of each seed."""

    def make(*probes: Mapping[str, Any], level: str = "quick") -> StoredRun:
        seeds = [replace(make_result([[float("inf")] * 1000]), probes=one) for one in probes]
        return make_run({group: seeds}, level=level)

    return make


def less(baseline: StoredRun, candidate: StoredRun, group: Group) -> list[str]:
    return less_checked(baseline, candidate, baseline.panels[group], candidate.panels[group])


def test_as_many_checks_or_more_are_enough(made: Made, group: Group) -> None:
    quick, full = made(PROBES), made(PROBES, level="full")
    assert less(quick, quick, group) == less(quick, full, group) == []
    # of recipes only the first seed is probed, however many there are
    assert less(made(PROBES, {}, {}), made(PROBES, {}, {}, {}), group) == []


def test_a_lower_level_is_less(made: Made, group: Group) -> None:
    assert less(made(PROBES, level="full"), made(PROBES), group) == [
        "--checks was full in the baseline and is quick now; run it with --checks full"
    ]


def test_a_probe_that_was_not_made_is_less(made: Made, group: Group) -> None:
    without = {name: found for name, found in PROBES.items() if name != "convergence at 0.1"}
    (told,) = less(made(PROBES), made(without), group)
    assert told.startswith("the probe 'convergence at 0.1' of the baseline was not made")
    assert less(made(without), made(PROBES), group) == []


def test_fewer_rows_are_less_unless_no_more_survived(made: Made, group: Group) -> None:
    def tried(rows: int, sampled: int) -> StoredRun:
        found = {"rows": rows, "sampled": sampled, "broken": 0}
        return made(PROBES | {"convergence at 0.1": found})

    assert less(tried(20, 20), tried(12, 12), group) == []
    (told,) = less(tried(20, 20), tried(30, 12), group)
    assert "looked at 20 rows in the baseline and at 12 now" in told
    assert less(tried(20, 12), tried(30, 12), group) == []


def test_a_constant_model_owes_no_rows_at_the_full_range(made: Made, group: Group) -> None:
    constant = {"rows": 20, "sampled": 0, "robust": 0, "breakable": 0, "constant": 1}
    assert less(made(PROBES), made(PROBES | {"full range": constant}), group) == []


def test_probes_that_are_made_no_more_are_not_missed(made: Made, group: Group) -> None:
    old = made(PROBES | {"noise at 0.1": {"rows": 20, "broken": 0}})
    assert less(old, made(PROBES), group) == []


def test_a_gate_passes_no_candidate_that_was_checked_less(made: Made, group: Group) -> None:
    full = made(PROBES, level="full")
    endpoints = chosen_endpoints((), full)
    (verdict,) = Court(made(PROBES), full, Terms(), lambda *_: None).verdicts(endpoints)
    assert verdict.status == "attack not valid"
    assert "checked less than the baseline: --checks was full" in verdict.sentence
