from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from genlabel_robust.gates.comparison.compare import Court
from genlabel_robust.gates.verdicts.endpoint import Endpoint, chosen_endpoints
from genlabel_robust.gates.verdicts.terms import Terms
from genlabel_robust.gates.verdicts.verdict import Verdict
from genlabel_robust.runs.cells.cell import CellResult
from genlabel_robust.runs.folder.stored_run import Group, StoredRun

Result = Callable[..., CellResult]
MakeRun = Callable[..., StoredRun]
INF = np.inf
PGD = {"name": "pgd", "steps": 20, "restarts": 2, "step_ratio": 2.5}


def never(group: Group, number: int) -> Any:
    pytest.fail("nothing of the baseline's is there to be replayed")


class Constant:
    """A model that predicts the same class for every point."""

    def __init__(self, answer: int) -> None:
        self.answer = answer

    def predict(self, x: np.ndarray) -> np.ndarray:
        return np.full(len(x), self.answer)


@pytest.fixture
def kept(make_result: Result) -> Callable[..., CellResult]:
    """A model that classifies only the first ``count`` of ``n`` rows correctly."""

    def make(count: int, n: int = 1000) -> CellResult:
        return make_result([[INF] * count + [0.0] * (n - count)])

    return make


def court(
    candidate: StoredRun, baseline: StoredRun | None, models: Any = never, **terms: Any
) -> Court:
    return Court(candidate, baseline, Terms(**terms), models)


def judged(candidate: StoredRun, baseline: StoredRun, **terms: Any) -> list[Verdict]:
    endpoints = chosen_endpoints(terms.pop("endpoints", ()), baseline)
    return court(candidate, baseline, **terms).verdicts(endpoints)


def test_problems_come_before_statistics_and_in_their_order(
    make_run: MakeRun, kept: Callable[..., CellResult], group: Group
) -> None:
    good = make_run({group: [kept(800)]})
    weaker = {"attacks": [{**PGD, "steps": 5}]}
    stronger = {"attacks": [{**PGD, "steps": 50}]}
    failed = {"checks": [{"name": "x", "status": "fail", "sentence": "It is bad."}]}
    for settings, status in (
        ({}, "pass"),
        ({**failed}, "attack not valid"),
        ({"canaries": None}, "attack not valid"),
        ({**weaker, **failed}, "attack not valid"),
        ({**stronger, **failed}, "not comparable"),
        ({**weaker, "threat": {"unit": "std"}}, "not comparable"),
    ):
        (verdict,) = judged(make_run({group: [kept(800)]}, **settings), good)
        assert verdict.status == status, settings
        assert verdict.sentence.startswith(f"{status.upper()} iris/vanilla/mlp linf 0.1")


def test_a_recipe_that_the_run_lacks_is_not_comparable(
    make_run: MakeRun, kept: Callable[..., CellResult], group: Group
) -> None:
    other = make_run({("iris", "mlp", "mixup"): [kept(800)]})
    (verdict,) = judged(other, make_run({group: [kept(800)]}))
    assert verdict.status == "not comparable"
    assert "no results of iris/vanilla/mlp" in verdict.sentence


def test_the_baselines_examples_are_shown_to_the_candidate(
    make_run: MakeRun, make_result: Result, group: Group
) -> None:
    """A candidate that its own attacks leave whole, and that all the old examples break."""
    n = 400
    old = make_result([[0.05] * 100 + [INF] * (n - 100)], adversarial=np.zeros((1, n, 2)))
    baseline = make_run({group: [old]})
    fooled = make_run({group: [make_result([[INF] * n])]})
    for answer, status, robust in ((1, "pass", 0.75), (0, "pass", 1.0)):
        one = court(fooled, baseline, lambda group, number, answer=answer: Constant(answer))
        (verdict,) = one.verdicts(chosen_endpoints((), baseline))
        assert verdict.status == status
        assert verdict.figures.candidate.value == robust
        assert bool(one.notes) == (answer == 1)
        if one.notes:
            assert "break 100 answer(s) of the candidate that its own attacks left" in one.notes[0]


@pytest.mark.parametrize(
    ("n", "changed"),
    [
        (300, {}),
        (400, {"fingerprint": {"test_ids": "others", "attack_space": "s"}}),
        (400, {"threat": {"unit": "std"}}),
    ],
)
def test_a_floor_ignores_examples_of_other_rows_and_of_another_attacker(
    make_run: MakeRun, make_result: Result, group: Group, n: int, changed: dict[str, Any]
) -> None:
    """The floor is what it would be without the baseline, with which nothing can be compared."""
    old = make_result([[0.05] * 100 + [INF] * 300], adversarial=np.zeros((1, 400, 2)))
    baseline = make_run({group: [old]})
    candidate = make_run({group: [make_result([[INF] * n])]}, **changed)
    endpoints = chosen_endpoints((), baseline)
    floors = []
    for before in (baseline, None):
        one = court(candidate, before, lambda group, number: Constant(1), min_robust=0.8)
        assert all(verdict.status == "not comparable" for verdict in one.verdicts(endpoints))
        assert not one.notes
        (floor,) = one.floors(endpoints)
        floors.append((floor.status, floor.figures.candidate))
    assert floors[0] == floors[1]
    assert floors[0][0] == "pass"
    assert floors[0][1].value == 1.0


