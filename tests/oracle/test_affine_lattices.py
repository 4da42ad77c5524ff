"""Affine distances with integers and categories, compared with all points that exist."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import torch

from genlabel_robust.certify.affine.certify import certify_affine
from genlabel_robust.certify.affine.nearest_rival import nearest_rival
from genlabel_robust.certify.affine.rivals import rivals
from genlabel_robust.certify.affine.steps import steps_at
from genlabel_robust.data.task import Scaling
from genlabel_robust.models.model import TorchModel
from genlabel_robust.models.structures.structure_of import structure_of
from genlabel_robust.threat.constraints.constraints import Rules
from genlabel_robust.threat.norms import Norm
from genlabel_robust.threat.shortest_step import least_distance
from genlabel_robust.threat.space import AttackSpace
from genlabel_robust.threat.threat_model import distance
from genlabel_robust.threat.violations import violations

#: Those under which a length is how far a step goes.
NORMS: tuple[Norm, ...] = ("linf", "l2", "l1")

#: What sums of products lose: points that tie are to count as such.
LOST = 1e-11


@dataclass(frozen=True)
class Case:
    """An affine model on attack space, and rows of every kind of feature."""

    weight: np.ndarray
    bias: np.ndarray
    space: AttackSpace
    raw: np.ndarray
    y: np.ndarray


def case(seed: int) -> Case:
    """Draw whole, continuous, monotone and fixed features, groups, walls; every third with ties."""
    rng = np.random.default_rng(seed)
    ties = seed % 3 == 0
    whole, free = int(rng.integers(1, 5)), int(rng.integers(0, 4))
    sizes = [int(rng.integers(2, 5)) for _ in range(rng.integers(0, 3))]
    kinds = np.concatenate(
        [np.zeros(whole), np.ones(free), *(np.full(g, 2 + i) for i, g in enumerate(sizes))]
    )
    kinds = rng.permutation(kinds)
    d, k, n = len(kinds), int(rng.integers(2, 5)), 3
    if ties:
        scale = rng.choice([0.5, 1.0, 2.0, 4.0], d)
        weight, bias = rng.integers(-3, 4, (k, d)).astype(float), rng.integers(-4, 5, k) / 2
    else:
        scale = rng.uniform(0.5, 7, d) * np.exp(rng.normal(size=d))
        weight, bias = rng.normal(size=(k, d)) * np.exp(rng.normal(size=d)), rng.normal(size=k) * 3
    raw, low, high = np.zeros((n, d)), np.zeros(d), np.ones(d)
    for j in np.flatnonzero(kinds == 0):
        raw[:, j], low[j], high[j] = rng.integers(0, 5, n), rng.uniform(-3, 1), rng.uniform(2, 7)
    for j in np.flatnonzero(kinds == 1):
        raw[:, j], low[j], high[j] = rng.uniform(-1, 1, n), rng.uniform(-2, 0), rng.uniform(0, 2)
    groups = tuple(tuple(np.flatnonzero(kinds == 2 + i).tolist()) for i in range(len(sizes)))
    for group in groups:
        raw[np.arange(n)[:, None], np.array(group)] = np.eye(len(group))[
            rng.integers(0, len(group), n)
        ]
        high[group[0]] = float(rng.random() > 0.2)  # a category that no one may take on
    numbers = np.flatnonzero(kinds < 2).tolist()
    one_way = {j: rng.random() for j in numbers}
    rules = Rules(
        increasing=tuple(j for j in numbers if one_way[j] < 0.15),
        decreasing=tuple(j for j in numbers if one_way[j] > 0.85),
        integer=tuple(np.flatnonzero(kinds == 0).tolist()),
        one_hot=groups,
    )
    offset = np.full(d, rng.choice([0.0, 1.0, 0.25]))
    space = AttackSpace(
        offset, scale, (low - offset) / scale, (high - offset) / scale, rng.random(d) > 0.12, rules
    )
    return Case(weight, bias, space, raw, (space.enter(raw) @ weight.T + bias).argmax(axis=1))


def by_enumeration(case: Case, row: int, norm: Norm) -> float:
    """Return the least distance over all whole steps and switches; continuous features last."""
    space, u = case.space, case.space.enter(case.raw)
    low, high = (edge[row] for edge in space.box(u))
    here, y, d = u[row], case.y[row], len(u[row])
    moves = np.zeros((1, d))
    for unit in _units(case, row, low, high):
        moves = (moves[:, None, :] + unit[None]).reshape(-1, d)
    chosen = {*space.rules.integer, *(j for group in space.rules.one_hot for j in group)}
    rest = [j for j in range(d) if j not in chosen]
    best = np.inf
    for rival in {*range(len(case.bias))} - {int(y)}:
        toward = case.weight[rival] - case.weight[y]
        gap = case.bias[y] - case.bias[rival] - toward @ here
        left = gap - moves @ toward - LOST
        shape = (len(moves), len(rest))
        room = np.where(toward > 0, high - here, here - low)[rest]
        extra = np.where(left <= 0, 0.0, np.inf)
        if rest:
            slope = np.broadcast_to(np.abs(toward[rest]), shape)
            extra = least_distance(slope, np.broadcast_to(room, shape), left, norm)
        lengths = {
            "l1": distance(moves, norm) + extra,
            "l2": np.hypot(distance(moves, norm), extra),
            "linf": np.maximum(distance(moves, norm), extra),
        }
        best = min(best, float(lengths[norm].min()))
    return best


def _units(case: Case, row: int, low: np.ndarray, high: np.ndarray) -> list[np.ndarray]:
    """Return the moves (choices, d) of each whole number and each group."""
    space, raw = case.space, case.raw[row]
    here, d = space.enter(raw[None])[0], len(raw)
    units = []
    for j in space.rules.integer:
        steps = np.arange(-12, 13) / space.scale[j]
        inside = (here[j] + steps >= low[j] - 1e-9) & (here[j] + steps <= high[j] + 1e-9)
        units.append(steps[inside & (space.mutable[j] | (steps == 0)), None] * np.eye(d)[j])
    for group in space.rules.one_hot:
        own = next(j for j in group if raw[j] == 1)
        switches = [np.zeros(d)]
        for to in group:
            move = (np.eye(d)[to] - np.eye(d)[own]) / space.scale
            there = here + move
            inside = (there >= low - 1e-9).all() and (there <= high + 1e-9).all()
            if to != own and space.mutable[[own, to]].all() and inside:
                switches.append(move)
        units.append(np.array(switches))
    return units


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("seed", range(0, 24, 4))
def test_the_distance_is_that_of_the_nearest_point_that_exists(seed: int, norm: Norm) -> None:
    for number in range(seed, seed + 4):
        drawn = case(number)
        u = drawn.space.enter(drawn.raw)
        asked = rivals(
            drawn.weight, u @ drawn.weight.T + drawn.bias, u, drawn.y, *drawn.space.box(u)
        )
        asked = asked.demanding(asked.gap - LOST)
        found = nearest_rival(
            asked, steps_at(drawn.space, drawn.raw), norm, None, drawn.space.touchable
        )
        known = [by_enumeration(drawn, row, norm) for row in range(len(u))]
        np.testing.assert_allclose(found.lower, known, rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(found.upper, known, rtol=1e-7, atol=1e-9)
        for row in np.flatnonzero(np.isfinite(found.upper)):
            moved = (u[row] + found.step[row]) @ drawn.weight.T + drawn.bias
            assert np.delete(moved, drawn.y[row]).max() >= moved[drawn.y[row]] - 1e-9
            assert distance(found.step[row], norm) == pytest.approx(found.upper[row], rel=1e-8)


def in_float32(drawn: Case) -> TorchModel:
    linear = torch.nn.Linear(*drawn.weight.T.shape)
    with torch.no_grad():
        linear.weight.copy_(torch.from_numpy(drawn.weight))
        linear.bias.copy_(torch.from_numpy(drawn.bias))
    scaling = Scaling("range", drawn.space.offset, drawn.space.scale)
    return TorchModel(torch.nn.Sequential(linear), scaling, len(drawn.bias))


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("seed", range(0, 9, 3))
def test_a_certificate_holds_the_distance_and_its_witness_is_mislabelled(
    seed: int, norm: Norm
) -> None:
    for number in range(seed, seed + 3):
        drawn = case(number)
        model, raw = in_float32(drawn), drawn.raw
        y = model.predict(raw)
        drawn = Case(drawn.weight, drawn.bias, drawn.space, raw, y)
        structure = structure_of(model, drawn.space, raw)
        found = certify_affine(structure, model, drawn.space, raw, y, norm, (0.1,))
        for row in range(len(raw)):
            exact = by_enumeration(drawn, row, norm)
            assert found.lower[row] <= exact * (1 + 1e-7) + 1e-9
            assert found.lower[row] <= found.upper[row]
            if np.isinf(found.upper[row]):
                continue
            own, witness = raw[row : row + 1], found.witness[row : row + 1]
            assert model.predict(witness)[0] != y[row]
            assert not violations(drawn.space, own, witness).any()
            assert drawn.space.distance(own, witness, norm)[0] == found.upper[row]
