from __future__ import annotations

from itertools import pairwise

import numpy as np

from genlabel_robust.certify.confirm.claim import Claim
from genlabel_robust.certify.confirm.zonotopes import by_zonotopes
from genlabel_robust.structure import ReluNet
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
