"""Distances of linear models with optional values, compared with all settings of the flags."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pytest

from genlabel_robust.certify.affine.certify import certify_affine, proved_distance
from genlabel_robust.certify.exact import exact_margins
from genlabel_robust.structure.affine import Affine
from genlabel_robust.structure.missing_and_codes import counted
from genlabel_robust.threat.constraints.constraints import Rules
from genlabel_robust.threat.norms import Norm
from genlabel_robust.threat.shortest_step import least_distance
from genlabel_robust.threat.space import AttackSpace
from genlabel_robust.threat.threat_model import distance
from genlabel_robust.threat.violations import violations

#: Those under which a length is how far a step goes.
NORMS: tuple[Norm, ...] = ("linf", "l2", "l1")


@dataclass(frozen=True)
class Labels:
    """A model that answers as its structure does."""

    structure: Affine

    @property
    def n_classes(self) -> int:
        return self.structure.n_classes

    def predict(self, raw: np.ndarray) -> np.ndarray:
        return self.structure.scores(raw).argmax(axis=1)


def case(seed: int) -> tuple[Affine, AttackSpace, np.ndarray]:
    """Draw numbers that may be missing, each before its flag, and others, and rows of them."""
    rng = np.random.default_rng(seed)
    pairs, others, group = (int(rng.integers(low, high)) for low, high in ((1, 4), (0, 3), (2, 4)))
    d, k, n = 2 * pairs + others + group, int(rng.integers(2, 4)), 4
    flags = np.full(d, -1)
    flags[0 : 2 * pairs : 2] = np.arange(1, 2 * pairs, 2)
    whole = rng.random(d) < 0.3
    whole[flags[flags >= 0]] = False
    whole[d - group :] = False
    raw = rng.uniform(-2, 2, (n, d))
    raw[:, whole] = rng.integers(-2, 3, (n, int(whole.sum())))
    fill = np.where(whole, np.rint(rng.uniform(-2, 2, d)), rng.uniform(-2, 2, d))
    for value, flag in enumerate(flags):
        if flag >= 0:
            raw[:, flag] = rng.random(n) < 0.4
            raw[raw[:, flag] == 1, value] = fill[value]
    raw[:, d - group :] = np.eye(group)[rng.integers(0, group, n)]
    scale = rng.uniform(0.7, 3, d)
    low, high = np.full(d, -3.0), np.full(d, 3.0)
    low[flags[flags >= 0]] = low[d - group :] = 0
    high[flags[flags >= 0]] = high[d - group :] = 1
    mutable = rng.random(d) < 0.8
    mutable[d - group :] = rng.random() < 0.7
    mutable[flags[flags >= 0]] = rng.random(pairs) < 0.85
    one_way = rng.random(d)
    one_way[d - group :] = 0.5
    rules = Rules(
        increasing=tuple(np.flatnonzero(one_way < 0.1)),
        decreasing=tuple(np.flatnonzero(one_way > 0.9)),
        integer=(*np.flatnonzero(whole), *flags[flags >= 0]),
        one_hot=(tuple(range(d - group, d)),),
    )
    space = AttackSpace(np.zeros(d), scale, low / scale, high / scale, mutable, rules)
    structure = Affine(rng.normal(size=(k, d)) * 2, rng.normal(size=k), 2.0**-53, flags=flags)
    return structure, space, raw


def by_enumeration(
    structure: Affine, space: AttackSpace, raw: np.ndarray, y: int, norm: Norm
) -> float:
    """Return the least distance of one row (d,) over all that is not continuous."""
    d, best, places = len(raw), np.inf, []
    box = [edge[0] * space.scale for edge in space.box(space.enter(raw[None]))]
    group = space.rules.one_hot[0]
    for j in range(d - len(group)):
        if j not in space.rules.integer:
            continue
        steps = np.arange(-8, 9) + raw[j]
        places.append((j, steps[(steps >= box[0][j] - 1e-9) & (steps <= box[1][j] + 1e-9)]))
    levels = np.eye(len(group)) if space.mutable[group[0]] else raw[list(group)][None]
    rows = []
    for picked in product(*(values for _, values in places), levels):
        row = raw.copy()
        for (j, _), value in zip(places, picked, strict=False):
            row[j] = value
        row[list(group)] = picked[-1]
        rows.append(row)
    made = np.array(rows)
    paid, scores = (made - raw) / space.scale, structure.scores(made)
    rest = [j for j in range(d) if j not in {*space.rules.integer, *group}]
    for rival in {*range(structure.n_classes)} - {y}:
        toward = (structure.weight[rival] - structure.weight[y]) * counted(structure.flags, made)
        left = scores[:, y] - scores[:, rival]
        extra = np.where(left <= 0, 0.0, np.inf)
        if rest:
            room = np.where(toward > 0, box[1] - raw, raw - box[0])[:, rest] / space.scale[rest]
            slope = np.abs(toward * space.scale)[:, rest]
            extra = least_distance(slope, np.maximum(room, 0), left, norm)
        order: Any = {"linf": np.inf, "l2": 2, "l1": 1}[norm]
        far = np.linalg.norm(np.stack([distance(paid, norm), extra]), ord=order, axis=0)
        best = min(best, float(far.min()))
    return best


@pytest.mark.nightly(but=["linf"])
@pytest.mark.parametrize("norm", NORMS)
def test_the_distance_is_that_of_the_nearest_row_of_any_setting(norm: Norm) -> None:
    for seed in range(8):
        structure, space, raw = case(seed)
        model: Any = Labels(structure)
        y = model.predict(raw)
        known = [by_enumeration(structure, space, *one, norm) for one in zip(raw, y, strict=True)]
        found = certify_affine(structure, model, space, raw, y, norm, (0.1,))
        np.testing.assert_allclose(found.lower, known, rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(found.upper, known, rtol=1e-6, atol=1e-8)
        assert (found.lower <= found.upper).all()
        broken = np.isfinite(found.upper)
        assert (model.predict(found.witness[broken]) != y[broken]).all()
        assert not violations(space, raw[broken], found.witness[broken]).any()
        exact = exact_margins(model, space, raw, y, norm, structure)
        np.testing.assert_allclose(exact, known, rtol=1e-6, atol=1e-8)
        least = proved_distance(structure, space, raw, y, norm)
        np.testing.assert_allclose(least, known, rtol=1e-6, atol=1e-8)


def test_with_little_work_only_what_is_proved_is_told() -> None:
    for seed in range(4):
        structure, space, raw = case(seed)
        model: Any = Labels(structure)
        y = model.predict(raw)
        whole = certify_affine(structure, model, space, raw, y, "l2", ())
        cheap = certify_affine(structure, model, space, raw, y, "l2", (), work=1)
        assert (cheap.lower <= whole.upper).all()
        assert (cheap.upper >= whole.lower).all()
