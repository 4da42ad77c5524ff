"""Exact values under relations, compared with linear programs (affine) and brute force (trees)."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog
from sklearn.compose import make_column_transformer
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from genlabel_robust.certify.certificate import Certificate
from genlabel_robust.certify.certify import certify
from genlabel_robust.core.arrays import FloatArray
from genlabel_robust.data.rows import Rows, rows_of, task_of_rows
from genlabel_robust.models.as_model import as_model
from genlabel_robust.models.structures.checked import checked_structure
from genlabel_robust.threat.box_of_task import attack_space
from genlabel_robust.threat.constraints.constraints import Constraints
from genlabel_robust.threat.constraints.limits_of_columns import encoded_limits, freed, kept_whole
from genlabel_robust.threat.norms import Norm
from genlabel_robust.threat.threat_model import TOLERANCE, ThreatModel
from genlabel_robust.threat.violations import violations

YEARS = {"s": 2, "b": 4, "m": 5}


def certified(
    model: Any,
    test: pd.DataFrame,
    train: pd.DataFrame,
    limits: dict[str, Any],
    norm: Norm,
    eps: float,
) -> tuple[Certificate, Rows]:
    """Return what is proved of ``test`` with the labels that ``model`` gives it."""
    rows = rows_of(test, train, freed(limits), kept_whole(limits), continuous=())
    task = task_of_rows("made", rows, model.predict(test), tuple(model.classes_))
    encoded = Constraints.of(encoded_limits(rows.encoding.parts, limits))
    space = attack_space(task, ThreatModel(norm, (eps,), "range", encoded))
    asked = as_model(model, rows, tuple(model.classes_))
    structure = checked_structure(asked, space, task.x_test)
    found = certify(structure, asked, space, task.x_test, task.y_test, norm, (eps,))
    broken = np.isfinite(found.upper)
    witness = found.witness[broken]
    assert not violations(space, task.x_test[broken], witness).any()
    assert (asked.predict(witness) != task.y_test[broken]).all()
    return found, rows


def least(
    model: LogisticRegression,
    row: FloatArray,
    train: FloatArray,
    norm: Norm,
    relation: tuple[list[float], float, bool],
) -> float:
    """Return by a linear program how near the nearest row is that ``model`` mislabels.

    ``relation``: weights · row <= bound, or == where the last is true.
    """
    d = len(row)
    weights, bound, equal = relation
    weight, bias = model.coef_, model.intercept_
    if len(weight) == 1:
        weight, bias = np.stack([np.zeros(d), weight[0]]), np.array([0.0, bias[0]])
    low, high = np.minimum(train.min(axis=0), row), np.maximum(train.max(axis=0), row)
    scale = np.ptp(train, axis=0)
    form = np.array(weights) * scale
    value = float(np.array(weights) @ row) - bound
    label = int((weight @ row + bias).argmax())
    best = np.inf
    for rival in {*range(len(bias))} - {label}:
        gain = (weight[rival] - weight[label]) * scale
        gap = float((weight[label] - weight[rival]) @ row + bias[label] - bias[rival])
        # up, down, and the largest of them
        upper = [np.r_[-gain, gain, 0.0]]
        ends = [-gap]
        if not equal:
            upper.append(np.r_[form, -form, 0.0])
            ends.append(max(value, 0.0) - value)
        cost = np.r_[np.ones(2 * d), 0.0]
        if norm == "linf":
            cost = np.r_[np.zeros(2 * d), 1.0]
            both = np.concatenate([np.eye(d), np.eye(d), -np.ones((d, 1))], axis=1)
            upper += [*both]
            ends += [0.0] * d
        room = [*((high - row) / scale), *((row - low) / scale)]
        solved = linprog(
            cost,
            A_ub=np.array(upper),
            b_ub=ends,
            A_eq=[np.r_[form, -form, 0.0]] if equal else None,
            b_eq=[0.0] if equal else None,
            bounds=[*((0, most) for most in room), (0, None)],
        )
        best = min(best, solved.fun) if solved.status == 0 else best
    return best


@pytest.mark.parametrize("norm", ["linf", "l1"])
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("equal", [False, True])
def test_a_linear_model_with_a_linear_relation_has_a_linear_programs_value(
    norm: Norm, classes: int, equal: bool
) -> None:
    rng = np.random.default_rng(classes)
    x = rng.normal(size=(80, 4)) * [1, 3, 0.5, 10]
    x[:, 0] = np.minimum(x[:, 0], x[:, 1] + 0.5)
    x[:3, 0] = x[:3, 1] + 0.7  # these break the order
    y = (x @ rng.normal(size=(classes, 4)).T).argmax(axis=1)
    if equal:
        x[:, 3] = x[:, 0] + 2 * x[:, 1]
    frame = pd.DataFrame(x, columns=[*"abcd"])
    model = LogisticRegression(max_iter=1000).fit(frame, y)
    relation = "a + 2 * b == d" if equal else "a <= b + 0.5"
    found, _ = certified(model, frame[:12], frame, {"relations": [relation]}, norm, 0.2)
    weights = ([1.0, 2.0, 0.0, -1.0], 0.0, True) if equal else ([1.0, -1.0, 0.0, 0.0], 0.5, False)
    free, _ = certified(model, frame[:12], frame, {}, norm, 0.2)
    assert found.exact.all()
    for row in range(12):
        exact = least(model, x[row], x, norm, weights)
        assert found.lower[row] <= exact * (1 + 1e-6) + 1e-7
        assert found.upper[row] == pytest.approx(exact, rel=1e-3, abs=1e-6)
    # fewer rows to be changed into are farther away
    assert (found.upper >= free.upper * (1 - 1e-9)).all()


def people(rng: np.random.Generator, n: int) -> pd.DataFrame:
    age, count = rng.integers(3, 12, n), rng.integers(0, 6, n)
    degree = rng.choice([*YEARS], n)
    return pd.DataFrame(
        {
            "age": age,
            "degree": degree,
            "years": pd.Series(degree).map(YEARS),
            "tenure": np.minimum(rng.uniform(0, 9, n), age - 3).round(2),
            "count": count,
            "total": age + count,
        }
    )


RELATIONS = [
    "tenure <= age - 3",
    "years == table(degree)",
    "age + count == total",
    'degree == "m" -> age >= 6',
    "count != 3",
]


def candidates(
    clean: pd.Series,
    train: pd.DataFrame,
    cuts: FloatArray,
    relations: list[str],
    costs: dict[str, float],
    norm: Norm,
    eps: float,
) -> pd.DataFrame:
    """Return one row of each cell of trees that ``clean`` may be changed into: brute force.

    Everything but the tenure is a whole number or a category. ``costs``: what a step of each does.
    """
    whole = ["age", "years", "count", "total"]
    values = [
        range(min(train[n].min(), clean[n]), max(train[n].max(), clean[n]) + 1) for n in whole
    ]
    found = []
    low, high = min(train.tenure.min(), clean.tenure), max(train.tenure.max(), clean.tenure)
    for degree, *numbers in product(YEARS if "degree" in costs else [clean.degree], *values):
        steps = [abs(v - clean[n]) * costs[n] for n, v in zip(whole, numbers, strict=True)]
        steps += [costs["degree"]] * 2 if degree != clean.degree else []
        left = eps - sum(steps) if norm == "l1" else eps
        if left < 0 or max(steps) > eps:
            continue
        row = pd.Series({"degree": degree, **dict(zip(whole, numbers, strict=True))})
        if not all(_kept(row, clean, one) for one in relations if not one.startswith("tenure")):
            continue
        room = left / costs["tenure"]
        least, most = max(low, clean.tenure - room), min(high, clean.tenure + room)
        if "tenure <= age - 3" in relations:
            most = min(most, row.age - 3 + max(0.0, clean.tenure - clean.age + 3))
        if least > most:
            continue
        above = cuts + 1e-5 * (1 + np.abs(cuts))
        tenures = np.concatenate([[np.clip(clean.tenure, least, most), least, most], cuts, above])
        found += [{**row, "tenure": t} for t in tenures[(tenures >= least) & (tenures <= most)]]
    return pd.DataFrame(found, columns=[*train.columns])


def _kept(row: pd.Series, clean: pd.Series, relation: str) -> bool:
    if relation == "years == table(degree)":
        return bool(row.years == YEARS[row.degree])
    if relation == "age + count == total":
        rest, before = row.age + row["count"] - row.total, clean.age + clean["count"] - clean.total
        return bool(min(0, before) <= rest <= max(0, before))
    if relation == "count != 3":
        return bool(row["count"] != 3 or clean["count"] == 3)
    broken = clean.degree == "m" and clean.age < 6
    stays = broken and row.age >= clean.age
    return bool(row.degree != "m" or row.age >= 6 or stays)


@pytest.mark.nightly(but=["0"])
@pytest.mark.parametrize("seed", range(4))
def test_trees_are_decided_as_brute_force_decides_them(seed: int) -> None:
    rng = np.random.default_rng(seed)
    train, test = people(rng, 150), people(rng, 4)
    test.loc[0, "tenure"] += 2
    test.loc[1, "total"] += 1
    score = train.age + 2 * train.years + 1.5 * train.tenure - train["count"]
    y = np.digitize(score + rng.normal(0, 2, 150), [15, 20] if seed % 3 else [17])
    last = (
        RandomForestClassifier(5, max_depth=4, random_state=seed)
        if seed % 2
        else GradientBoostingClassifier(n_estimators=8, random_state=seed)
    )
    columns = make_column_transformer((OneHotEncoder(), ["degree"]), remainder="passthrough")
    model = make_pipeline(columns, last).fit(train, y)
    norm: Norm = "l1" if seed >= 2 else "linf"
    eps = float(rng.choice([0.12, 0.2]))
    relations = [RELATIONS[seed % 2], *RELATIONS[2 + seed % 3 :]]
    weights = {"years": 3 / eps, "degree": 1 / eps if norm == "linf" else 2 / eps}
    limits = {"weights": weights, "units": dict.fromkeys(weights, "raw"), "relations": relations}
    found, _ = certified(model, test, train, limits, norm, eps)
    place = [*columns.fit(train).get_feature_names_out()].index("remainder__tenure")
    trees = [one.tree_ for one in np.ravel(last.estimators_)]
    cuts = np.unique(np.concatenate([t.threshold[t.feature == place] for t in trees]))
    costs = {n: 1 / np.ptp(train[n]) for n in ("age", "tenure", "count", "total")}
    costs |= {n: 1 / weight for n, weight in weights.items()}
    labels, radius = model.predict(test), eps * (1 + TOLERANCE)
    for row in range(len(test)):
        rows = candidates(test.iloc[row], train, cuts, relations, costs, norm, radius)
        broken = bool(len(rows)) and bool((model.predict(rows) != labels[row]).any())
        assert (found.upper[row] <= radius) == broken
        assert (found.lower[row] > radius) == (not broken)
