"""Audits of CatBoost's own files: exact results, and reproducible ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris

catboost = pytest.importorskip("catboost")


@pytest.mark.nightly(every=2)
@pytest.mark.parametrize("ending", ["cbm", "json"])
def test_a_file_of_catboost_is_audited_exactly_and_verified(
    ending: str, call: Callable[..., Any], tmp_path: Path
) -> None:
    frame = load_iris(as_frame=True).frame
    train, test = frame[::2], frame[1::2]
    for name, rows in (("train", train), ("test", test)):
        rows.to_csv(tmp_path / f"{name}.csv", index=False)
    model = catboost.CatBoostClassifier(
        iterations=4, depth=2, verbose=0, allow_writing_files=False, thread_count=1
    ).fit(train.drop(columns="target"), train["target"])
    path, out = tmp_path / f"model.{ending}", tmp_path / "run"
    model.save_model(str(path), format=ending)
    table = ("--data", tmp_path / "test.csv", "--target", "target")
    reference = ("--reference", tmp_path / "train.csv")
    done = call("audit", path, *table, *reference, "--eps", "0.05", "--out", out, "-q")
    assert done.code == 0, done.stderr
    (row,) = json.loads((out / "results.json").read_text())["rows"]
    assert row["certification"]["kind"] == "trees"
    assert row["certification"]["outcomes"]["open"] == 0
    found = row["exact_robust_accuracy"]["value"]
    assert found == pytest.approx(_listed(model, train, test, 0.05))
    done = call("verify", out, "--reattack", "0", "-q")
    assert done.code == 0, done.stdout + done.stderr


def _listed(model: Any, train: pd.DataFrame, test: pd.DataFrame, eps: float) -> float:
    """Return the fraction of rows whose label no point of the ball changes, by enumeration.

    The prediction of trees changes at borders only, so one point between two borders is enough.
    """
    names = [name for name in train.columns if name != "target"]
    borders = model.get_borders()
    low, high = (getattr(train[names], end)().to_numpy() for end in ("min", "max"))
    robust = 0
    for row, label in zip(test[names].to_numpy(), test["target"], strict=True):
        radius = eps * (high - low)
        choices = []
        for j in range(len(names)):
            least = max(row[j] - radius[j], min(low[j], row[j]))
            most = min(row[j] + radius[j], max(high[j], row[j]))
            inside = [b for b in borders.get(j, ()) if least < b < most]
            edges = [least, *inside, most]
            choices.append([row[j], *((a + b) / 2 for a, b in pairwise(edges))])
        points = np.stack(np.meshgrid(*choices), axis=-1).reshape(-1, len(names))
        robust += bool((np.ravel(model.predict(points)) == label).all())
    return robust / len(test)
