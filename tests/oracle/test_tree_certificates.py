"""Certificates of small tree ensembles, compared with every row that could break them."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest

from genlabel_robust.certify.trees import TreeCertifier, certify_trees, merge
from genlabel_robust.structure.trees import TreeEnsemble
from genlabel_robust.threat.constraints.constraints import Rules
from genlabel_robust.threat.features import Features
from genlabel_robust.threat.norms import NORMS
from genlabel_robust.threat.space import AttackSpace
from genlabel_robust.threat.threat_model import TOLERANCE, within
from genlabel_robust.threat.violations import violations

#: How ties are broken: by the first or the last label, by the leaves, or by rounding in float32.
LIBRARIES = ("first", "last", "leaves", "float32")


class Library:
    """A model whose scores are those of an ensemble, and whose ties only it can break."""

    def __init__(self, ensemble: TreeEnsemble, ties: str) -> None:
        self._ensemble, self._ties = ensemble, ties

    def predict(self, raw: np.ndarray) -> np.ndarray:
        ensemble = self._ensemble
        values, scores = ensemble.value[ensemble.leaves(raw)], ensemble.scores(raw)
        if self._ties == "float32":
            total = np.tile(ensemble.base.astype(np.float32), (len(raw), 1))
            for tree in range(values.shape[1]):
                total += values[:, tree].astype(np.float32)
            return total.argmax(axis=1)
        if self._ties == "first":
            return scores.argmax(axis=1)
        if self._ties == "last":
            return scores.shape[1] - 1 - scores[:, ::-1].argmax(axis=1)
        labels = []
        for score, value in zip(scores, values, strict=True):
            tied = np.flatnonzero(score >= score.max() - 1e-13)
            order = np.arange(1, len(value) + 1)[:, None]
            labels.append(
                tied[int(np.abs(np.floor(1e3 * value[:, tied]) * order).sum()) % len(tied)]
            )
        return np.array(labels)


def random_trees(rng: np.random.Generator, kinds: list[str], k: int) -> TreeEnsemble:
    """Return up to eight trees, half of them with equal scores, some with shared children."""
    equal, shared = rng.random() < 0.5, rng.random() < 0.3
    feature, threshold, left, right, value = [], [], [], [], []

    def split_at(f: int) -> float:
        if kinds[f] == "category":
            return float(rng.choice([0.5, 0.5, 0.5, 0.0, 1.0, -0.5]))
        if kinds[f] == "integer":
            return float(rng.integers(-3, 4) + rng.choice([0, 0.5, -1e-9]))
        return float(np.round(rng.uniform(-1, 1), int(rng.choice([1, 9]))))

    def node(depth: int, pool: list[int]) -> int:
        if shared and pool and rng.random() < 0.2:
            return int(rng.choice(pool))
        at, is_leaf = len(feature), depth == 0 or rng.random() < 0.15
        f = -1 if is_leaf else int(rng.integers(len(kinds)))
        feature.append(f)
        threshold.append(0.0 if is_leaf else split_at(f))
        left.append(at)
        right.append(at)
        scores = rng.integers(-2, 3, k) if equal else rng.normal(size=k)
        value.append(scores if is_leaf else np.zeros(k))
        if not is_leaf:
            left[at], right[at] = node(depth - 1, pool), node(depth - 1, pool)
        pool.append(at)
        return at

    roots = [node(int(rng.integers(1, 4)), []) for _ in range(rng.integers(1, 9))]
    base = rng.integers(-1, 2, k) if equal else rng.normal(size=k) * 0.3
    arrays: tuple[Any, ...] = (roots, feature, threshold, left, right)
    return TreeEnsemble(
        *map(np.array, arrays), np.array(value, float), np.array(base, float), rounding=0.0
    )


def random_case(
    rng: np.random.Generator,
) -> tuple[TreeEnsemble, Library, AttackSpace, np.ndarray]:
    """Return an ensemble, its library, a space with all kinds of limits, and a row (d,)."""
    kinds = [str(rng.choice(["free", "free", "integer"])) for _ in range(rng.integers(1, 4))]
    groups: tuple[tuple[int, ...], ...] = ()
    free = range(len(kinds))
    if rng.random() < 0.4:
        groups = (tuple(range(len(kinds), len(kinds) + int(rng.integers(2, 4)))),)
        kinds += ["category"] * len(groups[0])
    d = len(kinds)
    ensemble = random_trees(rng, kinds, int(rng.choice([2, 2, 3, 4])))
    ties = str(rng.choice(LIBRARIES))
    if ties == "float32":
        size = np.abs(ensemble.value).max() * len(ensemble.roots) + np.abs(ensemble.base).max()
        ensemble = replace(ensemble, rounding=float(2e-6 * (size + 1)))
    pinned = {i: bool(rng.random() < 0.5) for i in free if rng.random() < 0.2}
    mutable = np.array([i in pinned or rng.random() > 0.15 for i in range(d)])
    for group in groups:
        mutable[list(group)] = rng.random() > 0.15
    rules = Rules(
        increasing=tuple(i for i, up in pinned.items() if up),
        decreasing=tuple(i for i, up in pinned.items() if not up),
        integer=tuple(i for i, kind in enumerate(kinds) if kind == "integer"),
        one_hot=groups,
    )
    scale = np.where(rng.random(d) < 0.5, 1.0, rng.uniform(0.3, 3, d))
    offset = np.where(rng.random(d) < 0.5, 0.0, rng.normal(size=d))
    edges = {"free": (-1.0, float(rng.choice([1, 0.5]))), "integer": (-3.5, 3.5)}
    low, high = np.array([edges.get(kind, (0.0, 1.0)) for kind in kinds]).T
    space = AttackSpace(
        offset, scale, (low - offset) / scale, (high - offset) / scale, mutable, rules
    )
    raw = np.round(rng.uniform(-1.2, 1.2, d), int(rng.choice([1, 9])))
    whole = [i for i in rules.integer if rng.random() < 0.7]
    raw[whole] = rng.integers(-3, 4, len(whole))
    for group in groups:
        raw[list(group)] = 0.0
        raw[int(rng.choice(group))] = float(rng.random() > 0.03)
    return ensemble, Library(ensemble, ties), space, raw


def nearest_by_enumeration(
    ensemble: TreeEnsemble, library: Library, space: AttackSpace, raw: np.ndarray, y: int, norm: Any
) -> float:
    """Return the distance of the nearest mislabelled row of all that are first in their cell."""
    ends = []
    for i, own in enumerate(raw):
        at = np.unique(ensemble.threshold[ensemble.feature == i])
        more = own + np.arange(-8, 9) if i in space.rules.integer else np.array([own])
        zero_one = np.array([0.0, 1.0]) if any(i in g for g in space.rules.one_hot) else more
        ends.append(np.unique([*more, *zero_one, *at, *np.nextafter(at, np.inf)]))
    rows = np.array(list(product(*ends)))
    rows = rows[~violations(space, np.repeat(raw[None], len(rows), axis=0), rows)]
    if not len(rows):
        return float("inf")
    distances = space.distance(np.repeat(raw[None], len(rows), axis=0), rows, norm)
    return float(distances[library.predict(rows) != y].min(initial=np.inf))


@pytest.mark.nightly(but=["(200, 20000)", "(0, 0)"])
@pytest.mark.parametrize("limits", [(200, 20_000), (3, 10), (0, 0)], ids=str)
def test_small_ensembles_are_decided_as_enumeration_decides_them(
    limits: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    # few mergers, or none, so that boxes are split as well
    monkeypatch.setattr(merge, "PAIRS", limits[0])
    monkeypatch.setattr(merge, "ALL_PAIRS", limits[1])
    broken = 0
    for seed in range(20):
        rng = np.random.default_rng([*limits, seed])
        ensemble, library, space, raw = random_case(rng)
        y = int(library.predict(raw[None])[0])
        for norm in NORMS:
            nearest = nearest_by_enumeration(ensemble, library, space, raw, y, norm)
            eps = [*rng.uniform(0.02, 1.5, 2)]
            if 0 < nearest < np.inf:
                eps.append(nearest * rng.choice([1, 1 / (1 + TOLERANCE), 1 + 1e-9, 1 - 2e-5]))
            certifier = TreeCertifier(ensemble, library, space, norm)
            proved = certifier.row(raw, y, eps)
            for budget in eps:
                truth = bool(within(np.float64(nearest), budget))
                assert bool(within(np.float64(proved.upper), budget)) == truth, (seed, norm)
                assert bool(within(np.float64(proved.lower), budget)) == truth, (seed, norm)
            exact = certifier.row(raw, y, eps, distance=True)
            assert exact.lower == exact.upper == nearest, (seed, norm)
            broken += nearest < np.inf
            if nearest < np.inf:
                assert library.predict(exact.witness[None])[0] != y
                assert not violations(space, raw[None], exact.witness[None]).any()
                assert space.distance(raw[None], exact.witness[None], norm)[0] == nearest
    assert broken > 15


def with_prices(rng: np.random.Generator, space: AttackSpace) -> AttackSpace:
    """Return ``space`` with prices, features of two columns, and columns that do not go far."""
    d = len(space.scale)
    owner = np.arange(d)
    single = [i for i in range(d) if not any(i in group for group in space.rules.one_hot)]
    if len(single) > 1 and rng.random() < 0.5:
        owner[single[1]] = single[0]
    for group in space.rules.one_hot:
        owner[list(group)] = group[0]
    price = rng.integers(1, 4, d) if rng.random() < 0.5 else rng.uniform(0.3, 3.0, d)
    far = np.where(rng.random(d) < 0.3, rng.uniform(0.2, 2.0, d), np.inf)
    return replace(space, features=Features(owner, price.astype(float)), own_eps=far)


def test_prices_of_features_are_added_up_as_enumeration_adds_them_up() -> None:
    broken = 0
    for seed in range(30):
        rng = np.random.default_rng([17, seed])
        ensemble, library, space, raw = random_case(rng)
        space = with_prices(rng, space)
        y = int(library.predict(raw[None])[0])
        nearest = nearest_by_enumeration(ensemble, library, space, raw, y, "l0")
        certifier = TreeCertifier(ensemble, library, space, "l0")
        for budget in (0.5, 1.0, 2.0, 3.5):
            proved = certifier.row(raw, y, (budget,))
            truth = bool(within(np.float64(nearest), budget))
            assert bool(within(np.float64(proved.upper), budget)) == truth, seed
            assert bool(within(np.float64(proved.lower), budget)) == truth, seed
        exact = certifier.row(raw, y, (1.0,), distance=True)
        assert exact.lower == exact.upper == nearest, seed
        broken += nearest < np.inf
        if nearest < np.inf:
            assert library.predict(exact.witness[None])[0] != y
            assert not violations(space, raw[None], exact.witness[None]).any()
            assert space.distance(raw[None], exact.witness[None], "l0")[0] == nearest
    assert broken > 10


def test_a_row_is_certified_alike_in_any_company() -> None:
    rng = np.random.default_rng(5)
    ensemble = random_trees(rng, ["free", "free"], 2)
    library = Library(ensemble, "first")
    space = AttackSpace(np.zeros(2), np.ones(2), -np.ones(2), np.ones(2), np.ones(2, dtype=bool))
    rows = rng.uniform(-1, 1, (12, 2))
    y = library.predict(rows)
    done: list[int] = []
    together = certify_trees(
        ensemble, library, space, rows, y, "l2", (0.1,), distance=True, progress=done.append
    )
    assert done == list(range(1, 13))
    for row in (0, 7, 11):
        part = slice(row, row + 1)
        alone = certify_trees(
            ensemble, library, space, rows[part], y[part], "l2", (0.1,), distance=True
        )
        assert alone.lower[0] == together.lower[row]
        assert alone.upper[0] == together.upper[row]
        np.testing.assert_array_equal(alone.witness[0], together.witness[row])
        assert alone.work[0] == together.work[row]


def test_what_the_work_does_not_reach_is_open() -> None:
    rng = np.random.default_rng(0)
    opened = 0
    for _ in range(12):
        ensemble, library, space, raw = random_case(rng)
        y = int(library.predict(raw[None])[0])
        nearest = nearest_by_enumeration(ensemble, library, space, raw, y, "linf")
        proved = TreeCertifier(ensemble, library, space, "linf").row(
            raw, y, (0.5,), work=1, distance=True
        )
        assert proved.lower <= nearest <= proved.upper
        opened += proved.lower < proved.upper
    assert opened > 2


def test_trees_that_their_library_contradicts_certify_nothing() -> None:
    stump = TreeEnsemble(
        np.array([0]),
        np.array([0, -1, -1]),
        np.array([0.0, 0.0, 0.0]),
        np.array([1, 1, 2]),
        np.array([2, 1, 2]),
        np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]),
        np.zeros(2),
        0.0,
    )

    class Always:
        def predict(self, raw: np.ndarray) -> np.ndarray:
            return np.zeros(len(raw), dtype=np.int64)

    space = AttackSpace(np.zeros(1), np.ones(1), -np.ones(1), np.ones(1), np.ones(1, dtype=bool))
    proved = TreeCertifier(stump, Always(), space, "linf").row(np.array([-0.25]), 0, (0.1, 0.5))
    assert (proved.lower, proved.upper) == (0.0, np.inf)
