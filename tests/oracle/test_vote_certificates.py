"""Certificates of votes, compared with all rows that exist if these can be enumerated."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from genlabel_robust.certify.votes import certify_vote
from genlabel_robust.data.rows import rows_of
from genlabel_robust.models.as_model import as_model
from genlabel_robust.models.model import Model
from genlabel_robust.models.structures.checked import checked_structure
from genlabel_robust.structure import Vote
from genlabel_robust.threat.constraints.constraints import Rules
from genlabel_robust.threat.norms import Norm
from genlabel_robust.threat.space import AttackSpace
from genlabel_robust.threat.threat_model import within

#: Those under which a length is how far a step goes.
NORMS: tuple[Norm, ...] = ("linf", "l2", "l1")

VOTES: dict[str, list[Any]] = {
    "trees": [
        GradientBoostingClassifier(n_estimators=10, max_depth=2, random_state=0),
        RandomForestClassifier(8, max_depth=4, random_state=0),
    ],
    "linear": [
        LogisticRegression(),
        GradientBoostingClassifier(n_estimators=10, max_depth=2, random_state=0),
        RandomForestClassifier(8, max_depth=4, random_state=0),
    ],
    # whole shares of one half each, and a member without a weight: many exact ties
    "ties": [
        DecisionTreeClassifier(max_features=1, max_depth=4, random_state=1),
        DecisionTreeClassifier(max_features=1, max_depth=4, random_state=2),
        GradientBoostingClassifier(n_estimators=1),
    ],
}
ROWS = 8
RULES = Rules(integer=(0, 1), one_hot=((2, 3, 4),), increasing=(1,))
SPACE = AttackSpace(
    np.zeros(5),
    np.array([10.0, 5.0, 10.0, 10.0, 10.0]),
    np.zeros(5),
    np.array([1.0, 2.0, 1.0, 1.0, 1.0]),
    np.ones(5, dtype=bool),
    RULES,
)


def _made(name: str, classes: int) -> tuple[Vote, Model, np.ndarray]:
    rng = np.random.default_rng(classes)
    x = np.column_stack(
        [rng.integers(0, 11, 300), rng.integers(0, 11, 300), np.eye(3)[rng.integers(0, 3, 300)]]
    ).astype(float)
    lead = x[:, 0] - x[:, 1] + 3 * x[:, 3] + rng.normal(0, 2, 300)
    y = np.argsort(np.argsort(lead)) * classes // 300
    members = [(f"m{i}", member) for i, member in enumerate(VOTES[name])]
    weights = [1, 1, 0] if name == "ties" else None
    vote = VotingClassifier(members, voting="soft", weights=weights).fit(x[60:], y[60:])
    model = as_model(vote, rows_of(x), tuple(range(classes)))
    found = checked_structure(model, SPACE, x[:ROWS])
    assert isinstance(found, Vote)
    return found, model, x[:ROWS]


@pytest.mark.nightly(every=2)
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("name", VOTES)
def test_all_rows_that_exist_decide_alike(name: str, norm: Norm) -> None:
    structure, model, raw = _made(name, 3 if norm == "l2" else 2)
    every = np.array([(a, b, *level) for a, b, level in product(range(11), range(11), np.eye(3))])
    labels, y = model.predict(every), model.predict(raw)
    eps = (0.1, 0.2, 0.45)
    found = certify_vote(structure, model, SPACE, raw, y, norm, eps)
    answers = set()
    for row, label, lower, upper in zip(raw, y, found.lower, found.upper, strict=True):
        reachable = every[:, 1] >= row[1]
        far = SPACE.distance(np.broadcast_to(row, every.shape), every, norm)
        nearest = far[reachable & (labels != label)].min(initial=np.inf)
        for budget in eps:
            breakable = bool(within(nearest, budget))
            assert bool(within(upper, budget)) == breakable
            assert bool(~within(lower, budget)) == (not breakable)
            answers.add(breakable)
    assert answers == {True, False}


def test_a_box_that_is_proved_whole_has_no_distance_at_all() -> None:
    structure, model, raw = _made("linear", 2)
    frozen = AttackSpace(SPACE.offset, SPACE.scale, SPACE.low, SPACE.high, np.arange(5) == 1, RULES)
    y = model.predict(raw)

    found = certify_vote(structure, model, frozen, raw, y, "linf", (5.0,))

    proved = np.isinf(found.lower)
    assert proved.any()
    assert np.isfinite(found.upper[~proved]).all()


def test_little_work_leaves_rows_open_and_is_the_same_in_any_company() -> None:
    structure, model, raw = _made("linear", 3)
    y, free = model.predict(raw), replace(SPACE, rules=Rules())

    together = certify_vote(structure, model, free, raw, y, "l2", (0.2,), 8)
    alone = [
        certify_vote(structure, model, free, raw[[i]], y[[i]], "l2", (0.2,), 8) for i in range(ROWS)
    ]

    np.testing.assert_array_equal(together.lower, [part.lower[0] for part in alone])
    np.testing.assert_array_equal(together.upper, [part.upper[0] for part in alone])
    np.testing.assert_array_equal(together.work, [part.work[0] for part in alone])
    assert ((together.lower == 0) & np.isinf(together.upper)).any()


def test_a_row_with_what_is_no_number_stays_open() -> None:
    structure, model, raw = _made("trees", 2)
    y = model.predict(raw)
    raw = raw.copy()
    raw[0, 0] = np.nan

    class Same:
        """The model, which does not mind."""

        def predict(self, rows: np.ndarray) -> np.ndarray:
            return model.predict(np.nan_to_num(rows, nan=5.0))

    y[0] = Same().predict(raw[:1])[0]
    found = certify_vote(structure, Same(), SPACE, raw, y, "linf", (0.1,))  # type: ignore[arg-type]

    assert (found.lower[0], found.upper[0]) == (0.0, np.inf)
