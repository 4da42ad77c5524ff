from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from genlabel_robust.attacks.art.fgsm import FGSM
from genlabel_robust.attacks.art.pgd import PGD
from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.attacks.noise import Noise
from genlabel_robust.runs.assess.attacking import attack_model
from genlabel_robust.threat.threat_model import ThreatModel, within

ATTACKS = (PGD(steps=10, restarts=2), FGSM())


def run(target, eps, **settings):
    return attack_model(
        target.model,
        target.space,
        target.raw,
        target.y,
        target.pool,
        ThreatModel("linf", eps),
        ATTACKS,
        0,
        **settings,
    )


def test_early_stop_breaks_the_same_examples_with_fewer_queries(make_target) -> None:
    target = make_target(n=60, widths=(16,))
    whole, short = run(target, (0.1,)), run(target, (0.1,), early_stop=True)
    assert (within(whole.nearest, 0.1) == within(short.nearest, 0.1)).all()
    skipped = short.outcomes[0] == Outcome.SKIPPED
    # the cheapest runs first, whatever the order of the list
    assert (skipped == within(short.distances[1], 0.1)).all()
    assert skipped.any()
    assert (short.queries[0][skipped] == 0).all()
    assert short.queries.sum() < whole.queries.sum()
    assert not (short.outcomes[1] == Outcome.SKIPPED).any()


def test_early_stop_goes_on_until_the_smallest_budget_is_broken(make_target) -> None:
    target = make_target(n=60, widths=(16,))
    sweep = (0.02, 0.1, 0.3)
    short = run(target, sweep, early_stop=True)
    skipped = short.outcomes[0] == Outcome.SKIPPED
    assert (skipped == within(short.distances[1], 0.02)).all()


class Clock:
    """A clock that only moves when a test adds to it."""

    def __init__(self) -> None:
        self.now = 0.0

    def perf_counter(self) -> float:
        return self.now


@dataclass(frozen=True)
class Slow(FGSM):
    """An attack that takes a second for each block."""

    clock: Clock = field(default_factory=Clock)
    sizes: list[int] = field(default_factory=list)

    def __call__(self, target, norm, eps, seed, start=None):
        self.clock.now += 1.0
        self.sizes.append(len(target.x))
        return super().__call__(target, norm, eps, seed, start)


def slowly(target, eps, max_seconds, monkeypatch):
    attack = Slow()
    for module in ("runs.assess.attacking", "attacks.blocks"):
        monkeypatch.setattr(f"genlabel_robust.{module}.time", attack.clock)
    found = attack_model(
        target.model,
        target.space,
        target.raw,
        target.y,
        target.pool,
        ThreatModel("linf", eps),
        (attack,),
        0,
        max_seconds=max_seconds,
    )
    return found, attack.sizes


def test_an_attack_that_has_used_its_seconds_begins_nothing_more(make_target, monkeypatch) -> None:
    target = make_target(n=700, widths=(16,))
    whole = run(target, (0.1,))
    found, sizes = slowly(target, (0.1,), 1.5, monkeypatch)
    assert sizes == [256, 256]
    assert (found.outcomes[0][:512] == whole.outcomes[1][:512]).all()
    assert (found.distances[0][:512] == whole.distances[1][:512]).all()
    assert (found.outcomes[0][512:] == Outcome.OUT_OF_TIME).all()
    assert np.isinf(found.distances[0][512:]).all()
    assert (found.queries[0][512:] == 0).all()
    assert (found.tried[0][512:] == 0).all()
    assert (found.unfinished == (np.arange(700) >= 512)).all()


def test_time_that_runs_out_at_a_larger_budget_leaves_the_smaller_one(
    make_target, monkeypatch
) -> None:
    target = make_target(n=700, widths=(16,))
    sweep = (0.05, 0.4)
    # three blocks at the first, one at the second
    found, sizes = slowly(target, sweep, 3.5, monkeypatch)
    assert sizes == [256, 256, 188, 256]
    whole = run(target, sweep)
    late = found.outcomes[0] == Outcome.OUT_OF_TIME
    assert 0 < late.sum() < 700
    assert (found.tried[0][late] == 0.05).all()
    assert np.isinf(found.tried[0][~late]).all()
    assert (within(found.distances[0], 0.05) == within(whole.distances[1], 0.05)).all()


