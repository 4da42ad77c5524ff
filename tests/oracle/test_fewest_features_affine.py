"""The fewest features that break an affine model, compared with every set of features."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, combinations

import numpy as np
import pytest

from genlabel_robust.certify.affine.certify import certify_affine, proved_distance
from genlabel_robust.certify.affine.distance import exact_distance
from genlabel_robust.certify.exact import exact_margins
from genlabel_robust.structure.affine import Affine
from genlabel_robust.threat.constraints.constraints import Rules
from genlabel_robust.threat.features import Features
from genlabel_robust.threat.space import AttackSpace
from genlabel_robust.threat.violations import violations


@dataclass(frozen=True)
class Labels:
    """A model that answers as its structure does."""

    structure: Affine
    knowledge: str = "scores"

    @property
    def n_classes(self) -> int:
        return self.structure.n_classes

    def predict(self, raw: np.ndarray) -> np.ndarray:
        return self.structure.scores(raw).argmax(axis=1)


@dataclass(frozen=True)
class Case:
    """An affine model, its space, and rows."""

    structure: Affine
    space: AttackSpace
    raw: np.ndarray

    @property
    def model(self) -> Labels:
        return Labels(self.structure)


def case(seed: int, most: int = 6) -> Case:
    """Draw continuous, whole and fixed columns, a group, numbers with flags, walls and prices."""
    rng = np.random.default_rng(seed)
    kinds: list[str] = []
    while len(kinds) < most:
        kinds.append(str(rng.choice(["free", "whole", "up", "down", "fixed", "group", "flag"])))
    group = int(rng.integers(2, 4))
    width = {"group": group, "flag": 2}
    owner = np.repeat(np.arange(len(kinds)), [width.get(kind, 1) for kind in kinds])
    d, k, n = len(owner), int(rng.integers(2, 5)), 3
    columns = [np.flatnonzero(owner == f) for f in range(len(kinds))]
    raw, low, high = rng.uniform(-1, 1, (n, d)), np.full(d, -1.5), np.full(d, 1.5)
    flags, mutable = np.full(d, -1), np.ones(d, dtype=bool)
    named: dict[str, list[int]] = {kind: [] for kind in ("whole", "up", "down")}
    groups = []
    for kind, own in zip(kinds, columns, strict=True):
        first = int(own[0])
        if kind in named:
            named[kind].append(first)
        if kind == "whole":
            raw[:, first] = rng.integers(-1, 2, n)
        elif kind == "fixed":
            mutable[first] = False
        elif kind == "group":
            raw[:, own] = np.eye(group)[rng.integers(0, group, n)]
            groups.append(tuple(own.tolist()))
            mutable[own] = rng.random() < 0.8
        elif kind == "flag":
            flags[first] = own[1]
            named["whole"].append(int(own[1]))
            raw[:, own[1]] = rng.random(n) < 0.4
            raw[raw[:, own[1]] == 1, first] = 0.25
            mutable[own[1]] = rng.random() < 0.7
        if kind in ("group", "flag"):
            low[own[-1]] = low[list(own) if kind == "group" else own[1]] = 0
            high[list(own) if kind == "group" else own[1]] = 1
    weight = rng.normal(size=(k, d)) * np.exp(rng.normal(size=d))
    prices = [np.ones(len(kinds)), rng.integers(1, 5, len(kinds)), rng.uniform(0.3, 3, len(kinds))]
    scale = rng.uniform(0.3, 3, d)
    own_eps = np.where(rng.random(d) < 0.2, 0.6 / scale, np.inf)
    own_eps[[*chain(*groups), *flags[flags >= 0]]] = np.inf
    space = AttackSpace(
        np.zeros(d),
        scale,
        low / scale,
        high / scale,
        mutable,
        Rules(tuple(named["up"]), tuple(named["down"]), tuple(named["whole"]), tuple(groups)),
        Features(owner, np.asarray(prices[seed % 3], dtype=float)),
        own_eps if seed % 2 else None,
    )
    structure = Affine(
        weight, rng.normal(size=k) * 2, 2.0**-50, flags=flags if (flags >= 0).any() else None
    )
    return Case(structure, space, raw)


def options(one: Case, row: np.ndarray, feature: int) -> Iterator[dict[int, float]]:
    """Yield what the columns of a feature may become: all that can gain most."""
    space, rules = one.space, one.space.rules
    columns = np.flatnonzero(space.touchable.owner == feature)
    u = space.enter(row[None])
    low, high = ((edge * space.scale)[0] for edge in space.box(u))
    for group in rules.one_hot:
        if group[0] in columns:
            own = int(row[list(group)].argmax())
            for other in range(len(group)):
                if space.mutable[group[0]] and other != own:
                    yield {group[own]: 0.0, group[other]: 1.0}
            return
    value = int(columns[0])
    flag = None if len(columns) == 1 else int(columns[1])
    ends = [low[value], high[value]] if space.mutable[value] else [row[value]]
    for end in ends:
        yield {value: float(end)}
        if flag is not None and space.mutable[flag]:
            yield {value: float(end), flag: 1.0 - row[flag]}
    if flag is not None and space.mutable[flag]:
        yield {flag: 1.0 - row[flag]}


def cheapest(one: Case, row: np.ndarray) -> float:
    """Return the least price of a set of features that can be changed to another label."""
    scores = one.structure.scores
    y = int(scores(row[None])[0].argmax())
    price = one.space.touchable.price
    changed: dict[int, list[np.ndarray]] = {}
    for feature in range(len(price)):
        rows = []
        for changes in options(one, row, feature):
            after = row.copy()
            after[list(changes)] = list(changes.values())
            rows.append(after)
        if rows:
            changed[feature] = rows
    best = np.inf
    for rival in set(range(one.structure.n_classes)) - {y}:
        moves, gains = {}, {}
        for feature, rows in changed.items():
            leads = scores(np.array(rows)) @ (
                np.eye(one.structure.n_classes)[rival] - np.eye(one.structure.n_classes)[y]
            )
            moves[feature] = rows[int(leads.argmax())]
        for size in range(1, len(moves) + 1):
            for chosen in combinations(moves, size):
                cost = float(sum(price[list(chosen)]))
                if cost >= best:
                    continue
                after = row.copy()
                for feature in chosen:
                    own = one.space.touchable.owner == feature
                    after[own] = moves[feature][own]
                if scores(after[None])[0, rival] > scores(after[None])[0, y]:
                    best = cost
        del gains
    return best


@pytest.mark.nightly(every=3)
@pytest.mark.parametrize("seed", range(18))
def test_the_fewest_features_are_those_of_every_set(seed: int) -> None:
    one = case(seed)
    y = one.model.predict(one.raw)
    expected = np.array([cheapest(one, row) for row in one.raw])
    found = certify_affine(one.structure, one.model, one.space, one.raw, y, "l0", (1.0,))
    np.testing.assert_allclose(found.lower, expected, rtol=1e-8)
    np.testing.assert_allclose(found.upper, expected, rtol=1e-8)
    exact = exact_margins(one.model, one.space, one.raw, y, "l0", one.structure)
    np.testing.assert_allclose(exact, expected, rtol=1e-8)
    broken = np.isfinite(found.upper)
    witness = found.witness[broken]
    assert not violations(one.space, one.raw[broken], witness).any()
    assert (one.model.predict(witness) != y[broken]).all()
    far = one.space.distance(one.raw[broken], witness, "l0")
    np.testing.assert_allclose(far, found.upper[broken], rtol=1e-12)
    least = proved_distance(one.structure, one.space, one.raw, y, "l0")
    np.testing.assert_allclose(least, expected, rtol=1e-8)


def test_twelve_features_are_as_every_set_of_them() -> None:
    one = case(1, most=12)
    y = one.model.predict(one.raw)
    found = certify_affine(one.structure, one.model, one.space, one.raw[:1], y[:1], "l0", (1.0,))
    assert found.upper[0] == pytest.approx(cheapest(one, one.raw[0]), rel=1e-8)
    assert found.lower[0] == pytest.approx(found.upper[0], rel=1e-8)


def test_the_closed_form_counts_the_columns_that_gain_most() -> None:
    weight = np.array([[0.0, 0.0, 0.0], [3.0, -2.0, 1.0]])
    u = np.array([[0.5, 0.5, 0.5]])
    for gap, expected in ((0.6, 1.0), (2.4, 2.0), (2.6, 3.0), (9.0, np.inf)):
        # the ends gain 1.5, 1 and 0.5; the rival begins at 1
        far = exact_distance(
            weight,
            np.array([gap + 1.0, 0.0]),
            u,
            np.zeros(1, dtype=int),
            np.zeros((1, 3)),
            np.ones((1, 3)),
            "l0",
        )
        assert far[0] == expected
