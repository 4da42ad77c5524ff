"""Small random soft votes, rows of them, and what may happen to these, a case for each seed.

Two to four members of scikit-learn, XGBoost and LightGBM on columns that are fixed, monotone,
whole, one of a group, or held in a narrow box; and such votes behind a pipeline whose columns may
be missing, or are categories that stay or that may change.
"""

from __future__ import annotations

from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import xgboost
from made_cases import KINDS, ROWS, Case, case_of_table, space_of
from sklearn.compose import ColumnTransformer
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    BaggingClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from genlabel_robust.data.rows import rows_of
from genlabel_robust.models.as_model import as_model
from genlabel_robust.models.structures.checked import checked_structure
from genlabel_robust.structure import Vote

#: Those under which a length is how far a step goes.
NORMS = ("linf", "l2", "l1")


def made(seed: int) -> Case:
    """Return the case of a seed: each norm and kind of constraint comes in turn."""
    rng = np.random.default_rng((seed, 0))
    kind, norm = KINDS[seed % 7], NORMS[seed // 7 % 3]
    if kind == "table":
        return _of_table(rng, norm)
    d, k = int(rng.integers(1, 4)), int(rng.choice([2, 2, 3, 4]))
    groups = (tuple(range(d, d + 3)),) if kind == "one-hot" else ()
    width = d + 3 * len(groups)
    scale, offset = rng.choice([1.0, 10.0], width), np.round(3 * rng.normal(size=width))
    whole = tuple(range(int(rng.integers(1, d + 1)))) if kind == "whole" else ()
    scale[list(whole)] = 10.0
    scale[d:], offset[d:] = 1.0, 0.0

    def rows(n: int) -> np.ndarray:
        x = offset + scale * rng.uniform(0, 1, (n, width))
        x[:, list(whole)] = np.round(x[:, list(whole)])
        x[:, d:] = np.tile(np.eye(3)[rng.integers(0, 3, n)], len(groups))
        if rng.random() < 0.3:  # thresholds then lie where rows do
            x[:, :d] = (
                offset[:d] + np.round((x[:, :d] - offset[:d]) / scale[:d] * 8) / 8 * scale[:d]
            )
            x[:, list(whole)] = np.round(x[:, list(whole)])
        return x

    x = rows(60)
    vote, names = _fitted(rng, x, (x - offset) / scale, k)
    raw = rows(ROWS)
    space = space_of(rng, kind, whole, groups, offset, scale, raw)
    model = as_model(vote, rows_of(raw, raw), tuple(range(k)))
    net = checked_structure(model, space, raw)
    assert isinstance(net, Vote), (seed, names, net)
    return Case(f"{names}, {kind}, {norm}", net, model, space, raw, norm)


def _members(rng: np.random.Generator, k: int) -> list[Any]:
    """Return two to four members, not all of which average leaves."""
    few, depth = int(rng.integers(1, 7)), int(rng.integers(1, 4))
    state = int(rng.integers(1000))
    known: list[Any] = [
        LogisticRegression(C=float(10 ** rng.uniform(-1, 2))),
        LinearDiscriminantAnalysis(),
        GradientBoostingClassifier(
            n_estimators=few,
            max_depth=depth,
            learning_rate=0.5,
            loss="exponential" if k == 2 and rng.random() < 0.5 else "log_loss",
        ),
        HistGradientBoostingClassifier(max_iter=few, max_depth=depth, min_samples_leaf=3),
        xgboost.XGBClassifier(n_estimators=few, max_depth=depth, n_jobs=1),
        lightgbm.LGBMClassifier(
            n_estimators=few, max_depth=depth, min_child_samples=4, verbose=-1, n_jobs=1
        ),
        MLPClassifier(
            tuple(int(w) for w in rng.integers(2, 6, rng.integers(1, 3))),
            max_iter=40,
            learning_rate_init=0.05,
            random_state=state,
        ),
        BaggingClassifier(LogisticRegression(), n_estimators=2, random_state=state),
    ]
    if k == 2:
        known.append(SGDClassifier(loss="log_loss", random_state=state))
    chosen = [known[int(rng.integers(len(known)))]]
    shares = [
        DecisionTreeClassifier(max_depth=depth, random_state=state),
        RandomForestClassifier(few, max_depth=depth, random_state=state),
    ]
    for _ in range(int(rng.integers(1, 4))):
        more = [*known, *shares, *shares]
        chosen.append(more[int(rng.integers(len(more)))])
    return chosen


def _fitted(
    rng: np.random.Generator, x: np.ndarray | pd.DataFrame, unit: np.ndarray, k: int
) -> tuple[VotingClassifier, str]:
    """Return a vote fitted on rows whose classes follow the columns ``unit`` (n, d), and noise."""
    lead = unit @ rng.normal(size=unit.shape[1]) + 0.1 * rng.normal(size=len(unit))
    y = np.argsort(np.argsort(lead)) * k // len(unit)
    y = np.where(rng.random(len(y)) < 0.05, rng.integers(0, k, len(y)), y)
    if rng.random() < 0.25:  # two trees of whole shares and nothing else that counts: ties
        members: list[Any] = [
            DecisionTreeClassifier(max_features=1, max_depth=3, random_state=i) for i in range(2)
        ]
        members.append(GradientBoostingClassifier(n_estimators=1, max_depth=1))
        weights: Any = [1, 1, 0]
    else:
        members = _members(rng, k)
        weights = rng.choice([None, 1])
        weights = None if weights is None else rng.uniform(0.2, 2, len(members)).round(1).tolist()
    vote = VotingClassifier(
        [(f"m{i}", member) for i, member in enumerate(members)], voting="soft", weights=weights
    )
    if rng.random() < 0.1:
        vote = VotingClassifier([("v", vote), ("l", LogisticRegression())], voting="soft")
    names = "+".join(type(member).__name__.removesuffix("Classifier") for member in members)
    return vote.fit(x, y), names


def _of_table(rng: np.random.Generator, norm: Any) -> Case:
    """Return a vote behind a pipeline on two numbers, which may be missing, and two levels.

    Any of the categories, and of what says that a number is missing, may be free to change.
    """
    n, k = 60, int(rng.integers(2, 4))
    frame = pd.DataFrame({name: rng.uniform(0, 10, n).round(1) for name in ("a", "b")})
    unit = frame.to_numpy() / 10
    frame = frame.mask(rng.random((n, 2)) < [0.3, 0.3 * rng.integers(2)])
    for name in ("c", "e"):
        frame[name] = rng.permutation(np.resize(list("xyz"), n))
    free = [name for name in ("a is missing", "b is missing", "c", "e") if rng.random() < 0.5]
    columns = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), ["a", "b"]),
            ("levels", OneHotEncoder(sparse_output=False), ["c", "e"]),
        ]
    )
    shown = columns.fit_transform(frame)
    vote, names = _fitted(rng, shown, unit, k)
    pipeline = Pipeline([("columns", columns), ("vote", vote)])
    return case_of_table(frame, pipeline, free, k, norm, Vote, f"{names}, table, {norm}")
