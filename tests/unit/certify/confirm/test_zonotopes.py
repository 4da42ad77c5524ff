from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from genlabel_robust.certify.confirm.claim import Claim
from genlabel_robust.certify.confirm.zonotopes import by_zonotopes
from genlabel_robust.structure import ReluNet
from genlabel_robust.threat.constraints.constraints import Rules
from genlabel_robust.threat.space import AttackSpace


def random_net(rng: np.random.Generator, d: int) -> ReluNet:
    widths = [d, *rng.integers(1, 8, rng.integers(1, 3)).tolist(), int(rng.integers(2, 4))]
    pairs = list(pairwise(widths))
    return ReluNet(
        offset=rng.normal(size=d),
        scale=rng.uniform(0.5, 2, d),
        weights=tuple(1.5 * rng.normal(size=(b, a)) for a, b in pairs),
        biases=tuple(0.5 * rng.normal(size=b) for _, b in pairs),
        rounding=2.0**-53,
    )


def test_no_point_of_what_zonotopes_prove_has_another_label() -> None:
    """300 small nets, 1,000 points of the cube each; and corners that deny a proof do so."""
    agreed = denied = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        d = int(rng.integers(1, 4))
        net, scale, offset = random_net(rng, d), rng.uniform(0.5, 2, d), rng.normal(size=d)
        mutable = rng.random(d) > 0.1
        space = AttackSpace(offset, scale, np.full(d, -1.0), np.ones(d), mutable)
        raw = offset + scale * rng.uniform(-1, 1, d)
        y = int(net.scores(raw[None]).argmax())
        claim = Claim(space, raw, y, "linf", float(rng.choice([0.05, 0.2, 0.5])))
        told = by_zonotopes(net, claim)
        assert told is not None
        low, high = claim.room
        moves = np.concatenate(
            [
                rng.uniform(low, high, (900, d)),
                np.where(rng.random((100, d)) < 0.5, low, high),
            ]
        )
        others = net.scores(raw + scale * moves).argmax(axis=1) != y
        assert not (told.agrees and others.any())
        assert (net.scores(told.rows).argmax(axis=1) != y).all()
        agreed += told.agrees
        denied += len(told.rows)
    assert agreed > 200
    assert denied > 15


def with_cells(free: bool) -> tuple[ReluNet, Claim]:
    """Return a net of a number, its missing-value flag and a code, around a row."""
    net = ReluNet(
        np.zeros(3),
        np.ones(3),
        (np.array([[9.0, 0.0, 0.0], [0.0, 0.0, 0.0]]), np.eye(2)),
        (np.array([0.0, 1.0]), np.zeros(2)),
        rounding=2.0**-53,
        flags=np.array([1, -1, -1]),
        codes=((2, np.array([[0.0, 0.0], [0.0, 5.0]])),),
    )
    mutable = np.array([True, free, False])
    rules = Rules(integer=(1,))
    space = AttackSpace(np.zeros(3), np.ones(3), np.zeros(3), np.ones(3), mutable, rules)
    return net, Claim(space, np.array([0.5, 1.0, 1.0]), 1, "linf", 0.1)


def test_a_missing_number_and_a_code_are_part_of_the_net_about_a_row() -> None:
    net, claim = with_cells(free=False)
    told = by_zonotopes(net, claim)
    assert told is not None
    assert told.agrees
    # with the number there, or the other code, the claim is false
    for column, value in ((1, 0.0), (2, 0.0)):
        raw = claim.raw.copy()
        raw[column] = value
        other = by_zonotopes(net, replace(claim, raw=raw, y=int(column == 2)))
        assert other is not None
        assert other.agrees == (column == 2)


def test_nothing_is_said_where_values_may_come_and_go() -> None:
    assert by_zonotopes(*with_cells(free=True)) is None
