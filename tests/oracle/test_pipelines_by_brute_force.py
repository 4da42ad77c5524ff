"""Verdicts on pipelines of mixed columns, against the pipeline's own answers to all changes.

An audit of a frame decides every row by what it read from inside the pipeline. Here the pipeline
itself is asked about every row that the attacker may present: all whole numbers in reach, all
levels of a category, both truth values. Of a continuous column it is asked about 201 points,
among them both ends of its reach. Those decide as well: the column has one decimal and trees
cut halfway between values, so that no cell but at the ends is narrower than 0.05, while the
points are 0.03 apart; and a linear model is worst at an end, or where its budget ends. A net can
be worst between two points: such a row would stand out as broken here and robust there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from math import ceil, floor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from genlabel_robust.data.rows import rows_of
from genlabel_robust.runs.audit import audit
from genlabel_robust.runs.cells.cell import CellResult
from genlabel_robust.runs.folder.stored_run import read_run
from genlabel_robust.threat.constraints.limits_of_columns import freed
from genlabel_robust.threat.threat_model import within

TRAINED, TESTED = 300, 40
EPS, POINTS = 0.1, 201
NUMBERS = ["age", "education_num", "hours_per_week", "capital_gain", "tenure_years"]
TEXTS = ["education", "occupation", "sex"]
SCHOOLS = {"HS-grad": 9, "Some-college": 10, "Bachelors": 13, "Masters": 14, "Doctorate": 16}
GONE = "tenure_years is missing"


def people() -> tuple[pd.DataFrame, np.ndarray]:
    """Return a made-up table of persons, (n, 9), and labels (n,), which go by most columns."""
    rng = np.random.default_rng(7)
    n = TRAINED + TESTED
    age = np.clip(rng.gamma(9, 4.4, n) + 15, 17, 90).astype(int)
    school = rng.choice(list(SCHOOLS), n, p=[0.35, 0.27, 0.22, 0.12, 0.04])
    level = np.array([SCHOOLS[name] for name in school])
    work = np.where(
        level >= 13,
        rng.choice(["Exec", "Prof", "Sales", "Admin"], n, p=[0.3, 0.4, 0.15, 0.15]),
        rng.choice(["Craft", "Sales", "Admin", "Service", "Exec"], n),
    ).astype(object)
    married = rng.random(n) < 1 / (1 + np.exp(-(age - 32) / 8))
    hours = np.clip(40 + rng.normal(0, 9, n) + 3 * (work == "Exec"), 5, 99).round().astype(int)
    gain = np.where(rng.random(n) < 0.3, rng.uniform(100, 2500, n).round(), 0).astype(int)
    tenure = np.clip(rng.gamma(2, 3, n), 0, age - 16).round(1)
    wealth = (
        0.045 * age
        + 0.25 * level
        + 0.9 * (work == "Exec")
        + 0.6 * (work == "Prof")
        + 1.2 * married
        + 0.03 * hours
        + 0.0008 * gain
        + 0.25 * tenure
        + rng.logistic(0, 0.2, n)
    )
    frame = pd.DataFrame(
        {
            "age": age,
            "education": pd.Series(school, dtype=object),
            "education_num": level,
            "occupation": pd.Series(work, dtype=object),
            "married": married,
            "sex": pd.Series(rng.choice(["Male", "Female"], n), dtype=object),
            "hours_per_week": hours,
            "capital_gain": gain,
            "tenure_years": tenure,
        }
    )
    frame.loc[rng.random(n) < 0.08, "occupation"] = np.nan
    frame.loc[rng.random(n) < 0.15, "tenure_years"] = np.nan
    frame.loc[TRAINED + 30 :, "tenure_years"] = np.nan
    # rows outside what training shows, one of them with a level that it does not have
    frame.loc[TRAINED : TRAINED + 1, "age"] = [95, 16]
    frame.loc[TRAINED + 2, "hours_per_week"] = 101
    frame.loc[TRAINED + 3, "occupation"] = "Pilot"
    return frame, np.where(wealth > np.median(wealth), ">50K", "<=50K")


FRAME, LABELS = people()
TRAIN, TEST = FRAME[:TRAINED], FRAME[TRAINED:].reset_index(drop=True)


def xgboost() -> Any:
    library = pytest.importorskip("xgboost")
    return library.XGBClassifier(n_estimators=15, max_depth=3, n_jobs=1, random_state=0)


def lightgbm() -> Any:
    library = pytest.importorskip("lightgbm")
    return library.LGBMClassifier(
        n_estimators=15, num_leaves=7, n_jobs=1, random_state=0, verbose=-1
    )


CORES: dict[str, Callable[[], Any]] = {
    "gradient-boosting": lambda: GradientBoostingClassifier(n_estimators=15, random_state=0),
    "random-forest": lambda: RandomForestClassifier(20, max_depth=5, random_state=0),
    "histogram-boosting": lambda: HistGradientBoostingClassifier(max_iter=15, random_state=0),
    "logistic": lambda: LogisticRegression(max_iter=2000),
    "xgboost": xgboost,
    "lightgbm": lightgbm,
    "net": lambda: MLPClassifier((8, 6), alpha=0.01, max_iter=3000, random_state=0),
}


@cache
def fitted(core: str) -> Any:
    """Return a pipeline as people make them, fitted on names of classes or on 0 and 1."""
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    texts = make_pipeline(
        SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore")
    )
    columns = ColumnTransformer(
        [
            ("numbers", numbers, NUMBERS),
            ("texts", texts, TEXTS),
            ("truth", "passthrough", ["married"]),
        ]
    )
    model = Pipeline([("columns", columns), ("core", CORES[core]())])
    return model.fit(TRAIN, truths(core)[:TRAINED])


def truths(core: str) -> np.ndarray:
    """Return the labels (n,) as the model of that name knows them: XGBoost takes numbers."""
    return (LABELS == ">50K").astype(int) if core == "xgboost" else LABELS


@dataclass(frozen=True)
class Freedom:
    """What the attacker may change, and ``price``, the length of a switch of category or truth.

    So is that of a value that comes or goes. ``up``: the columns of numbers that only grow;
    ``shares``: how far columns may be moved at most, as shares of their own values.
    """

    columns: tuple[str, ...]
    norm: str
    price: float
    up: tuple[str, ...] = ()
    shares: tuple[tuple[str, float], ...] = ()

    def __str__(self) -> str:
        return "-".join([*(name.split(" ")[-1] for name in self.columns), self.norm])

    def reach(self, name: str, value: float) -> tuple[float, float]:
        """Return the ends of the column's box around ``value``."""
        low, high = float(TRAIN[name].min()), float(TRAIN[name].max())
        room = dict(self.shares).get(name, np.inf) * abs(value)
        return max(min(low, value), value - room), min(max(high, value), value + room)

    @property
    def constraints(self) -> dict[str, Any]:
        """The limits of the threat; a switch of a category moves two columns by 1."""
        moved = {"linf": 1.0, "l2": 2**0.5, "l1": 2.0}[self.norm]
        weights = {
            name: (1.0 if name == GONE else moved) / self.price
            for name in self.columns
            if name in ("occupation", "married", GONE)
        }
        return {
            "weights": weights,
            "units": dict.fromkeys(weights, "raw"),
            "increasing": list(self.up),
            "shares": dict(self.shares),
            "immutable": [name for name in NUMBERS if name not in self.columns],
        }

    def lengths(self, steps: np.ndarray) -> np.ndarray:
        """Return the lengths (m,) of changes whose lengths by column are ``steps`` (m, c)."""
        order = {"linf": np.inf, "l2": 2, "l1": 1}[self.norm]
        return np.asarray(np.linalg.norm(steps, ord=order, axis=1))


