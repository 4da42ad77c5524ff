"""An attacked pipeline on a frame with text and missing values; stored rows are decoded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from genlabel_robust.data.rows import rows_of
from genlabel_robust.runs.audit import audit
from genlabel_robust.runs.folder.stored_run import read_run
from genlabel_robust.threat.constraints.limits_of_columns import freed

#: What a switch of a category takes in raw units.
BUDGET = {"linf": 1.0, "l2": 1.5}


def people(n: int) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "age": np.where(rng.random(n) < 0.2, np.nan, rng.normal(40, 10, n)),
            "color": pd.Series(rng.choice(["red", "green", "blue", ""], n), dtype=object),
            "score": rng.normal(size=n),
            "shape": rng.choice(["round", "square"], n),
            "member": rng.random(n) < 0.5,
        }
    )
    frame.loc[frame["color"] == "", "color"] = None
    return frame


FRAME = people(40)
LABELS = np.where(
    FRAME["score"] + (FRAME["color"] == "red") - FRAME["member"] + FRAME["age"].isna() > 0.3,
    "yes",
    "no",
)


def pipeline() -> Any:
    text = make_pipeline(
        SimpleImputer(strategy="constant", fill_value="?", missing_values=None), OneHotEncoder()
    )
    numbers = SimpleImputer(add_indicator=True)
    parts = [
        ("numbers", numbers, ["age", "score"]),
        ("text", text, ["color"]),
        ("rest", OneHotEncoder(), ["shape", "member"]),
    ]
    return make_pipeline(ColumnTransformer(parts), LogisticRegression(max_iter=2000)).fit(
        FRAME, LABELS
    )


@pytest.mark.nightly(but=["l2"])
@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_stored_examples_fool_the_pipeline_and_change_what_is_allowed(
    norm: str, tmp_path: Path
) -> None:
    eps = 0.1
    constraints = {
        "weights": {"color": BUDGET[norm] / eps, "age is missing": BUDGET[norm] / eps},
        "units": {"color": "raw", "age is missing": "raw"},
    }
    model = pipeline()
    run = audit(
        model,
        FRAME,
        LABELS,
        out=str(tmp_path / "run"),
        reference=FRAME,
        norm=norm,
        eps=eps,
        constraints=constraints,
        suite="quick",
    )
    (row,) = run.results["rows"]
    assert row["robust_accuracy"]["value"] < row["clean_accuracy"]["value"]
    # the points are looked at here, and not whether a quick suite finds all of them
    assert {c["name"] for c in row["checks"] if c["status"] == "fail"} <= {"doubled-budget"}
    stored = read_run(run.path)
    (result,) = stored.panels["data", "model", "given"].results
    rows = rows_of(FRAME, FRAME, freed(constraints))
    reach = FRAME["score"].max() - FRAME["score"].min()
    changed = set()
    for found, moved in zip(result.distances, result.adversarial, strict=True):
        kept = np.flatnonzero(np.isfinite(found) & (found > 0) & (found <= eps))
        if not len(kept):
            continue
        here, there = FRAME.iloc[kept].reset_index(drop=True), rows.encoding.frame(moved[kept])
        assert (model.predict(there) != LABELS[kept]).all()
        assert (there[["shape", "member"]] == here[["shape", "member"]]).all().all()
        assert there["color"].isin(FRAME["color"].unique()).all()
        assert ((there["score"] - here["score"]).abs() <= eps * reach * (1 + 1e-6)).all()
        changed |= {c for c in here if not here[c].equals(there[c])}
    assert changed == {"age", "color", "score"}
    results = json.loads((run.path / "results.json").read_text(encoding="utf-8"))
    assert "color=red" in [f["name"] for f in results["datasets"]["data"]["features"]]


def test_without_a_budget_a_category_never_changes(tmp_path: Path) -> None:
    run = audit(
        pipeline(),
        FRAME,
        LABELS,
        out=str(tmp_path / "run"),
        reference=FRAME,
        eps=0.2,
        suite="quick",
        checks="off",
    )
    (result,) = read_run(run.path).panels["data", "model", "given"].results
    rows, seen = rows_of(FRAME), 0
    for found, moved in zip(result.distances, result.adversarial, strict=True):
        kept = np.isfinite(found) & (found > 0)
        seen += int(kept.sum())
        there = rows.encoding.frame(moved[kept])
        fixed = ["color", "shape", "member"]
        pd.testing.assert_frame_equal(
            there[fixed], FRAME.loc[kept, fixed].reset_index(drop=True), check_column_type=False
        )
        assert (there["age"].isna().to_numpy() == FRAME.loc[kept, "age"].isna()).all()
    assert seen
