"""Greedy search among integers and categories, compared with all points that exist."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import pytest

from genlabel_robust.attacks.art.pgd import PGD
from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.attacks.blocks import run_attack
from genlabel_robust.attacks.lattice_search import LatticeSearch
from genlabel_robust.attacks.verification import verify
from genlabel_robust.certify.exact import exact_margins
from genlabel_robust.core.arrays import BoolArray
from genlabel_robust.core.seeds import generator
from genlabel_robust.data.task import Scaling
from genlabel_robust.models.model import TorchModel
from genlabel_robust.models.nets.chain import Chain
from genlabel_robust.targets.losses import margin
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.threat.constraints.constraints import Rules
from genlabel_robust.threat.norms import Norm
from genlabel_robust.threat.space import AttackSpace
from genlabel_robust.threat.threat_model import distance, within

#: Three whole numbers of 0 to 5 and one of 0 to 2; or two and a feature of three categories.
HIGH = {"numbers": (5.0, 5.0, 5.0, 2.0), "categories": (5.0, 5.0, 1.0, 1.0, 1.0)}
#: Raw units per unit of ε: another category costs 0.4 in L∞.
SCALE = {"numbers": (5.0, 5.0, 5.0, 2.0), "categories": (5.0, 5.0, 2.5, 2.5, 2.5)}
RULES = {
    "numbers": Rules(integer=(0, 1, 2, 3)),
    "categories": Rules(integer=(0, 1), one_hot=((2, 3, 4),)),
}


def every_row(kind: str) -> np.ndarray:
    """Return all valid raw rows (p, d) in the box."""
    if kind == "numbers":
        return np.array(list(product(*(range(int(h) + 1) for h in HIGH[kind]))), dtype=float)
    numbers = np.array(list(product(range(6), range(6), range(3))))
    return np.concatenate([numbers[:, :2], np.eye(3)[numbers[:, 2]]], axis=1)


def grid_target(kind: str, widths: tuple[int, ...] = (), seed: int = 0, n: int = 60):
    rng = generator(seed, "grid")
    high, scale = np.array(HIGH[kind]), np.array(SCALE[kind])
    d = len(high)
    architecture = Chain("test", widths, relu=True, learning_rate=0.1)
    layers = tuple((4 * w, b) for w, b in architecture.initialise(d, 3, rng))
    model = TorchModel(architecture.module(layers), Scaling("range", np.zeros(d), high), 3)
    space = AttackSpace(
        np.zeros(d), scale, np.zeros(d), high / scale, np.ones(d, dtype=bool), RULES[kind]
    )
    rows = every_row(kind)
    raw = rows[rng.choice(len(rows), n, replace=False)]
    return AttackTarget(model, space, raw, model.predict(raw), raw)


def breakable(target: AttackTarget, kind: str, norm: Norm, eps: float) -> BoolArray:
    """Mark the examples (n,) for which a valid point of the ball is misclassified."""
    rows = every_row(kind)
    labels = target.model.predict(rows)
    return np.array(
        [
            (within(distance((rows - x) / target.space.scale, norm), eps) & (labels != y)).any()
            for x, y in zip(target.raw, target.y, strict=True)
        ]
    )


def broken(target: AttackTarget, attack, norm: Norm, eps: float) -> BoolArray:
    found, _ = verify(target, attack, run_attack(attack, target, norm, eps, 0), norm, eps)
    return np.asarray(within(found, eps))


@pytest.mark.parametrize("kind", ["numbers", "categories"])
@pytest.mark.parametrize(("seed", "eps"), [(0, 0.2), (1, 0.45), (2, 1.0)])
def test_in_linf_whatever_can_be_broken_of_an_affine_model_is(kind, seed, eps) -> None:
    target = grid_target(kind, seed=seed)
    can = breakable(target, kind, "linf", eps)
    assert can.any()
    assert (broken(target, LatticeSearch(restarts=0), "linf", eps) == can).all()


@pytest.mark.nightly(but=["linf"])
@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_on_nets_and_in_every_norm_nearly_all_that_can_be_broken_is(norm) -> None:
    can_be = was = 0
    for kind, seed in product(HIGH, range(3)):
        target = grid_target(kind, (16, 16), seed)
        eps = {"linf": 0.4, "l2": 0.6, "l1": 0.8}[norm]
        can, found = (
            breakable(target, kind, norm, eps),
            broken(target, LatticeSearch(), norm, eps),
        )
        assert not (found & ~can).any()
        can_be, was = can_be + can.sum(), was + found.sum()
    assert 100 < can_be < 300
    assert was >= 0.99 * can_be


def test_rounding_every_step_stalls_where_rounded_candidates_and_this_search_break() -> None:
    target = grid_target("numbers", (16, 16), n=200)
    eps, steps = 0.61, 20
    can = breakable(target, "numbers", "linf", eps)
    # the usual step, 2.5 ε / steps, is shorter than half a unit: rounded away, every time
    points, rows = target.x, np.arange(200)
    for _ in range(steps):
        _, gradient = target.gradient(points, rows, margin)
        points = target.valid(points + 2.5 * eps / steps * np.sign(gradient), rows)
    assert (points == 0).all()
    candidates = broken(target, PGD(steps=steps, restarts=4), "linf", eps)
    search = broken(target, LatticeSearch(), "linf", eps)
    assert can.sum() > 20
    assert min(candidates.sum(), search.sum()) > 0.7 * can.sum()
    assert (candidates | search).sum() >= 0.95 * can.sum()


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_on_continuous_features_it_still_breaks_nearly_all_that_can_be(norm, make_target) -> None:
    target = make_target(n=200, d=6)
    exact = exact_margins(target.model, target.space, target.raw, target.y, norm)
    eps = float(np.median(exact))
    found = broken(target, LatticeSearch(), norm, eps)
    assert not found[exact > eps * 1.001].any()
    assert found[exact < eps * 0.999].mean() > {"linf": 0.999, "l2": 0.9, "l1": 0.9}[norm]


def test_probabilities_are_as_good_as_the_logits_that_they_come_from() -> None:
    @dataclass(frozen=True, eq=False)
    class Softmax(TorchModel):
        def scores(self, raw: np.ndarray) -> np.ndarray:
            logits = super().scores(raw)
            powers = np.exp(logits - logits.max(axis=1, keepdims=True))
            return powers / powers.sum(axis=1, keepdims=True)

    logits = grid_target("numbers", (16,))
    plain = logits.model
    probable = replace_model(logits, Softmax(plain.module, plain.scaling, plain.n_classes))
    one, other = (LatticeSearch()(t, "l2", 0.5, 0) for t in (logits, probable))
    assert (one.outcome == Outcome.BROKEN).sum() > 20
    assert (one.outcome == other.outcome).mean() > 0.98


def replace_model(target: AttackTarget, model: TorchModel) -> AttackTarget:
    return AttackTarget(model, target.space, target.raw, target.y, target.pool)


def test_a_start_that_is_adversarial_is_kept(make_mixed_target) -> None:
    target = make_mixed_target(n=60)
    target.ball = ("l1", 0.5)
    first = LatticeSearch()(target, "l1", 0.5, 0)
    hit = first.outcome == Outcome.BROKEN
    assert hit.any()
    again = LatticeSearch(iterations=1, restarts=0)(target, "l1", 0.5, 1, start=first.points)
    assert (again.outcome[hit] == Outcome.BROKEN).all()
    assert again.queries[hit].max() <= 2


def test_what_an_example_gets_does_not_depend_on_its_company(make_mixed_target) -> None:
    target = make_mixed_target(n=30)
    whole = LatticeSearch(iterations=6)(target, "l2", 0.3, 0)
    rows = np.array([3, 17, 29])
    part = LatticeSearch(iterations=6)(target.subset(rows), "l2", 0.3, 0)
    assert (part.points == whole.points[rows]).all()
    assert (part.queries == whole.queries[rows]).all()
