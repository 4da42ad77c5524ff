from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.core import plural
from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.gates.verdicts.endpoint import Endpoint
from genlabel_robust.gates.verdicts.figures import Mode
from genlabel_robust.gates.verdicts.judge import (
    Side,
    choose_mode,
    invalid,
    judge,
    judge_floor,
    masked,
    right,
    unevaluated,
)
from genlabel_robust.gates.verdicts.verdict import Verdict
from genlabel_robust.gates.verdicts.wording import ball, subject
from genlabel_robust.runs.cells.cell import CellResult
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.checks.judging.check import Status
from genlabel_robust.runs.results.check_result import CheckResult
from genlabel_robust.threat import Constraints, ThreatModel

Make = Callable[..., CellResult]
INF = np.inf
ROBUST = Endpoint("robust", "iris", "vanilla", "mlp", 0.1)
CLEAN = Endpoint("clean", "iris", "vanilla", "mlp", None)
MARGIN = Endpoint("margin", "iris", "vanilla", "mlp", None)


@pytest.fixture
def side(make_result: Make) -> Callable[..., Side]:
    """Seeds that are correct on the first ``kept`` of ``n`` rows."""

    def make(*kept: int, n: int = 1000) -> Side:
        rows = [[[INF] * count + [0.05] * (n - count)] for count in kept]
        panel = Panel([make_result(one) for one in rows])
        return Side(panel, right(ROBUST, panel), ())

    return make


def decide(now: Side, then: Side, mode: Mode = "checkpoint", drop: float = 0.02) -> Verdict:
    return judge(ROBUST, now, then, mode, drop, "linf")[0]


def test_checkpoints_pass_fail_and_stay_open(side: Callable[..., Side]) -> None:
    before = side(800)
    assert decide(side(800), before).status == "pass"
    assert decide(side(700), before).status == "fail"
    assert decide(side(785), before).status == "inconclusive"


def test_the_sentence_of_a_checkpoint_holds_all_of_it(side: Callable[..., Side]) -> None:
    verdict = decide(side(785), side(800))
    assert verdict.sentence.startswith(
        "INCONCLUSIVE iris/vanilla/mlp linf 0.1 (checkpoint): robust 80.0 % -> 78.5 % (-1.5 points"
    )
    for part in ("one-sided 95 % bounds", "allowed -2.0", "n = 1000: 0 gained, 15 lost", "about "):
        assert part in verdict.sentence
    assert verdict.figures.lost == 15
    assert verdict.figures.needed > 1000


@pytest.mark.parametrize(("kept", "worse"), [(785, True), (799, False)])
def test_a_worse_model_without_a_verdict_is_said_to_be_worse(
    side: Callable[..., Side], kept: int, worse: bool
) -> None:
    verdict = decide(side(kept), side(800), drop=0.02 if worse else 0.001)
    assert verdict.status == "inconclusive"
    said = "; worse, but not provably by more than 2.0 points; about " in verdict.sentence
    assert said == worse


def test_own_budgets_are_named_where_eps_alone_says_little() -> None:
    own = ThreatModel("linf", (1.0,), constraints=Constraints(units={"age": "raw"}))
    assert subject(ROBUST, ball(own), "checkpoint") == (
        "iris/vanilla/mlp own linf budgets at ε = 0.1 (checkpoint)"
    )
    assert ball(ThreatModel("l2", (1.0,))) == "l2"


def test_recipes_pass_fail_and_stay_open(side: Callable[..., Side]) -> None:
    before = side(798, 799, 800, 801, 802)
    for kept, status in ((800, "pass"), (700, "fail"), (780, "inconclusive")):
        now = side(*(kept + k for k in range(-2, 3)))
        verdict = decide(now, before, "recipe")
        assert verdict.status == status
        assert "5 seeds against 5" in verdict.sentence
        assert verdict.figures.gained is None


def test_seeds_that_disagree_much_decide_nothing(side: Callable[..., Side]) -> None:
    assert decide(
        side(700, 800, 900, 750, 850), side(700, 800, 900, 750, 850), "recipe"
    ).status == ("inconclusive")


@pytest.mark.parametrize(
    ("wanted", "now", "then", "mode"),
    [
        (None, 1, 1, "checkpoint"),
        (None, 5, 5, "recipe"),
        (None, 6, 10, "recipe"),
        ("checkpoint", 3, 3, "checkpoint"),
        ("checkpoint", 5, 5, "checkpoint"),
        ("recipe", 5, 7, "recipe"),
    ],
)
def test_the_mode_follows_from_the_seeds(wanted: str, now: int, then: int, mode: Mode) -> None:
    assert choose_mode(wanted, now, then) == mode


