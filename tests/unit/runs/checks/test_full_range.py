"""What the whole range to move in leaves unbroken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from genlabel_robust.runs.cells.cell import CellResult
from genlabel_robust.runs.checks.judging import Check

Checks = Callable[..., dict[str, Check]]
NotPassed = Callable[..., dict[str, str]]


def test_what_is_known_to_break_must_break_at_the_full_range(
    sound: CellResult, checks: Checks
) -> None:
    left = {"rows": 1, "sampled": 1, "robust": 1, "breakable": 1, "constant": 0}
    found = checks(replace(sound, probes=sound.probes | {"full range": left}))["full-range"]
    assert (found.status, found.value) == ("fail", 0.25)
    assert found.sentence == (
        "With the whole range to move in, the attacks left 1 of 1 sampled rows (100 %) unbroken "
        "although points that break them are known: they would wrongly call 25 % of all rows "
        "robust; at most 1 % is allowed."
    )


def test_a_constant_model_need_not_break_at_the_full_range(
    sound: CellResult, checks: Checks, not_passed: NotPassed
) -> None:
    constant = {"rows": 4, "sampled": 0, "robust": 0, "constant": 1}
    found = replace(sound, probes=sound.probes | {"full range": constant})
    assert "full-range" not in checks(found)
    assert not_passed(found) == {}


LEFT = {"rows": 1, "sampled": 1, "robust": 1, "breakable": 0, "constant": 0}


def test_rows_that_nothing_is_known_to_break_are_excused_where_the_threat_forbids_moves(
    sound: CellResult, checks: Checks
) -> None:
    for limits, status in (({}, "warn"), ({"limited": 1}, "pass")):
        left = {**LEFT, **limits}
        found = checks(replace(sound, probes=sound.probes | {"full range": left}))["full-range"]
        assert found.status == status
        said = "the threat keeps features fixed, which may rule out every such point"
        assert (said in found.sentence) == bool(limits)
    # what is known to break must break, whatever the threat forbids
    left = {**LEFT, "limited": 1, "breakable": 1}
    found = checks(replace(sound, probes=sound.probes | {"full range": left}))["full-range"]
    assert found.status == "fail"


def test_rows_that_nothing_is_known_to_break_are_excused_where_every_answer_is_decided(
    sound: CellResult, checks: Checks, decided: Callable[[CellResult], CellResult]
) -> None:
    found = checks(decided(replace(sound, probes=sound.probes | {"full range": LEFT})))
    assert found["full-range"].status == "pass"
    assert "every answer is decided, so no attack has to be trusted" in found["full-range"].sentence
