"""A second method confirms correct proofs, and refutes wrong ones."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_wine
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

from genlabel_robust.certify.certify import certify
from genlabel_robust.certify.confirm import confirm
from genlabel_robust.data.rows import rows_of
from genlabel_robust.models.as_model import as_model
from genlabel_robust.models.structures.structure_of import structure_of
from genlabel_robust.structure import NoStructure
from genlabel_robust.threat.constraints.constraints import Rules
from genlabel_robust.threat.norms import NORMS, Norm
from genlabel_robust.threat.space import AttackSpace
from genlabel_robust.threat.threat_model import within
from genlabel_robust.threat.violations import violations

X, Y = load_wine(return_X_y=True)
SCALE = np.ptp(X, axis=0)
COLUMNS = [0, 6, 9, 12]


def space_of(x: np.ndarray, rules: Rules) -> AttackSpace:
    scale = np.ptp(x, axis=0)
    free = np.ones(x.shape[1], dtype=bool)
    none = np.zeros(x.shape[1])
    return AttackSpace(none, scale, x.min(axis=0) / scale, x.max(axis=0) / scale, free, rules)


MODELS = {
    "linear": (LogisticRegression(max_iter=10_000), "linear programs", 1.0),
    "boosted": (
        GradientBoostingClassifier(n_estimators=5, max_depth=2, random_state=0),
        "mixed-integer programs",
        1.0,
    ),
    "forest": (
        RandomForestClassifier(7, max_depth=3, random_state=0),
        "mixed-integer programs",
        1.0,
    ),
    "net": (MLPClassifier((8,), solver="lbfgs", max_iter=1000, random_state=0), "zonotopes", 0.6),
    "vote": (
        VotingClassifier(
            [
                ("sums", LogisticRegression()),
                ("trees", RandomForestClassifier(3, max_depth=3, random_state=0)),
            ],
            voting="soft",
        ),
        "intervals",
        0.6,
    ),
}


@cache
def fitted(name: str) -> Any:
    x = X[:, COLUMNS] / SCALE[COLUMNS]
    return as_model(MODELS[name][0].fit(x[::2], Y[::2]), rows_of(x), [0, 1, 2])


#: Under L0 nothing is proved of nets and votes.
CASES = [(n, norm) for n in MODELS for norm in NORMS if norm != "l0" or n not in ("net", "vote")]


@pytest.mark.nightly(every=2)
@pytest.mark.parametrize(("name", "norm"), CASES)
def test_what_is_proved_is_confirmed_and_what_is_broken_never(name: str, norm: Norm) -> None:
    _, method, least = MODELS[name]
    x, model = X[:, COLUMNS] / SCALE[COLUMNS], fitted(name)
    space = space_of(x, Rules(increasing=(1,)))
    raw, y = x[1::2][::6], Y[1::2][::6]
    structure = structure_of(model, space, raw)
    assert not isinstance(structure, NoStructure)
    eps = {"linf": 0.1, "l0": 1.0}.get(norm, 0.15)
    if norm == "l0":
        space = replace(space, own_eps=np.full(4, 0.25))
    found = certify(structure, model, space, raw, y, norm, (eps,))
    right = model.predict(raw) == y
    certified, broken = right & ~within(found.lower, eps), right & within(found.upper, eps)
    assert certified.sum() >= 3
    assert broken.any()
    agreed = 0
    for row in np.flatnonzero(certified | broken):
        told = confirm(structure, model, space, raw[row], int(y[row]), norm, eps)
        assert told.method == method
        if certified[row]:
            assert told.witness is None
            agreed += told.agrees
        else:
            assert not told.agrees
        if told.witness is not None:
            witness = told.witness[None]
            assert model.predict(witness)[0] != y[row]
            assert within(space.distance(raw[[row]], witness, norm), eps)[0]
            assert not violations(space, raw[[row]], witness)[0]
    # the cube of L2 and L1, which zonotopes take for the ball, holds more
    assert agreed >= (least if norm == "linf" or least == 1 else 0.2) * certified.sum()


def test_whole_numbers_and_categories_are_the_values_of_trees() -> None:
    """Up to 3.8 lies within reach, and the label changes near 3.4: no whole number is there."""
    rng = np.random.default_rng(0)
    x = np.column_stack([rng.integers(0, 7, 300), np.eye(2)[rng.integers(0, 2, 300)]])
    y = ((x[:, 0] > 3.4) ^ (x[:, 1] > 0.5)).astype(int)
    model: Any = as_model(RandomForestClassifier(5, random_state=0).fit(x, y), rows_of(x), [0, 1])
    for rules, agrees in ((Rules(), False), (Rules(integer=(0,), one_hot=((1, 2),)), True)):
        space = space_of(x, rules)
        raw = np.array([2.0, 0.0, 1.0])
        structure = structure_of(model, space, x)
        assert not isinstance(structure, NoStructure)
        label = int(model.predict(raw[None])[0])
        told = confirm(structure, model, space, raw, label, "linf", 0.3)
        assert told.agrees == agrees
        assert (told.witness is None) == agrees