@pytest.mark.parametrize(
    ("wanted", "now", "then", "message"),
    [
        (None, 1, 5, "1 on each side compares checkpoints"),
        (None, 3, 3, "give --mode checkpoint"),
        (None, 4, 10, "5 or more on each side compare recipes"),
        ("checkpoint", 1, 5, "both sides need the same number"),
        ("recipe", 5, 4, "at least 5 on each side"),
    ],
)
def test_seeds_that_allow_no_mode_are_told(
    wanted: str | None, now: int, then: int, message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message) as caught:
        choose_mode(wanted, now, then)
    assert f"the candidate has {plural(now, 'training seed')}, the baseline {then}" in str(
        caught.value
    )


def test_what_a_replay_breaks_is_not_right(make_result: Make) -> None:
    panel = Panel([make_result([[INF, INF, 0.05, 0.2, 0]])])
    assert right(ROBUST, panel).tolist() == [[True, True, False, True, False]]
    also = np.array([[True, False, False, False, False]])
    assert right(ROBUST, panel, also).tolist() == [[False, True, False, True, False]]
    assert right(CLEAN, panel, also).tolist() == [[True, True, True, True, False]]


class TestUnevaluated:
    def test_attacked_rows_are_evaluated(self, make_result: Make) -> None:
        panel = Panel([make_result([[INF, 0.05]])])
        assert unevaluated(ROBUST, panel, panel) is None

    def test_no_rows(self, make_result: Make) -> None:
        panel = Panel([make_result(np.zeros((1, 0)))])
        assert unevaluated(ROBUST, panel, panel) == "no example was evaluated"

    def test_attacks_that_could_not_work(self, make_result: Make) -> None:
        good = make_result([[INF], [INF]])
        for blocked in ([0, 1], [1]):
            outcomes = good.outcomes.copy()
            outcomes[blocked] = Outcome.NOT_APPLICABLE
            panel = Panel([make_result([[INF], [INF]], outcomes=outcomes)])
            reason = unevaluated(ROBUST, panel, Panel([good]))
            assert reason is not None
            assert "could" in reason
        # where the baseline could not be attacked so either, nothing was lost
        assert unevaluated(ROBUST, panel, panel) is None

    @pytest.mark.parametrize("who", ["candidate", "baseline"])
    @pytest.mark.parametrize("endpoint", [ROBUST, MARGIN])
    def test_rows_that_a_time_budget_left_out(
        self, make_result: Make, who: str, endpoint: Endpoint
    ) -> None:
        good = Panel([make_result([[INF, INF]])])
        late = np.array([[Outcome.SURVIVED, Outcome.OUT_OF_TIME]])
        hasty = Panel([make_result([[INF, INF]], outcomes=late)])
        reason = unevaluated(endpoint, *((hasty, good) if who == "candidate" else (good, hasty)))
        assert reason is not None
        assert f"left out 1 of the 2 attempts at the {who}'s examples" in reason

    def test_rows_left_out_beyond_the_budget_only_are_evaluated(self, make_result: Make) -> None:
        late = np.array([[Outcome.SURVIVED, Outcome.OUT_OF_TIME]])
        swept = make_result([[INF, INF]], outcomes=late, tried=np.array([[INF, 0.1]]))
        assert unevaluated(ROBUST, Panel([swept]), Panel([swept])) is None
        assert unevaluated(MARGIN, Panel([swept]), Panel([swept])) is not None


def check(name: str, status: Status) -> CheckResult:
    return CheckResult(name, status, f"The {name} is off by 3 %.", 0.03)


def test_failed_checks_void_and_warnings_do_not() -> None:
    assert invalid([check("a", "pass"), check("b", "warn")]) is None
    assert invalid([check("scores", "fail"), check("ball", "warn"), check("time", "fail")]) == (
        "The scores is off by 3 %. (check scores) The time is off by 3 %. (check time)"
    )


@pytest.mark.parametrize(
    ("now", "then", "blocks"),
    [
        (["warn"], ["pass"], True),
        (["fail"], [], True),
        (["warn"], [], True),
        (["warn"], ["warn"], False),
        (["pass"], ["pass"], False),
        ([], ["pass"], False),
    ],
)
def test_new_signs_of_masked_gradients_block(
    now: Sequence[str], then: Sequence[str], blocks: bool
) -> None:
    for name in ("gradients", "softmax"):
        sides = ([check(name, status) for status in part] for part in (now, then))
        assert (masked(*sides) is not None) is blocks
    assert masked([check("starting-points", "warn")], []) is None


@pytest.mark.parametrize(
    ("least", "status"), [(0.7, "pass"), (0.9, "fail"), (0.8, "inconclusive"), (0.0, "pass")]
)
def test_a_floor_is_held_against_the_interval(
    side: Callable[..., Side], least: float, status: str
) -> None:
    verdict = judge_floor(ROBUST, side(800), "checkpoint", least, "linf")
    assert verdict.status == status
    assert f"{100 * least:.1f} % required" in verdict.sentence
    assert verdict.name == f"robust@0.1:iris/vanilla/mlp >= {least:g}"