SEVERAL = ("occupation", "married", "age")
SWITCHES = {
    "linf": Freedom(SEVERAL, "linf", price=0.1, up=("age",)),
    "l2": Freedom(SEVERAL, "l2", price=0.06),
    "l1": Freedom(SEVERAL, "l1", price=0.05),
}
COMES_AND_GOES = Freedom(("tenure_years", GONE), "linf", price=0.05)
#: What is left of the budget for the number depends on what else is changed.
TOGETHER = {
    norm: Freedom(("married", "tenure_years", GONE), norm, price=0.05) for norm in ("l2", "l1")
}


#: Limits on what each person has: 8 % of the age, a fifth of the time in the job.
SHARES = Freedom(
    ("age", "tenure_years"), "linf", price=0.1, shares=(("age", 0.08), ("tenure_years", 0.2))
)


def width_of(name: str) -> float:
    """Return the range of the column in the training rows."""
    return float(TRAIN[name].max() - TRAIN[name].min())


def whole_values(freedom: Freedom, name: str, value: float) -> list[tuple[Any, float]]:
    """Return all whole numbers in reach, each with its distance."""
    low, high = freedom.reach(name, value)
    first = value if name in freedom.up else low
    width = width_of(name)
    return [(v, abs(v - value) / width) for v in range(ceil(first), floor(high) + 1)]


