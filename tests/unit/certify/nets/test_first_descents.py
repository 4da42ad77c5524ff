"""Descents of many examples at once give the same bits as those of each alone."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from genlabel_robust.certify.certificate import Certificate
from genlabel_robust.certify.nets import certify_net
from genlabel_robust.data.task import Scaling
from genlabel_robust.models.model import TorchModel
from genlabel_robust.models.nets.chain import MLP
from genlabel_robust.models.structures.checked import checked_structure
from genlabel_robust.structure import ReluNet
from genlabel_robust.threat import Norm
from genlabel_robust.threat.constraints.constraints import Rules
from genlabel_robust.threat.space import AttackSpace
from genlabel_robust.threat.threat_model import within

D, N = 6, 50
EPS = (0.02, 0.1, 0.25)


def case(rules: Rules) -> tuple[ReluNet, TorchModel, AttackSpace, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    layers = MLP.with_widths((24, 24)).initialise(D, 3, rng)
    module = MLP.module(tuple((3 * w, 3 * b) for w, b in layers))
    scale = np.where(np.isin(np.arange(D), rules.integer), 10.0, 1.0)
    model = TorchModel(module, Scaling("range", np.zeros(D), scale), 3)
    space = AttackSpace(np.zeros(D), scale, np.zeros(D), scale, np.ones(D, dtype=bool), rules)
    raw = rng.uniform(0, 1, (N, D)) * scale
    raw[:, list(rules.integer)] = np.rint(raw[:, list(rules.integer)])
    net = checked_structure(model, space, raw)
    assert isinstance(net, ReluNet)
    return net, model, space, raw, model.predict(raw)


def same(found: Certificate, other: Certificate) -> None:
    for name in ("lower", "upper", "witness", "work", "rounding"):
        np.testing.assert_array_equal(getattr(found, name), getattr(other, name), err_msg=name)


@pytest.mark.parametrize("whole", [(), (1, 4)])
@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_each_example_is_broken_as_by_its_own_descent(
    norm: Norm, whole: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    net, model, space, raw, y = case(Rules(integer=whole))
    eps = EPS if norm == "linf" else (0.1, 0.4, 0.8)
    together = certify_net(net, model, space, raw, y, norm, eps, 0, short=True)
    some = range(0, N, 5)
    alone = [
        certify_net(net, model, space, raw[i : i + 1], y[i : i + 1], norm, eps, 0, short=True)
        for i in some
    ]
    for name in ("lower", "upper", "witness", "work"):
        expected = np.concatenate([getattr(one, name) for one in alone])
        np.testing.assert_array_equal(getattr(together, name)[some], expected, err_msg=name)
    monkeypatch.setattr(
        "genlabel_robust.certify.nets.certify.FirstDescents.descend",
        lambda self, number, eps: self._hunts[number].descend(eps),
    )
    same(together, certify_net(net, model, space, raw, y, norm, eps, 0, short=True))
    for small, large in pairwise(eps):
        assert (within(together.upper, large) & ~within(together.upper, small)).any()


def test_no_example_walks_twice_and_none_after_it_is_broken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    walks: list[int] = []
    net, model, space, raw, y = case(Rules())
    honest = ReluNet.values

    def values(self: ReluNet, rows: np.ndarray, alone: bool = False) -> list[np.ndarray]:
        if alone:
            walks.append(len(rows))
        return honest(self, rows, alone)

    monkeypatch.setattr(ReluNet, "values", values)
    found = certify_net(net, model, space, raw, y, "linf", EPS, 0, short=True)
    # at each ε where they begin, and one for each of twelve steps: fewer from step to step
    assert len(walks) == 13 * len(EPS)
    assert walks[0] == N
    assert walks[13] == N - within(found.upper, EPS[0]).sum()
    assert all(b <= a for a, b in pairwise(walks[:13]))
    assert walks[12] < walks[0]