def test_seeds_are_judged_one_by_one_as_checkpoints(
    make_run: MakeRun, kept: Callable[..., CellResult], group: Group
) -> None:
    baseline = make_run({group: [kept(800), kept(800)]})
    verdicts = judged(make_run({group: [kept(800), kept(500)]}), baseline, mode="checkpoint")
    assert [v.status for v in verdicts] == ["pass", "fail"]
    assert [v.name.rpartition(" ")[2] for v in verdicts] == ["0", "1"]


class TestHolm:
    """Several endpoints: all must pass, and a single failure is corrected for their number."""

    def groups(self, count: int) -> list[Group]:
        return [("iris", "mlp", f"s{number}") for number in range(count)]

    def verdicts(
        self, make_run: MakeRun, kept: Callable[..., CellResult], counts: Sequence[int]
    ) -> list[Verdict]:
        groups = self.groups(len(counts))
        baseline = make_run({group: [kept(800)] for group in groups})
        now = make_run({g: [kept(c)] for g, c in zip(groups, counts, strict=True)})
        return judged(now, baseline, endpoints=[f"robust:iris/{group[2]}/mlp" for group in groups])

    def test_a_narrow_failure_among_several_is_left_open(
        self, make_run: MakeRun, kept: Callable[..., CellResult]
    ) -> None:
        (alone,) = self.verdicts(make_run, kept, [771])
        assert alone.status == "fail"
        assert 0.01 < alone.figures.p_worse < 0.05
        among = self.verdicts(make_run, kept, [771, 800, 800, 800, 800])
        assert [v.status for v in among] == ["inconclusive", *["pass"] * 4]
        assert among[0].sentence.startswith("INCONCLUSIVE iris/s0")
        assert "not after Holm's correction for 5 endpoints" in among[0].sentence

    def test_a_clear_failure_stays_one(
        self, make_run: MakeRun, kept: Callable[..., CellResult]
    ) -> None:
        found = self.verdicts(make_run, kept, [700, 771, 800])
        assert [v.status for v in found] == ["fail", "fail", "pass"] or (
            [v.status for v in found] == ["fail", "inconclusive", "pass"]
        )
        assert found[0].status == "fail"

    def test_margins_are_corrected_with_the_others(
        self, make_run: MakeRun, make_result: Result, group: Group
    ) -> None:
        rows = np.random.default_rng(0).uniform(0.1, 0.3, 200)
        shrunk = rows * np.where(np.arange(200) < 113, 0.9, 1.1)
        baseline, now = (make_run({group: [make_result([part])]}) for part in (rows, shrunk))
        (alone,) = judged(now, baseline, endpoints=("margin",))
        assert alone.status == "fail"
        both = judged(now, baseline, endpoints=("margin", "clean"), max_drop=0.02)
        assert both[0].figures.p_worse == alone.figures.p_worse
        assert both[0].status == ("fail" if alone.figures.p_worse <= 0.025 else "inconclusive")


class TestFloors:
    def floor(self, run: StoredRun, before: StoredRun | None = None, least: float = 0.7) -> Verdict:
        (verdict,) = court(run, before, min_robust=least).floors(chosen_endpoints((), run))
        return verdict

    def test_a_floor_needs_no_baseline(
        self, make_run: MakeRun, kept: Callable[..., CellResult], group: Group
    ) -> None:
        assert self.floor(make_run({group: [kept(800)]})).status == "pass"
        assert self.floor(make_run({group: [kept(600)]})).status == "fail"

    def test_attacks_that_did_not_prove_themselves_pass_no_floor(
        self, make_run: MakeRun, kept: Callable[..., CellResult], group: Group
    ) -> None:
        verdict = self.floor(make_run({group: [kept(1000)]}, canaries=None))
        assert verdict.status == "attack not valid"
        assert "checks were off" in verdict.sentence

    def test_a_failed_check_passes_no_floor(
        self, make_run: MakeRun, kept: Callable[..., CellResult], group: Group
    ) -> None:
        failed = [{"name": "scores", "status": "fail", "sentence": "They are none."}]
        verdict = self.floor(make_run({group: [kept(1000)]}, checks=failed))
        assert verdict.status == "attack not valid"

    def test_a_sign_of_masking_is_told_with_the_floor(
        self, make_run: MakeRun, kept: Callable[..., CellResult], group: Group
    ) -> None:
        sign = [{"name": "softmax", "status": "warn", "sentence": "It is saturated."}]
        run = make_run({group: [kept(1000)]}, checks=sign)
        one = court(run, None, min_robust=0.7)
        assert one.floors(chosen_endpoints((), run))[0].status == "pass"
        assert "a sign of masked gradients: It is saturated. (check softmax)" in one.notes[0]

    def test_other_measures_have_no_floor(
        self, make_run: MakeRun, kept: Callable[..., CellResult], group: Group
    ) -> None:
        clean = Endpoint("clean", "iris", "vanilla", "mlp", None)
        run = make_run({group: [kept(1000)]})
        assert court(run, None, min_robust=0.7).floors([clean]) == []


def test_a_weaker_suite_gets_no_bridge(
    make_run: MakeRun, kept: Callable[..., CellResult], group: Group
) -> None:
    run, baseline = (make_run({group: [kept(800)]}, attacks=[{**PGD, "steps": s}]) for s in (5, 20))
    one = court(run, baseline)
    assert one.over_a_bridge(chosen_endpoints((), baseline)) is one
