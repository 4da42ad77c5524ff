"""An attack's claim counts only if the model confirms it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlabel_robust.attacks.attack import AttackResult, Outcome
from genlabel_robust.attacks.verification import verify
from genlabel_robust.core.arrays import FloatArray, IntArray
from genlabel_robust.runs.assess.attacking import attack_model
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.threat.constraints.constraints import Rules
from genlabel_robust.threat.norms import Knowledge, Norm
from genlabel_robust.threat.space import AttackSpace
from genlabel_robust.threat.threat_model import ThreatModel, distance

#: Raw features are 10 + 2 u: the boundary u₀ = 0.5 lies at 11.
SPACE = AttackSpace(
    offset=np.full(2, 10.0),
    scale=np.full(2, 2.0),
    low=np.zeros(2),
    high=np.ones(2),
    mutable=np.ones(2, dtype=bool),
)
EXAMPLES = np.array([[0.4, 0.5], [0.1, 0.5], [0.9, 0.5]])
RAW = SPACE.offset + SPACE.scale * EXAMPLES
Y = np.array([0, 0, 1])


@dataclass
class Threshold:
    """Class 1 where the first raw feature reaches 11."""

    n_classes: int = 2
    knowledge: Knowledge = "decisions"

    def scores(self, raw: FloatArray) -> FloatArray:
        return np.eye(2)[self.predict(raw)]

    def predict(self, raw: FloatArray) -> IntArray:
        return (raw[:, 0] >= 11.0).astype(np.int64)

    def decide(self, raw: FloatArray) -> IntArray:
        return self.predict(raw)


@dataclass(frozen=True)
class Claims:
    """An attack that returns ``points`` for any target, and claims that all rows are broken."""

    name: ClassVar[str] = "claims"
    needs: ClassVar[Knowledge] = "decisions"
    norms: ClassVar[tuple[Norm, ...]] = ("linf", "l2")

    points: tuple[tuple[float, float], ...]
    kind: Literal["fixed", "minimum"] = "fixed"

    def __call__(self, target, norm, eps, seed, start=None) -> AttackResult:
        # written as places in attack space; attacks return perturbations
        points = np.array(self.points) - target.space.enter(target.raw)
        broken = np.full(len(points), int(Outcome.BROKEN))
        return AttackResult(points, broken, np.ones(len(points), dtype=np.int64))


def target() -> AttackTarget:
    return AttackTarget(Threshold(), SPACE, RAW, Y, RAW)


def verified(
    *points: tuple[float, float],
    eps: float = 0.2,
    norm: Norm = "linf",
    kind: Literal["fixed", "minimum"] = "fixed",
) -> tuple[FloatArray, FloatArray]:
    attack = Claims(points, kind)
    seen = target()
    return verify(seen, attack, attack(seen, norm, eps, 0), norm, eps)


def test_a_true_claim_is_confirmed_and_drawn_back_to_the_boundary() -> None:
    distances, raw = verified((0.6, 0.5), (0.1, 0.5), (0.9, 0.5))
    assert distances[0] == pytest.approx(0.1, rel=1e-4)
    assert distances[0] >= 0.1
    assert raw[0, 0] >= 11.0
    assert raw[0, 1] == RAW[0, 1]


def test_a_point_that_is_not_broken_is_not_believed() -> None:
    distances, raw = verified((0.45, 0.5), (0.3, 0.5), (0.7, 0.5))
    assert np.isinf(distances).all()
    assert np.isnan(raw).all()


def test_a_point_outside_the_ball_is_brought_into_it_before_it_is_judged() -> None:
    # row 1 is 0.4 from the boundary: a claim at 0.9 says nothing about ε = 0.2
    distances, _ = verified((0.9, 0.5), (0.9, 0.5), (0.1, 0.5), eps=0.2)
    assert distances[0] == pytest.approx(0.1, rel=1e-4)
    assert np.isinf(distances[1:]).all()
    distances, _ = verified((0.9, 0.5), (0.9, 0.5), (0.1, 0.5), eps=0.41)
    assert np.isfinite(distances).all()


def test_a_point_outside_the_box_is_brought_into_it_before_it_is_judged() -> None:
    tight = AttackSpace(SPACE.offset, SPACE.scale, np.zeros(2), np.full(2, 0.45), SPACE.mutable)
    seen = AttackTarget(Threshold(), tight, RAW[:2], Y[:2], RAW)
    for kind in ("fixed", "minimum"):
        attack = Claims(((9.0, 0.5), (9.0, 0.5)), kind)
        distances, _ = verify(seen, attack, attack(seen, "linf", 5.0, 0), "linf", 5.0)
        assert np.isinf(distances).all()


@dataclass
class Rounded(Threshold):
    """A net whose scores differ in the last bits with the size of the batch."""

    knowledge: Knowledge = "gradients"

    def scores(self, raw: FloatArray) -> FloatArray:
        wrong = raw[:, 0] - 11.0 + (3e-7 if len(raw) in (1, 3) else -3e-7)
        return np.stack([np.ones(len(raw)), 1 + wrong], axis=1)

    def predict(self, raw: FloatArray) -> IntArray:
        return self.scores(raw).argmax(axis=1)


@pytest.mark.parametrize("kind", ["fixed", "minimum"])
def test_what_counts_is_mislabelled_in_a_batch_of_any_size(
    kind: Literal["fixed", "minimum"],
) -> None:
    # row 0 is 1e-4 from the boundary: a push relative to that is smaller than the rounding
    raw = np.array([[11 - 2e-4, 11.0], [10.2, 11.0], [11.8, 11.0]])
    seen = AttackTarget(Rounded(), SPACE, raw, Y, raw)
    attack = Claims(((0.6, 0.5), (0.1, 0.5), (0.9, 0.5)), kind)
    distances, found = verify(seen, attack, attack(seen, "linf", 0.2, 0), "linf", 0.2)
    assert distances[0] == pytest.approx(1e-4, rel=0.02)
    for size in (1, 2, 3, 50):
        assert seen.model.predict(np.repeat(found[:1], size, axis=0)).all()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("kind", ["fixed", "minimum"])
def test_a_point_that_is_not_finite_is_not_believed(
    value: float, kind: Literal["fixed", "minimum"]
) -> None:
    distances, raw = verified((value, value), (value, 0.5), (0.5, value), kind=kind, eps=5.0)
    assert np.isinf(distances[:2]).all()
    assert np.isnan(raw[:2]).all()


def test_a_minimum_distance_attack_is_not_held_to_the_budget() -> None:
    distances, _ = verified((0.9, 0.5), (0.9, 0.5), (0.1, 0.5), kind="minimum", eps=0.01)
    np.testing.assert_allclose(distances, [0.1, 0.4, 0.4], rtol=2e-3)
    assert (distances >= [0.1 - 1e-12, 0.4 - 1e-12, 0.4]).all()


def test_an_immutable_feature_is_never_moved() -> None:
    fixed = AttackSpace(SPACE.offset, SPACE.scale, SPACE.low, SPACE.high, np.array([False, True]))
    seen = AttackTarget(Threshold(), fixed, RAW, Y, RAW)
    result = AttackResult(np.full((3, 1), 0.9), np.zeros(3, dtype=np.int64), np.ones(3, np.int64))
    distances, raw = verify(seen, Claims(()), result, "linf", 1.0)
    assert np.isinf(distances).all()
    assert np.isnan(raw).all()


def test_a_prediction_that_holds_only_in_a_batch_is_not_believed() -> None:
    class Moody(Threshold):
        def predict(self, raw: FloatArray) -> IntArray:
            return super().predict(raw) if len(raw) > 1 else np.zeros(1, dtype=np.int64)

    seen = AttackTarget(Moody(), SPACE, RAW[:2], Y[:2], RAW)
    attack = Claims(((0.6, 0.5), (0.6, 0.5)))
    distances, _ = verify(seen, attack, attack(seen, "linf", 0.6, 0), "linf", 0.6)
    assert np.isinf(distances).all()


def test_a_faster_decision_that_is_wrong_is_not_believed() -> None:
    class Hasty(Threshold):
        def decide(self, raw: FloatArray) -> IntArray:
            return 1 - self.predict(raw)

    seen = AttackTarget(Hasty(), SPACE, RAW[:2], Y[:2], RAW)
    attack = Claims(((0.45, 0.5), (0.2, 0.5)))
    distances, _ = verify(seen, attack, attack(seen, "linf", 0.6, 0), "linf", 0.6)
    assert np.isinf(distances).all()


def test_a_row_that_breaks_a_constraint_is_not_believed() -> None:
    class Careless(AttackTarget):
        def to_raw(self, points: FloatArray, rows: IntArray) -> FloatArray:
            return self.raw[rows] + SPACE.scale * points

    whole = replace(SPACE, rules=Rules(integer=(0,)))
    # none of them moves by whole raw units, which are half a unit of ε
    attack = Claims(((0.55, 0.5), (0.55, 0.5), (0.45, 0.5)), "minimum")
    for kind, believed in ((SPACE, True), (whole, False)):
        seen = Careless(Threshold(), kind, RAW, Y, RAW)
        distances, raw = verify(seen, attack, attack(seen, "linf", 1.0, 0), "linf", 1.0)
        assert np.isfinite(distances).tolist() == [believed] * 3
        assert np.isfinite(raw).all(axis=1).tolist() == [believed] * 3


def test_a_claim_between_whole_numbers_is_judged_at_its_neighbour() -> None:
    whole = replace(SPACE, rules=Rules(integer=(0,)))
    seen = AttackTarget(Threshold(), whole, RAW, Y, RAW)
    for place, far in ((0.60, np.inf), (0.66, 0.5)):
        attack = Claims(((place, 0.5), (0.1, 0.5), (0.9, 0.5)))
        distances, raw = verify(seen, attack, attack(seen, "linf", 0.6, 0), "linf", 0.6)
        assert distances[0] == far
        # 10.8 goes to 11.8, or nowhere
        assert np.isinf(far) or raw[0].tolist() == [RAW[0, 0] + 1, RAW[0, 1]]


@given(
    points=st.lists(st.tuples(st.floats(-3, 3), st.floats(-3, 3)), min_size=3, max_size=3),
    eps=st.floats(0.01, 1.0),
    norm=st.sampled_from(["linf", "l2"]),
    kind=st.sampled_from(["fixed", "minimum"]),
)
def test_whatever_is_claimed_what_counts_is_mislabelled_and_inside(
    points: list[tuple[float, float]],
    eps: float,
    norm: Norm,
    kind: Literal["fixed", "minimum"],
) -> None:
    distances, raw = verified(*points, eps=eps, norm=norm, kind=kind)
    for row in np.flatnonzero(np.isfinite(distances)):
        assert Threshold().predict(raw[row : row + 1])[0] != Y[row]
        u = SPACE.enter(raw[row])
        assert (u >= -1e-9).all()
        assert (u <= 1 + 1e-9).all()
        assert distance(u - EXAMPLES[row], norm) == pytest.approx(distances[row], abs=1e-9)
        if kind == "fixed":
            # up to the push past the boundary that a prediction does not hang on
            assert distances[row] <= eps * (1 + 1e-3) + 1e-9
    assert np.isnan(raw[np.isinf(distances)]).all()


@pytest.mark.parametrize("kind", ["fixed", "minimum"])
def test_a_claim_that_is_not_confirmed_counts_as_survival_and_is_on_record(
    kind: Literal["fixed", "minimum"],
) -> None:
    attack = Claims(((0.6, 0.5), (0.3, 0.5), (0.7, 0.5)), kind)
    found = attack_model(
        Threshold(), SPACE, RAW, Y, RAW, ThreatModel("linf", (0.2,)), (attack,), seed=0
    )
    assert list(found.outcomes[0]) == [Outcome.BROKEN, Outcome.SURVIVED, Outcome.SURVIVED]
    assert found.evidence["claims"]["unconfirmed"] == 2
    assert np.isfinite(found.distances[0]).tolist() == [True, False, False]
    assert np.isnan(found.adversarial[0, 1:]).all()


def test_misclassified_rows_are_not_attacked_and_lie_at_distance_0() -> None:
    attack = Claims(((0.6, 0.5), (0.1, 0.5)))
    found = attack_model(
        Threshold(),
        SPACE,
        RAW,
        np.array([0, 0, 0]),
        RAW,
        ThreatModel("linf", (0.2,)),
        (attack,),
        seed=0,
    )
    assert found.outcomes[0, 2] == Outcome.MISCLASSIFIED
    assert found.distances[0, 2] == 0.0
    assert found.queries[0, 2] == 0


def test_an_attack_that_needs_more_than_the_model_gives_is_not_applicable() -> None:
    class Gradients(Claims):
        needs: ClassVar[Knowledge] = "gradients"

    found = attack_model(
        Threshold(), SPACE, RAW, Y, RAW, ThreatModel("linf", (0.2,)), (Gradients(()),), seed=0
    )
    assert (found.outcomes == Outcome.NOT_APPLICABLE).all()
    assert np.isinf(found.distances).all()
    assert found.evidence == {}
