"""Certificates of small nets, compared with dense samples and enumerated ReLU patterns."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.optimize import linprog

from genlabel_robust.certify.nets import certify_net
from genlabel_robust.core.arrays import FloatArray
from genlabel_robust.data.task import Scaling
from genlabel_robust.models.model import TorchModel
from genlabel_robust.models.nets.chain import Chain
from genlabel_robust.structure import ReluNet
from genlabel_robust.threat.constraints.constraints import Rules
from genlabel_robust.threat.norms import Norm
from genlabel_robust.threat.space import AttackSpace
from genlabel_robust.threat.threat_model import distance, within
from genlabel_robust.threat.violations import violations

#: Those under which a length is how far a step goes.
NORMS: tuple[Norm, ...] = ("linf", "l2", "l1")

CASES = 4


class Case:
    """A small random net whose classes are equally likely, rows, and a space with constraints."""

    def __init__(self, seed: int, kind: str) -> None:
        self.rng = rng = np.random.default_rng(seed)
        d, k = int(rng.integers(1, 4)), int(rng.integers(2, 4))
        self.groups = (tuple(range(d, d + 3)),) if kind == "one-hot" else ()
        self.integer = tuple(range(int(rng.integers(1, d + 1)))) if kind == "integer" else ()
        width = d + 3 * len(self.groups)
        scale, offset = rng.choice([1.0, 10.0], width), np.round(3 * rng.normal(size=width))
        scale[list(self.integer)] = 10.0
        for group in self.groups:
            scale[list(group)], offset[list(group)] = 1.0, 0.0
        widths = tuple(int(w) for w in rng.integers(3, 7, rng.integers(1, 4)))
        layers = Chain("small", widths, relu=True, learning_rate=0.1).initialise(width, k, rng)
        weights = [np.float64(np.float32(3) * w.T) for w, _ in layers]
        biases = [np.float64(np.float32(3) * b) for _, b in layers]
        # biases that leave no net without a living ReLU
        biases[:-1] = [np.abs(bias) for bias in biases[:-1]]
        self.net = ReluNet(offset, scale, tuple(weights), tuple(biases), 2.0**-24)
        middle = self.net.scores(offset + scale * rng.uniform(0, 1, (200, width)))
        biases[-1] = np.float64(np.float32(biases[-1] - middle.mean(axis=0)))
        self.net = ReluNet(offset, scale, tuple(weights), tuple(biases), 2.0**-24)
        exact = tuple(
            (np.float32(w.T), np.float32(b)) for w, b in zip(weights, biases, strict=True)
        )
        module = Chain("small", widths, relu=True, learning_rate=0.1).module(exact)
        self.model = TorchModel(module, Scaling("range", offset, scale), k)
        self.raw = offset + scale * rng.uniform(0, 1, (3, width))
        self.raw[:, list(self.integer)] = np.round(self.raw[:, list(self.integer)])
        for group in self.groups:
            self.raw[:, list(group)] = np.eye(3)[rng.integers(0, 3, 3)]
        monotone = tuple(i for i in range(d) if kind == "monotone" and rng.random() < 0.5)
        mutable = np.ones(width, dtype=bool)
        mutable[0] = not (kind == "monotone" and 0 not in monotone)
        rules = Rules(increasing=monotone, integer=self.integer, one_hot=self.groups)
        weight = rng.choice([1.0, 0.5], width)
        self.space = AttackSpace(
            offset, scale * weight, np.zeros(width), 1 / weight, mutable, rules
        )
        self.y = self.model.predict(self.raw)

    def sample(self, row: FloatArray, norm: Norm, eps: float, count: int = 500) -> FloatArray:
        """Return rows that exist within ``eps`` of ``row``: corners, edges and insides."""
        u = self.space.enter(row[None])
        low, high = ((edge - u)[0] for edge in self.space.box(u))
        low, high = np.maximum(low, -eps), np.minimum(high, eps)
        delta = self.rng.uniform(low, high, (count, len(row)))
        corner = np.where(self.rng.random(delta.shape) < 0.5, low, high)
        delta = np.where(self.rng.random((count, 1)) < 0.4, corner, delta)
        for group in self.groups:
            chosen = np.eye(3)[self.rng.integers(0, 3, count)] - row[list(group)]
            delta[:, list(group)] = chosen / self.space.scale[list(group)]
        if norm != "linf" and not self.integer and not self.groups:
            length = np.maximum(distance(delta, norm), 1e-12)[:, None]
            delta = np.where(length > eps, delta * eps / length, delta)
        steps = self.space.scale * delta
        steps[:, list(self.integer)] = np.rint(steps[:, list(self.integer)])
        rows = row + steps
        origin = np.broadcast_to(row, rows.shape)
        exist = ~violations(self.space, origin, rows)
        return rows[exist & within(self.space.distance(origin, rows, norm), eps)]


@pytest.mark.nightly(every=5)
@pytest.mark.parametrize("few", [6, 0], ids=["boxes", "relus"])
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("kind", ["free", "monotone", "integer", "one-hot"])
def test_no_row_that_exists_breaks_a_certificate_and_every_witness_exists(
    kind: str, norm: Norm, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genlabel_robust.certify.nets.row._FEW", few)
    outcomes = {"certified": 0, "broken": 0, "open": 0}
    for seed in range(CASES):
        case = Case(seed, kind)
        eps = (0.05, 0.3)
        found = certify_net(case.net, case.model, case.space, case.raw, case.y, norm, eps, 2000)
        for budget in eps:
            for i, row in enumerate(case.raw):
                certified, broken = ~within(found.lower[i], budget), within(found.upper[i], budget)
                assert not (certified and broken)
                outcomes["certified" if certified else "broken" if broken else "open"] += 1
                if certified:
                    assert (case.model.predict(case.sample(row, norm, budget)) == case.y[i]).all()
                if broken:
                    witness = found.witness[i : i + 1]
                    assert not violations(case.space, row[None], witness)[0]
                    assert case.model.predict(witness)[0] != case.y[i]
                    assert case.space.distance(row[None], witness, norm)[0] == found.upper[i]
    assert outcomes["broken"] > 2
    assert outcomes["certified"] > 5
    assert outcomes["open"] <= 2


def least_lead(case: Case, row: FloatArray, y: int, eps: float) -> float:
    """Return the least lead of ``y`` in the ball, by a linear program for each ReLU pattern."""
    net, space = case.net, case.space
    u = space.enter(row[None])
    low, high = ((edge - u)[0] for edge in space.box(u))
    bounds = list(zip(np.maximum(low, -eps), np.minimum(high, eps), strict=True))
    least = np.inf
    for pattern in product([0.0, 1.0], repeat=sum(len(b) for b in net.biases[:-1])):
        slope, constant = np.diag(space.scale / net.scale), (row - net.offset) / net.scale
        rows, heights, start = [], [], 0
        for weight, bias in zip(net.weights[:-1], net.biases[:-1], strict=True):
            slope, constant = weight @ slope, weight @ constant + bias
            on = np.array(pattern[start : start + len(bias)])
            start += len(bias)
            sign = 2 * on - 1
            rows.append(-sign[:, None] * slope)
            heights.append(sign * constant)
            slope, constant = on[:, None] * slope, on * constant
        for rival in set(range(len(net.biases[-1]))) - {y}:
            apart = net.weights[-1][y] - net.weights[-1][rival]
            found = linprog(
                apart @ slope,
                A_ub=np.concatenate(rows),
                b_ub=np.concatenate(heights),
                bounds=bounds,
                method="highs",
            )
            if found.status == 0:
                height = apart @ constant + net.biases[-1][y] - net.biases[-1][rival]
                least = min(least, found.fun + height)
    return float(least)


@pytest.mark.parametrize("few", [6, 0], ids=["boxes", "relus"])
def test_the_verdict_is_that_of_enumerating_all_patterns_of_relus(
    few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genlabel_robust.certify.nets.row._FEW", few)
    verdicts = set()
    for seed in range(200, 209):
        case = Case(seed, "free")
        if sum(len(b) for b in case.net.biases[:-1]) > 7:
            continue
        eps = 0.2
        found = certify_net(
            case.net, case.model, case.space, case.raw[:1], case.y[:1], "linf", (eps,), 2000
        )
        lead = least_lead(case, case.raw[0], int(case.y[0]), eps)
        if abs(lead) > 1e-4:
            assert (~within(found.lower, eps))[0] == (lead > 0)
            assert within(found.upper, eps)[0] == (lead < 0)
            verdicts.add(lead > 0)
    assert verdicts == {True, False}


def test_a_row_is_certified_alike_in_any_company() -> None:
    case = Case(7, "free")
    where = (case.net, case.model, case.space)
    together = certify_net(*where, case.raw, case.y, "linf", (0.05, 0.2), 500)
    for i in range(len(case.raw)):
        alone = certify_net(
            *where, case.raw[i : i + 1], case.y[i : i + 1], "linf", (0.05, 0.2), 500
        )
        for name in ("lower", "upper", "witness", "work"):
            np.testing.assert_array_equal(getattr(alone, name)[0], getattr(together, name)[i])
