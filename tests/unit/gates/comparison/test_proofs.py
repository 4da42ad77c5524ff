"""The effect of both sides' proofs on a verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.certify.certificate import Certificate
from genlabel_robust.gates.comparison.compare import Court
from genlabel_robust.gates.verdicts.endpoint import chosen_endpoints
from genlabel_robust.gates.verdicts.terms import Terms
from genlabel_robust.gates.verdicts.verdict import Verdict
from genlabel_robust.runs.cells.cell import CellResult, Inside
from genlabel_robust.runs.folder.stored_run import Group, StoredRun

INF = np.inf
Proved = Callable[..., CellResult]


@pytest.fixture
def proved(make_result: Callable[..., CellResult]) -> Proved:
    """A result: ``certified`` rows, then ``open_`` ones, then ones with witnesses; none broken."""

    def make(certified: int, open_: int = 0, n: int = 1000) -> CellResult:
        result = make_result([[INF] * n])
        lower = np.where(np.arange(n) < certified, INF, 0.0)
        broken = np.arange(n) >= certified + open_
        found = Certificate(
            lower=np.where(broken, 0.05, lower),
            upper=np.where(broken, 0.05, INF),
            witness=np.where(broken[:, None], np.zeros((n, 2)), np.nan),
            work=np.zeros(n, dtype=np.int64),
        )
        return replace(result, certificate=found, inside=Inside("trees", "3 trees"))

    return make


def judged(now: StoredRun, then: StoredRun, **terms: Any) -> tuple[Verdict, list[str]]:
    court = Court(now, then, Terms(**terms), lambda group, number: pytest.fail("no replay"))
    (verdict,) = court.verdicts(chosen_endpoints((), then))
    return verdict, court.notes


def test_two_decided_sides_are_compared_exactly(
    make_run: Callable[..., StoredRun], proved: Proved, group: Group
) -> None:
    then = make_run({group: [proved(800)]})
    for kept, status in ((800, "pass"), (700, "fail")):
        verdict, notes = judged(make_run({group: [proved(kept)]}), then)
        assert verdict.status == status
        assert verdict.figures.exact is True
        assert verdict.figures.candidate.value == kept / 1000
        assert not notes


def test_a_verdict_must_hold_whatever_the_open_answers_are(
    make_run: Callable[..., StoredRun], proved: Proved, group: Group
) -> None:
    def verdict(now: tuple[int, int], then: tuple[int, int]) -> Verdict:
        return judged(make_run({group: [proved(*now)]}), make_run({group: [proved(*then)]}))[0]

    # the candidate's 5 open answers broken, the baseline's 5 robust: still within two points
    passed = verdict((800, 5), (795, 5))
    assert passed.status == "pass"
    assert passed.sentence.endswith(
        "10 answers are neither proved nor broken; the difference counts them against the verdict, "
        "which holds either way"
    )
    # with all of the candidate's open answers robust, it is still far below
    assert verdict((600, 20), (790, 10)).status == "fail"
    # alike by their upper ends, and by their lower ends; nothing is known of what is between
    found = verdict((600, 200), (600, 200))
    assert found.status == "inconclusive"
    assert found.figures.open == (200, 200)
    assert "400 answers are neither proved nor broken, and would decide" in found.sentence
    assert "--certify exact" in found.sentence


def test_one_side_without_proofs_leaves_both_to_their_attacks(
    make_run: Callable[..., StoredRun],
    make_result: Callable[..., CellResult],
    proved: Proved,
    group: Group,
) -> None:
    """The witnesses of one side alone would make it look less robust than the other."""
    attacked = make_result([[INF] * 1000])
    with_proofs, without = make_run({group: [proved(700)]}), make_run({group: [attacked]})
    for now, then in ((with_proofs, without), (without, with_proofs)):
        verdict, (note,) = judged(now, then)
        assert verdict.status == "pass"
        assert verdict.figures.candidate.value == 1.0
        assert "compared by attacks alone" in note


def test_other_settings_of_proofs_are_not_compared_by_them(
    make_run: Callable[..., StoredRun], proved: Proved, group: Group
) -> None:
    now, then = make_run({group: [proved(700)]}), make_run({group: [proved(800)]})
    now.manifest["config"]["certify"] = {"value": "exact"}
    then.manifest["config"]["certify"] = {"value": "auto"}
    verdict, (note,) = judged(now, then)
    assert verdict.status == "pass"
    assert "--certify was auto in the baseline and is exact now" in note


def test_nets_whose_proofs_were_searched_in_other_ways_are_not_compared_by_them(
    make_run: Callable[..., StoredRun], proved: Proved, group: Group
) -> None:
    net = Inside("relu-net", "a net of 8 ReLUs in 1 layer")
    for inside, apart in ((net, True), (Inside("trees", "3 trees"), False)):
        now, then = (make_run({group: [replace(proved(n), inside=inside)]}) for n in (700, 800))
        for run in (now, then):
            run.manifest["config"]["certify"] = {"value": "auto"}
        now.manifest["config"]["proofs"] = {"value": "short"}  # the other is older
        verdict, notes = judged(now, then)
        assert verdict.status == ("pass" if apart else "fail")
        assert (
            any("--proofs was full in the baseline and is short now" in n for n in notes) is apart
        )


def test_a_floor_is_passed_by_what_is_proved(
    make_run: Callable[..., StoredRun], proved: Proved, group: Group
) -> None:
    for counts, status in (((900, 0), "pass"), ((700, 200), "inconclusive"), ((700, 0), "fail")):
        run = make_run({group: [proved(*counts)]})
        court = Court(run, None, Terms(min_robust=0.8), lambda group, number: None)
        (verdict,) = court.floors(chosen_endpoints((), run))
        assert verdict.status == status, counts


def test_exact_margins_are_never_compared_with_attacked_ones(
    make_run: Callable[..., StoredRun],
    make_result: Callable[..., CellResult],
    group: Group,
) -> None:
    """A model is held to itself: its exact margins are shorter than those that attacks found."""
    attacked = make_result([[0.2] * 100])
    exact = replace(attacked, exact=np.full(100, 0.1))
    now, then = make_run({group: [exact]}), make_run({group: [attacked]})
    court = Court(now, then, Terms(), lambda group, number: pytest.fail("no replay"))
    (verdict,) = court.verdicts(chosen_endpoints(("margin",), then))
    assert verdict.status != "fail"


def test_a_model_that_is_only_proved_is_no_pass_against_one_that_is_only_attacked(
    make_run: Callable[..., StoredRun],
    make_result: Callable[..., CellResult],
    proved: Proved,
    group: Group,
) -> None:
    """Without its proofs nothing is known of it: its clean accuracy must not stand for that."""
    n = 1000
    unable = np.full((1, n), int(Outcome.NOT_APPLICABLE))
    only_proved = replace(proved(700), outcomes=unable)
    with_proofs = make_run({group: [only_proved]})
    without = make_run({group: [make_result([[INF] * n])]})
    assert judged(with_proofs, without)[0].status == "not evaluated"
    assert judged(without, with_proofs)[0].status == "not evaluated"
    assert judged(with_proofs, with_proofs)[0].figures.candidate.value == 0.7
