"""Mixed-integer programs for affine models, compared with enumeration of all attacks."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from genlabel_robust.certify.confirm.claim import Claim
from genlabel_robust.certify.confirm.linear_program import by_linear_program
from genlabel_robust.structure import Affine
from genlabel_robust.threat.constraints.constraints import Rules
from genlabel_robust.threat.norms import Norm
from genlabel_robust.threat.space import AttackSpace

#: A number, a whole number, a category of three levels, a number that may be missing, and whether.
SCALE = np.array([1.0, 4.0, 1.0, 1.0, 1.0, 2.0, 1.0])
LOW = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
HIGH = np.array([1.0, 4.0, 1.0, 1.0, 1.0, 2.0, 1.0])
FLAGS = np.array([-1, -1, -1, -1, -1, 6, -1])
RULES = Rules(integer=(1, 6), one_hot=((2, 3, 4),))


def largest(
    weight: np.ndarray, raw: np.ndarray, norm: Norm, radius: float, free: np.ndarray
) -> float:
    """Return the largest gain of ``weight`` (d,) · raw, by enumeration of integer steps."""

    def score(row: np.ndarray) -> float:
        counts = np.ones(7)
        counts[5] = row[6] < 0.5
        return float(weight @ (row * counts))

    best = 0.0
    for whole, level, flag in product(range(5), range(3), (0.0, 1.0)):
        row = raw.copy()
        row[1], row[2:5], row[6] = whole, np.eye(3)[level], flag
        away = np.abs(row - raw) / SCALE
        if (away[~free] > 0).any():
            continue
        cost = away.max() if norm == "linf" else away.sum()
        if cost > radius + 1e-12:
            continue
        left = radius if norm == "linf" else radius - cost
        gained = score(row)
        # numbers go as far as is left, under L1 the one that gains the most first
        numbers = [0] if flag else [0, 5]
        for column in sorted(numbers, key=lambda i: -abs(weight[i] * SCALE[i])):
            if not free[column]:
                continue
            up = weight[column] > 0
            room = (HIGH[column] - raw[column] if up else raw[column] - LOW[column]) / SCALE[column]
            step = min(room, left)
            gained += abs(weight[column]) * SCALE[column] * step
            left -= step if norm == "l1" else 0.0
        best = max(best, gained - score(raw))
    return best


@pytest.mark.parametrize("norm", ["linf", "l1"])
def test_a_program_confirms_just_what_no_way_breaks(norm: Norm) -> None:
    rng = np.random.default_rng(0)
    said = []
    for _ in range(60):
        raw = LOW + (HIGH - LOW) * rng.uniform(size=7)
        raw[1], raw[2:5], raw[6] = rng.integers(5), np.eye(3)[rng.integers(3)], rng.integers(2)
        free = rng.uniform(size=7) < 0.8
        free[2:5] = free[2]
        weight, radius = rng.normal(size=7), float(rng.choice([0.2, 0.6, 1.0, 2.0]))
        space = AttackSpace(np.zeros(7), SCALE, LOW / SCALE, HIGH / SCALE, free, RULES)
        most = largest(weight, raw, norm, radius, free)
        # the bias leaves the class 0 a lead that is just enough, or just not
        for factor in (0.98, 1.02):
            needed = factor * max(most, 0.05)
            structure = Affine(np.stack([np.zeros(7), weight]), np.zeros(2), 2.0**-53, flags=FLAGS)
            lead = float(np.diff(structure.scores(raw[None])[0])[0])
            moved = structure.combined(np.eye(2), np.array([needed + lead, 0.0]))
            _, answer = by_linear_program(moved, Claim(space, raw, 0, norm, radius))
            assert answer.agrees == (needed > most), (raw, weight, radius, most)
            said.append(answer.agrees)
            if not answer.agrees:
                # the way that it shows is one that exists, and breaks
                (row,) = answer.rows
                assert structure.n_classes == 2
                assert float(np.diff(moved.scores(row[None])[0])[0]) >= -1e-6
                assert set(row[2:5]) == {0.0, 1.0}
                assert row[1] == np.rint(row[1])
    assert 0 < sum(said) < len(said)


def test_without_whole_numbers_the_program_is_linear() -> None:
    space = AttackSpace(np.zeros(2), np.ones(2), np.zeros(2), np.ones(2), np.ones(2, dtype=bool))
    structure = Affine(np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([1.3, 0.0]), 2.0**-53)
    claim = Claim(space, np.full(2, 0.5), 0, "linf", 0.1)
    method, answer = by_linear_program(structure, claim)
    assert (method, answer.agrees) == ("linear programs", True)
