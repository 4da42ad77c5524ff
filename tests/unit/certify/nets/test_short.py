"""Short searches: what they count, what they give up, and that other proofs stay the same."""

from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.certify.effort import SHORT
from genlabel_robust.certify.nets import certify_net
from genlabel_robust.certify.nets.bounds.ascent import Bounded
from genlabel_robust.certify.nets.bounds.nodes import Nodes
from genlabel_robust.certify.nets.short import least_splits
from genlabel_robust.data.task import Scaling
from genlabel_robust.models.model import TorchModel
from genlabel_robust.models.nets.chain import MLP
from genlabel_robust.models.structures.checked import checked_structure
from genlabel_robust.structure import ReluNet
from genlabel_robust.threat.space import AttackSpace
from genlabel_robust.threat.threat_model import within

D, EPS = 8, 0.1


def bounded(value: list[float], gaps: list[list[float]], *, open_: bool = True) -> Bounded:
    """Return subproblems of one layer with bounds ``value`` and the gap of each ReLU."""
    lost = np.array(gaps)
    q, low = len(lost), np.full(lost.shape, -1.0 if open_ else 0.5)
    nodes = Nodes.root(np.zeros(2), np.ones(2), [(low[:1], low[:1] + 2)]).take(np.zeros(q, int))
    known = Nodes(
        nodes.low, nodes.high, [(low, low + 2)], *([lost] for _ in range(3)), np.array(value)
    )
    return Bounded(known, np.zeros((q, 2)), np.zeros((q, 2)), [lost])


def test_the_fewest_relus_that_lose_what_is_missing_are_counted() -> None:
    gaps = [[0.1, 0.5, 0.0, 0.3]] * 5
    found = least_splits(bounded([-0.4, -0.6, -0.85, -0.95, -9.0], gaps), 0.0)
    np.testing.assert_array_equal(found, [1, 2, 3, 5, 5])


def test_a_subproblem_without_an_open_relu_takes_no_split() -> None:
    np.testing.assert_array_equal(least_splits(bounded([-1.0], [[0.0] * 3], open_=False), 0.0), [0])


@pytest.fixture(scope="module")
def case() -> tuple[ReluNet, TorchModel, AttackSpace, np.ndarray, np.ndarray]:
    """A net of 64 ReLUs, and rows some of which are hard to decide."""
    rng = np.random.default_rng(5)
    layers = MLP.with_widths((32, 32)).initialise(D, 3, rng)
    module = MLP.module(tuple((3 * w, 3 * b) for w, b in layers))
    model = TorchModel(module, Scaling("range", np.zeros(D), np.ones(D)), 3)
    space = AttackSpace(np.zeros(D), np.ones(D), np.zeros(D), np.ones(D), np.ones(D, dtype=bool))
    raw = rng.uniform(0, 1, (60, D))
    net = checked_structure(model, space, raw)
    assert isinstance(net, ReluNet)
    return net, model, space, raw, model.predict(raw)


def test_what_is_far_from_a_proof_is_given_up_and_all_else_is_as_a_full_search_has_it(
    case: tuple[ReluNet, TorchModel, AttackSpace, np.ndarray, np.ndarray],
) -> None:
    work = SHORT["work"]
    full, short = (certify_net(*case, "linf", (EPS,), work, short=s) for s in (False, True))
    proved, still = (~within(found.lower, EPS) for found in (full, short))
    assert (proved | ~still).all()
    broken = within(short.upper, EPS)
    np.testing.assert_array_equal(full.upper[broken], short.upper[broken])
    np.testing.assert_array_equal(full.witness[broken], short.witness[broken])
    given_up = ~still & ~broken & (short.work < full.work)
    assert given_up.any()
    assert short.work[given_up].sum() < full.work[given_up].sum() / 2
    searched = still & (short.work > 1)
    assert searched.any()
    np.testing.assert_array_equal(short.work[searched], full.work[searched])