def points(freedom: Freedom, name: str, value: float) -> list[tuple[Any, float]]:
    """Return 201 points in reach, both ends among them, each with its distance."""
    (low, high), width = freedom.reach(name, value), width_of(name)
    # up to the tolerance of "within", less what its own arithmetic may round
    most = EPS * (1 + 1e-5) * (1 - 1e-12) * width
    grid = np.linspace(value - most, value + most, POINTS)
    return [(v, abs(v - value) / width) for v in np.unique(np.clip(grid, low, high)).tolist()]


def switches(name: str, value: Any, price: float) -> list[tuple[Any, float]]:
    """Return all values of a category or a truth value, what is missing among them.

    A level that training does not have can be left, and not be put there.
    """
    levels = TRAIN[name].unique().tolist()
    same = [v == value or (v != v and value != value) for v in levels]
    found = [] if any(same) else [(value, 0.0)]
    return found + [(v, 0.0 if own else price) for v, own in zip(levels, same, strict=True)]


def choices(freedom: Freedom, row: pd.Series) -> dict[str, list[tuple[Any, float]]]:
    """Return by column what the attacker may put there, each with its distance."""
    found: dict[str, list[tuple[Any, float]]] = {}
    for name in freedom.columns:
        value = row[name] if name != GONE else None
        if name == GONE:
            continue
        if name in ("occupation", "married"):
            found[name] = switches(name, value, freedom.price)
        elif name != "tenure_years":
            found[name] = whole_values(freedom, name, value)
        elif GONE not in freedom.columns:
            gone = np.isnan(value)
            found[name] = [(np.nan, 0.0)] if gone else points(freedom, name, value)
        elif np.isnan(value):
            # it comes as the middle value of training, or as one near to that
            known = np.sort(TRAIN[name].dropna())
            come = points(freedom, name, float(known[(len(known) - 1) // 2]))
            far = freedom.lengths(np.array([[freedom.price, step] for _, step in come]))
            shown = [v for v, _ in come]
            found[name] = [(np.nan, 0.0), *zip(shown, far.tolist(), strict=True)]
        else:
            found[name] = [*points(freedom, name, value), (np.nan, freedom.price)]
    return found


@dataclass(frozen=True)
class Reached:
    """All rows that the attacker may present, ``frame`` (m, 9).

    ``owner`` (m,): the test row that each comes from; ``distance`` (m,).
    """

    frame: pd.DataFrame
    owner: np.ndarray
    distance: np.ndarray


@cache
def reached(freedom: Freedom) -> Reached:
    """Return all rows that the attacker may present."""
    frames, distances = [], []
    for i in range(TESTED):
        found = choices(freedom, TEST.iloc[i])
        picked = list(product(*found.values()))
        far = freedom.lengths(np.array([[step for _, step in one] for one in picked]))
        near = np.flatnonzero(within(far, EPS))
        frame = TEST.iloc[np.full(len(near), i)]
        for column, name in enumerate(found):
            values = [picked[at][column][0] for at in near]
            frame = frame.assign(**{name: pd.Series(values, frame.index, TEST[name].dtype)})
        frames.append(frame)
        distances.append(far[near])
    together = pd.concat(frames)
    return Reached(together.reset_index(drop=True), together.index.to_numpy(), np.hstack(distances))


def nearest(core: str, freedom: Freedom) -> np.ndarray:
    """Return how near the nearest row is that the pipeline mislabels, (40,), inf if none is."""
    rows, y = reached(freedom), truths(core)[TRAINED:]
    wrong = fitted(core).predict(rows.frame) != y[rows.owner]
    found = np.full(TESTED, np.inf)
    np.minimum.at(found, rows.owner[wrong], rows.distance[wrong])
    return found


def audited(core: str, freedom: Freedom, folder: Path) -> tuple[Any, CellResult]:
    """Return the row of an audit's results, and what it found row by row."""
    run = audit(
        fitted(core),
        TEST,
        truths(core)[TRAINED:],
        reference=TRAIN,
        out=str(folder / "run"),
        norm=freedom.norm,
        eps=EPS,
        constraints=freedom.constraints,
        suite="strongest",
        attacks=["noise"],
        settings={"attack": {"noise": {"draws": 1}}},
        checks="off",
        certify="auto",
    )
    (panel,), (row,) = read_run(run.path).panels.values(), run.results["rows"]
    return row, panel.results[0]


def assert_equal_to_brute_force(core: str, freedom: Freedom, folder: Path) -> None:
    row, result = audited(core, freedom, folder)
    model, y, truth = fitted(core), truths(core)[TRAINED:], nearest(core, freedom)
    proved, clean = result.certificate, model.predict(TEST) == y
    assert proved is not None, result.inside.reason
    broken = within(truth, EPS)
    np.testing.assert_array_equal(within(proved.upper, EPS), broken)
    np.testing.assert_array_equal(within(proved.lower, EPS), broken)
    assert row["robust_accuracy"]["value"] == (~broken).mean()
    assert row["certified_accuracy"]["value"] == (~broken).mean()
    assert row["certification"]["outcomes"] == {
        "misclassified": (~clean).sum(),
        "broken": (broken & clean).sum(),
        "certified": (~broken).sum(),
        "open": 0,
    }
    assert (proved.lower[broken] <= truth[broken] * (1 + 1e-9)).all()
    if freedom.columns == SEVERAL:
        assert (proved.upper[broken] >= truth[broken] * (1 - 1e-9)).all()
    assert_witnesses_are_rows_that_may_be_presented(core, freedom, result, broken & clean)


def assert_witnesses_are_rows_that_may_be_presented(
    core: str, freedom: Freedom, result: CellResult, broken: np.ndarray
) -> None:
    encoding = rows_of(TEST, TRAIN, freed(freedom.constraints)).encoding
    assert result.certificate is not None
    shown = encoding.frame(result.certificate.witness[broken])
    here = TEST[broken].reset_index(drop=True)
    assert (fitted(core).predict(shown) != truths(core)[TRAINED:][broken]).all()
    fixed = [name for name in here if name not in freedom.columns]
    pd.testing.assert_frame_equal(shown[fixed], here[fixed], check_dtype=False)
    for name in set(freedom.columns) & set(NUMBERS):
        low, high = TRAIN[name].min(), TRAIN[name].max()
        outside = (shown[name] < low) | (shown[name] > high)
        assert (shown[name] == here[name])[outside].all()
        if name != "tenure_years":
            assert (shown[name] == shown[name].round()).all()
    for name in set(freedom.columns) & {"occupation", "married"}:
        assert (shown[name].isin(TRAIN[name].unique()) | (shown[name] == here[name])).all()


@pytest.mark.nightly(but=["net-linf"])
@pytest.mark.parametrize(
    ("core", "norm"),
    [*zip(CORES, [*SWITCHES, *SWITCHES], strict=False), *product(["net"], SWITCHES)],
)
def test_each_verdict_is_that_of_asking_the_pipeline_about_every_whole_number_and_category(
    core: str, norm: str, tmp_path: Path
) -> None:
    assert_equal_to_brute_force(core, SWITCHES[norm], tmp_path)


@pytest.mark.nightly(but=["gradient-boosting"])
@pytest.mark.parametrize("core", CORES)
def test_each_verdict_is_that_of_asking_the_pipeline_along_a_column_with_missing_values(
    core: str, tmp_path: Path
) -> None:
    assert_equal_to_brute_force(core, COMES_AND_GOES, tmp_path)


@pytest.mark.nightly(but=["logistic"])
@pytest.mark.parametrize("core", CORES)
def test_each_verdict_is_that_of_asking_the_pipeline_within_shares_of_a_rows_own_values(
    core: str, tmp_path: Path
) -> None:
    assert_equal_to_brute_force(core, SHARES, tmp_path)
    # without shares it is another threat, so that the comparison says something
    assert not np.array_equal(nearest(core, replace(SHARES, shares=())), nearest(core, SHARES))


@pytest.mark.nightly(but=["logistic-l2"])
@pytest.mark.parametrize("norm", TOGETHER)
@pytest.mark.parametrize("core", ["logistic", "net"])
def test_a_model_is_decided_where_values_come_and_go_and_share_a_budget(
    core: str, norm: str, tmp_path: Path
) -> None:
    assert_equal_to_brute_force(core, TOGETHER[norm], tmp_path)