def test_without_a_time_budget_blocks_are_large_and_nothing_is_noted(
    make_target, monkeypatch
) -> None:
    found, sizes = slowly(make_target(n=700, widths=(16,)), (0.1,), None, monkeypatch)
    assert sizes == [700]
    assert found.tried is None
    assert not found.unfinished.any()


def test_an_interrupt_gets_through_an_attack_with_a_time_budget(make_target) -> None:
    @dataclass(frozen=True)
    class Interrupted(FGSM):
        def __call__(self, *arguments, **settings):
            raise KeyboardInterrupt

    target = make_target(n=10)
    with pytest.raises(KeyboardInterrupt):
        attack_model(
            target.model,
            target.space,
            target.raw,
            target.y,
            target.pool,
            ThreatModel("linf", (0.1,)),
            (Interrupted(),),
            0,
            max_seconds=5.0,
        )


def test_a_sweep_breaks_at_least_what_each_budget_alone_breaks(make_target) -> None:
    target = make_target(n=60, widths=(16,))
    sweep = (0.03, 0.06, 0.12)
    together = run(target, sweep).nearest
    for eps in sweep:
        alone = run(target, (eps,)).nearest
        assert within(together, eps).sum() >= within(alone, eps).sum() - 1


def test_a_sweep_leaves_out_what_a_smaller_budget_broke(make_target) -> None:
    target = make_target(n=60, widths=(16,))
    sweep = run(target, (0.05, 0.3))
    broken = within(sweep.distances[0], 0.05)
    single = run(target, (0.05,))
    assert broken.any()
    assert (sweep.queries[0][broken] == single.queries[0][broken]).all()


def test_successes_that_an_attack_met_are_not_lost(make_target) -> None:
    target = make_target(n=40, widths=(16,))
    found = run(target, (0.1,), watch=True)
    assert all(evidence["lost"] == 0 for evidence in found.evidence.values())
    assert "lost" not in run(target, (0.1,)).evidence["pgd"]


def test_an_example_gets_the_same_alone_and_in_company(make_target) -> None:
    target = make_target(n=30, widths=(16,))
    whole = run(target, (0.08,))
    for row in (0, 7, 29):
        alone = attack_model(
            target.model,
            target.space,
            target.raw[[row]],
            target.y[[row]],
            target.pool,
            ThreatModel("linf", (0.08,)),
            ATTACKS,
            0,
        )
        assert (alone.outcomes[:, 0] == whole.outcomes[:, row]).all()
        assert np.allclose(alone.distances[:, 0], whole.distances[:, row], rtol=1e-5)


@pytest.mark.parametrize(
    ("knowledge", "discrete", "cases", "runs"),
    [
        ("gradients", False, ("no gradients",), False),
        ("scores", False, ("no gradients",), True),
        ("scores", False, ("no scores",), False),
        ("decisions", False, ("no scores",), True),
        ("gradients", False, ("discrete features",), False),
        ("gradients", True, ("discrete features",), True),
        ("gradients", True, ("no gradients", "discrete features"), True),
        ("gradients", True, (), True),
    ],
)
def test_a_suite_chooses_by_what_the_model_offers_and_by_its_features(
    knowledge, discrete, cases, runs, make_target, make_mixed_target
) -> None:
    target = make_mixed_target(n=6) if discrete else make_target(n=6)
    asked = _Offering(target.model, knowledge)
    found = attack_model(
        asked,
        target.space,
        target.raw,
        target.y,
        target.pool,
        ThreatModel("linf", (0.3,)),
        (Noise(draws=10), FGSM()),
        0,
        when={"noise": cases} if cases else {},
    )
    assert found.not_chosen == (() if runs else ("noise",))
    if not runs:  # not applicable, and never a survival
        assert (found.outcomes[0] == Outcome.NOT_APPLICABLE).all()
        assert np.isinf(found.distances[0]).all()
        assert (found.queries[0] == 0).all()
    else:
        assert (found.queries[0] == 10).all()
    # what a model does not give is no choice of the suite
    unable = (found.outcomes[1] == Outcome.NOT_APPLICABLE).all()
    assert unable == (knowledge != "gradients")


@dataclass(frozen=True)
class _Offering:
    """``model`` with ``knowledge`` as the only access for attackers."""

    model: Any
    knowledge: str

    def __getattr__(self, name: str) -> Any:
        return getattr(self.model, name)
