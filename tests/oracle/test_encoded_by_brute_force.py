"""Models trained on tables with categories and missing values, compared with all rows.

The table has only integers, categories and empty cells, so all changed rows can be enumerated.
The test encodes them itself, from the content of the trained model's file.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest

from genlabel_robust.runs.evaluate import Run, evaluate
from genlabel_robust.runs.folder.stored_run import StoredRun, read_run
from genlabel_robust.threat import within

JOBS, HIGH = ["craft", "exec", "sales"], 12
EPS = 0.2


def table(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "age": rng.integers(0, HIGH + 1, n),
            "years": rng.integers(0, HIGH + 1, n),
            "job": rng.choice(JOBS, n),
            "own": rng.random(n) < 0.5,
        }
    )
    wealth = frame["age"] + 0.5 * frame["years"] + 4 * (frame["job"] == "exec") + 3 * frame["own"]
    frame["y"] = np.where(wealth + rng.normal(0, 2, n) > 12, "rich", "poor")
    frame["years"] = frame["years"].astype("Int64").mask(rng.random(n) < 0.25)
    frame.loc[rng.random(n) < 0.2, "job"] = None
    return frame


#: What the attacker may do beside moving numbers, and whether that is possible in a row.
THREATS: dict[str, dict[str, Any]] = {
    "numbers": {},
    "job and own": {
        "weights": {"job": 1 / EPS, "own": 1 / EPS},
        "units": {"job": "raw", "own": "raw"},
    },
    "all but age": {
        "weights": {"job": 1 / EPS, "years is missing": 1 / EPS},
        "units": {"job": "raw", "years is missing": "raw"},
        "immutable": ["age"],
    },
}


@pytest.fixture(scope="module", params=THREATS)
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("encoded")
    table(150, 0).to_csv(folder / "train.csv", index=False)
    table(40, 1).to_csv(folder / "test.csv", index=False)
    made = evaluate(
        datasets=f"{folder / 'train.csv'}#y",
        test_file=str(folder / "test.csv"),
        strategies=("vanilla", "genlabel-gm"),
        architectures=("logistic", "mlp", "sklearn:random-forest", "sklearn:logistic-regression"),
        suite="quick",
        eps=EPS,
        seeds=1,
        jobs=1,
        constraints=THREATS[request.param],
        settings={
            "train": {"epochs": 15},
            "architecture": {"mlp": {"widths": [8]}, "sklearn:random-forest": {"n_estimators": 7}},
        },
        certify="exact",
        checks="off",
        out=str(folder / "run"),
    )
    return made, request.param


def changed(row: Any, threat: str, fill: float) -> pd.DataFrame:
    """Return every row that ``row`` may be changed into, itself among them."""
    step = int(EPS * HIGH)

    def near(value: float) -> list[float]:
        low, high = min(0.0, value), max(float(HIGH), value)
        return [v for v in np.arange(value - step, value + step + 1) if low <= v <= high]

    ages = [row.age] if threat == "all but age" else near(row.age)
    gone = pd.isna(row.years)
    years: list[Any] = [None] if gone else [*near(row.years)]
    if threat == "all but age":
        years = [None, *near(fill if gone else row.years)]
    jobs = [*JOBS, None] if threat in ("job and own", "all but age") else [row.job]
    owns = [True, False] if threat == "job and own" else [row.own]
    return pd.DataFrame([*product(ages, years, jobs, owns)], columns=["age", "years", "job", "own"])


def by_hand(frame: pd.DataFrame, fill: float) -> np.ndarray:
    """Return ``frame`` as the features of the trained model."""
    years = frame["years"].astype(float)
    job = frame["job"].astype(object).where(frame["job"].notna(), "")
    features = [frame["age"], years.fillna(fill), years.isna(), *(job == level for level in JOBS)]
    own = frame["own"].astype(bool)
    return np.column_stack([*features, job == "", ~own, own]).astype(np.float64)


@pytest.mark.nightly(but=["job and own"])
def test_each_answer_is_that_of_counting_all_rows(run: tuple[Run, str]) -> None:
    made, threat = run
    stored: StoredRun = read_run(made.path)
    test = pd.read_csv(made.path.parent / "test.csv")
    years = np.sort(pd.read_csv(made.path.parent / "train.csv")["years"].dropna())
    fill = float(years[(len(years) - 1) // 2])
    everyone = [changed(row, threat, fill) for row in test.itertuples()]
    rows = np.concatenate([by_hand(frame, fill) for frame in everyone])
    of = np.repeat(np.arange(len(test)), [len(frame) for frame in everyone])
    seen = 0
    for group, cells in stored.cells.items():
        (result,), (row,) = stored.panels[group].results, stored.rows(group)
        model = stored.model(cells[0])
        wrong = model.predict(rows) != result.labels[of]
        robust = ~np.bincount(of, weights=wrong).astype(bool)
        proved = result.certificate
        assert proved is not None
        np.testing.assert_array_equal(within(proved.upper, EPS), ~robust, str(group))
        np.testing.assert_array_equal(within(proved.lower, EPS), ~robust, str(group))
        assert row.robust_accuracy is not None
        assert row.robust_accuracy.value == robust.mean()
        if group[1] == "logistic":  # of sums, gradients find the nearest way, switches included
            pgd = result.distances[result.attacks.index("pgd")]
            np.testing.assert_array_equal(within(pgd, EPS), ~robust, str(group))
        seen += int((robust != (result.predictions == result.labels)).sum())
    assert seen > 10
