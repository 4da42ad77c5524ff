"""Verdicts under threat files, against the model's own answers to all rows that a file allows.

All columns move by whole steps, two of them from fractions, or are categories or may be missing.
One column is continuous, and its share keeps it between the thresholds of the trees: a 0 does not
move at all, although LightGBM splits beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, RobustScaler

from genlabel_robust.runs.audit import audit
from genlabel_robust.runs.folder.frames.margin_rows import margin_rows
from genlabel_robust.runs.folder.stored_run import read_run
from genlabel_robust.threat.threat_model import within

JOBS = ["clerk", "cook", "smith"]
NUMBERS = ["age", "rate", "years"]
GONE = "years is missing"


def table(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "age": rng.integers(-2, 3, n),
            "rate": rng.integers(-2, 2, n) + rng.choice([0.1, 0.3], n),
            "years": rng.integers(-1, 3, n).astype(float),
            "job": rng.choice(JOBS, n).astype(object),
            "gain": rng.choice([-40.0, 0.0, 0.0, 20.0, 40.0], n),
        }
    )
    frame.loc[rng.random(n) < 0.2, "years"] = np.nan
    return frame


TRAIN, TEST = table(80, 0), table(14, 1)
TEST.loc[0, ["age", "job"]] = [4, "tailor"]
TEST.loc[1, "age"] = -3


def labels() -> np.ndarray:
    rng = np.random.default_rng(2)
    score = TRAIN["age"] + TRAIN["rate"] - TRAIN["years"].fillna(1) + 2 * (TRAIN["job"] == "cook")
    return np.asarray(
        score + 3 * (TRAIN["gain"] > 0) + rng.normal(0, 0.5, len(TRAIN)) > 0.5, dtype=int
    )


def lightgbm() -> Any:
    library = pytest.importorskip("lightgbm")
    return library.LGBMClassifier(
        n_estimators=5, num_leaves=6, min_child_samples=1, min_data_in_bin=1, verbose=-1, n_jobs=1
    )


def xgboost() -> Any:
    return pytest.importorskip("xgboost").XGBClassifier(n_estimators=4, max_depth=3, n_jobs=1)


def fitted(name: str) -> Any:
    core = {
        "lightgbm": lightgbm,
        "scaled-lightgbm": lightgbm,
        "xgboost": xgboost,
        "histogram": lambda: HistGradientBoostingClassifier(max_iter=4, max_depth=3),
        "forest": lambda: RandomForestClassifier(4, max_depth=4, random_state=0),
        "logistic": lambda: LogisticRegression(C=5),
    }[name]()
    numbers: Any = "passthrough"
    if name in ("logistic", "forest", "scaled-lightgbm"):
        numbers = make_pipeline(SimpleImputer(strategy="most_frequent"), RobustScaler())
    # linear models move it within its share, and XGBoost splits at its values
    used = NUMBERS if name in ("logistic", "xgboost") else [*NUMBERS, "gain"]
    columns = make_column_transformer(
        (numbers, used), (OneHotEncoder(handle_unknown="ignore"), ["job"]), sparse_threshold=0
    )
    return make_pipeline(columns, core).fit(TRAIN, labels())


@dataclass(frozen=True)
class Allowed:
    """What a file allows, by hand: the length of a step of 1, a switch, and a value that goes.

    Columns without a length do not change. ``box``: for ranges other than those of the training
    rows; ``up``: only grows; ``holds``: the relation, of rows without missing values.
    """

    text: str
    norm: str
    eps: float
    step: dict[str, float]
    switch: tuple[float, ...] = ()
    goes: float | None = None
    box: dict[str, tuple[float, float]] = field(default_factory=dict)
    up: str = ""
    holds: str = ""

    def steps(self, name: str, value: float) -> list[float]:
        """Return the values in whole steps from ``value``, with itself."""
        if name not in self.step:
            return [value]
        low, high = self.box.get(name, (TRAIN[name].min(), TRAIN[name].max()))
        down = 0 if name == self.up else np.floor(max(value - low, 0) + 1e-9)
        many = np.floor(max(high - value, 0) + 1e-9)
        return [value + step for step in np.arange(-down, many + 1)]

    def reached(self, row: Any) -> tuple[pd.DataFrame, np.ndarray]:
        """Return all rows (m, 5) that ``row`` may become, and their distances (m,)."""
        fill = float(np.sort(TRAIN["years"].dropna())[(TRAIN["years"].count() - 1) // 2])
        gone, l0 = np.isnan(row.years), self.norm == "l0"
        ways: list[list[tuple[Any, list[float]]]] = []
        for name in NUMBERS:
            own = fill if name == "years" and gone else getattr(row, name)
            length = self.step.get(name, 0.0)
            moved = [
                (v, [length if l0 and v != own else abs(v - own) * length])
                for v in self.steps(name, own)
            ]
            if name == "years" and self.goes is not None:
                goes = [self.goes]
                # under L0, a number and whether it is missing are one feature
                come = [(v, goes if l0 else goes + far) for v, far in moved]
                moved = [(np.nan, [0.0]), *come] if gone else [*moved, (np.nan, goes)]
            elif name == "years" and gone:
                moved = [(np.nan, [0.0])]
            ways.append(moved)
        others = [job for job in JOBS if job != row.job] if self.switch else []
        ways.append([(row.job, [0.0]), *((job, [*self.switch]) for job in others)])
        picked = list(product(*ways))
        order = {"linf": np.inf, "l2": 2}.get(self.norm, 1)
        far = [np.linalg.norm([part for _, own in one for part in own], order) for one in picked]
        frame = pd.DataFrame([[v for v, _ in one] for one in picked], columns=[*NUMBERS, "job"])
        frame["gain"] = row.gain
        frame = frame.astype(TEST.dtypes)
        if self.holds:
            kept = (frame.eval(self.holds) | frame["years"].isna()).to_numpy()
            frame, far = frame[kept], np.array(far)[kept].tolist()
        return frame, np.array(far)


STD = TRAIN.std(ddof=0, numeric_only=True)
STEPS = """
[features.rate]
integer = true
{rate}
[features.years]
integer = true
{years}
[features.gain]
share = 0.2
"""
FILES = {
    "moves": Allowed(
        'norm = "linf"\nunit = "std"\neps = 0.9'
        + STEPS.format(rate='eps = 1\nunit = "raw"\nonly = "up"\nhigh = 3', years=""),
        "linf",
        0.9,
        {"age": 1 / STD["age"], "rate": 0.9, "years": 1 / STD["years"]},
        box={"rate": (TRAIN["rate"].min(), 3.0)},
        up="rate",
    ),
    "relations": Allowed(
        'norm = "linf"\nunit = "range"\neps = 0.5\nrelations = ["age <= years + 2"]'
        + STEPS.format(rate="immutable = true", years="low = -3")
        + '[features.job]\neps = 1\nunit = "raw"\n',
        "linf",
        0.5,
        {"age": 1 / 4, "years": 1 / 3},
        switch=(0.5, 0.5),
        box={"years": (-3.0, 2.0)},
        holds="age <= years + 2",
    ),
    "missing": Allowed(
        'norm = "l2"\nunit = "raw"\neps = 1.5'
        + STEPS.format(rate='eps = 2\nunit = "raw"', years="")
        + f'[features.job]\neps = 3\nunit = "raw"\n[features."{GONE}"]\neps = 2\nunit = "raw"\n',
        "l2",
        1.5,
        {"age": 1.0, "rate": 0.75, "years": 1.0},
        switch=(0.5, 0.5),
        goes=0.75,
    ),
    "prices": Allowed(
        'norm = "l1"\nunit = "raw"\n[budget]\ncost = 0.8\n[features.age]\ncost = 0.5'
        + STEPS.format(rate="cost = 1.5", years="cost = 2")
        + f'[features.job]\ncost = 1\n[features."{GONE}"]\ncost = 0.5\n',
        "l1",
        0.8,
        {"age": 0.5, "rate": 1.5, "years": 2.0},
        switch=(0.5, 0.5),
        goes=0.5,
    ),
    "few": Allowed(
        'norm = "l0"\nunit = "std"\n[budget]\ncost = 1\n'
        + STEPS.format(rate="cost = 1.5", years="cost = 0.5")
        + f'[features.job]\ncost = 1\n[features."{GONE}"]\ncost = 0.5\n',
        "l0",
        1.0,
        {"age": 1.0, "rate": 1.5, "years": 0.5},
        switch=(1.0,),
        goes=0.5,
    ),
}
MODELS = ["lightgbm", "scaled-lightgbm", "xgboost", "histogram", "forest", "logistic"]


def nearest(model: Any, allowed: Allowed, y: np.ndarray) -> np.ndarray:
    """Return how far the nearest allowed row is that ``model`` does not label ``y``: (n,)."""
    found = []
    for row, label in zip(TEST.itertuples(index=False), y, strict=True):
        frame, far = allowed.reached(row)
        found.append(far[model.predict(frame) != label].min(initial=np.inf))
    return np.array(found)


@pytest.mark.filterwarnings("ignore:Found unknown categories")
@pytest.mark.nightly(but=["lightgbm-moves", "logistic-missing"])
@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("name", MODELS)
def test_each_verdict_is_that_of_asking_about_all_rows_that_the_file_allows(
    name: str, file: str, tmp_path: Path
) -> None:
    model, allowed = fitted(name), FILES[file]
    (tmp_path / "threat.toml").write_text(allowed.text, encoding="utf-8")
    y = model.predict(TEST)
    run = audit(
        model,
        TEST,
        y,
        reference=TRAIN,
        threat=tmp_path / "threat.toml",
        suite="standard" if allowed.norm in ("l1", "l0") else "quick",
        checks="off",
        certify="exact",
        jobs=1,
        out=tmp_path / "run",
    )
    found, truth = margin_rows(read_run(run.path)), nearest(model, allowed, y)
    expected = np.where(within(truth, allowed.eps), "broken", "certified")
    assert found["state"].tolist() == expected.tolist()
    assert (found["at_least"] <= truth * (1 + 2e-5)).all()
    assert (found["at_most"] >= truth * (1 - 1e-8)).all()
    assert 0 < (expected == "broken").sum() < len(TEST)
