"""``audit(verifiable=True)``: a run of a model in memory can be verified from its folder alone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn

from genlabel_robust import audit, write_reports
from genlabel_robust.core import ConfigurationError
from genlabel_robust.core.files.writing import json_text, write_checksums

Call = Callable[..., Any]
X, Y = load_iris(return_X_y=True)
NAMED = np.array(["setosa", "versicolor", "virginica"])[Y]
FAST: dict[str, Any] = {
    "eps": 0.05,
    "suite": "quick",
    "checks": "off",
    "jobs": 1,
    "reference": X[::2],
}


def pipeline() -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(X[::2], NAMED[::2])


def net() -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        module = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
        step = torch.optim.Adam(module.parameters(), 0.05)
        for _ in range(60):
            step.zero_grad()
            logits = module(torch.tensor(X[::2], dtype=torch.float32))
            nn.functional.cross_entropy(logits, torch.tensor(Y[::2])).backward()
            step.step()
    return module


def boosted() -> Any:
    xgboost = pytest.importorskip("xgboost")
    return xgboost.XGBClassifier(n_estimators=5, max_depth=2).fit(X[::2], Y[::2])


@pytest.fixture(scope="module", params=[pipeline, net, boosted], ids=lambda make: make.__name__)
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A model, its class labels, and its run."""
    model, out = request.param(), tmp_path_factory.mktemp("kept") / "run"
    y = NAMED if request.param is pipeline else Y
    run = audit(model, X[1::2], y[1::2], out=out, verifiable=True, **FAST)
    write_reports(run.path)
    return model, y[1::2], run


@pytest.fixture
def copied(kept: Any, tmp_path: Path) -> Path:
    shutil.copytree(kept[2].path, tmp_path / "run")
    return tmp_path / "run"


def test_a_finding_about_the_results_names_the_model(copied: Path, call: Call) -> None:
    results = json.loads((copied / "results.json").read_text(encoding="utf-8"))
    results["rows"][0]["clean_accuracy"]["value"] = 0.5
    (copied / "results.json").write_text(json_text(results), encoding="utf-8")
    write_checksums(copied)
    done = call("verify", copied, "-q", "--reattack", "0")
    assert done.code == 1
    assert "results.json rows[0], the model on data" in done.stdout


def test_nothing_but_the_folder_is_needed(
    copied: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    done = call("verify", copied, "-q", "--reattack", "0")
    assert done.code == 0, done.stdout + done.stderr
    assert "Nothing differs: 1 cell, 75 predictions" in done.stdout
    assert str(copied / "inputs/data.parquet") in done.stdout


def test_the_rates_are_those_of_the_object(kept: Any, tmp_path: Path) -> None:
    model, y, run = kept
    (own,) = audit(model, X[1::2], y, out=tmp_path / "run", **FAST).results.rows
    (row,) = run.results.rows
    assert row.clean_accuracy == own.clean_accuracy
    assert row.robust_accuracy == own.robust_accuracy
    assert not run.results.model.in_memory


def test_the_same_call_goes_on_with_the_same_run(kept: Any) -> None:
    model, y, run = kept
    before = (run.path / "results.json").read_bytes()
    audit(model, X[1::2], y, out=run.path, verifiable=True, **FAST)
    assert (run.path / "results.json").read_bytes() == before
    write_reports(run.path)


def test_an_altered_number_is_found(copied: Path, call: Call) -> None:
    file = copied / "results.json"
    found = json.loads(file.read_text())
    found["rows"][0]["clean_accuracy"]["value"] = 1.0
    file.write_text(json.dumps(found))
    write_checksums(copied)
    done = call("verify", copied, "-q", "--reattack", "0")
    assert done.code == 1
    assert "clean_accuracy" in done.stdout


def test_an_altered_or_missing_table_is_a_difference(copied: Path, call: Call) -> None:
    data = copied / "inputs/data.parquet"
    frame = pd.read_parquet(data)
    frame.loc[0, "x0"] += 1
    frame.to_parquet(data)
    write_checksums(copied)
    done = call("verify", copied, "-q")
    assert done.code == 1
    assert "inputs/data.parquet: it is not the data that was audited" in done.stdout
    data.unlink()
    done = call("verify", copied, "-q")
    assert done.code == 1
    assert "inputs/data.parquet: the run's copy of its data is missing" in done.stdout


def test_the_page_says_so_and_its_command_runs(copied: Path, call: Call, tmp_path: Path) -> None:
    page = (copied / "report.html").read_text()
    assert "verifiable=True" in page
    assert "RUN/inputs/data.parquet" in page
    (model,) = (copied / "models").iterdir()
    assert f"RUN/models/{model.name}" in page
    classes = [
        part
        for name in json.loads((copied / "manifest.json").read_text())["audit"]["classes"]
        for part in ("--class", name)
    ]
    tables = ("--data", copied / "inputs/data.parquet", "--target", "label")
    more = ("--reference", copied / "inputs/reference.parquet", "--eps", "0.05", "--checks", "off")
    again = ("audit", model, *tables, *more, "--suite", "quick", "--jobs", "1", *classes)
    assert call(*again, "-q", "--out", tmp_path / "again").code == 0
    rows = [
        json.loads((path / "results.json").read_text())["rows"][0]["robust_accuracy"]
        for path in (copied, tmp_path / "again")
    ]
    assert rows[0] == rows[1]


def test_a_bundle_has_no_model_and_no_rows_unless_they_are_asked_for(
    copied: Path, call: Call, tmp_path: Path
) -> None:
    plain, whole = tmp_path / "plain.zip", tmp_path / "whole.zip"
    assert call("report", copied, "--bundle", plain).code == 0
    assert not [n for n in ZipFile(plain).namelist() if n.startswith(("models/", "inputs/"))]
    parts = ("--with", "rows", "--with", "model")
    assert call("report", copied, "--bundle", whole, *parts).code == 0
    done = call("verify", whole, "-q", "--reattack", "0")
    assert done.code == 0, done.stdout
    assert f"{whole}/inputs/data.parquet" in done.stdout


def test_groups_that_the_model_does_not_see_are_kept(tmp_path: Path, call: Call) -> None:
    groups = np.where(X[1::2, 0] > 5.8, "long", "short")
    run = audit(
        pipeline(),
        X[1::2],
        NAMED[1::2],
        out=tmp_path / "run",
        by={"sepal": groups},
        verifiable=True,
        **{**FAST, "reference": None},
    )
    write_reports(run.path)
    assert call("verify", run.path, "-q", "--reattack", "0").code == 0


def test_a_gate_tests_another_model_on_the_tables_that_a_run_keeps(
    tmp_path: Path, call: Call
) -> None:
    settings = {**FAST, "checks": "quick"}
    run = audit(pipeline(), X[1::2], NAMED[1::2], out=tmp_path / "run", verifiable=True, **settings)
    base, gated = tmp_path / "base.zip", tmp_path / "gated"
    assert call("baseline", "save", run.path, "--out", base).code == 0
    (model,) = (run.path / "models").iterdir()
    shutil.copy(model, tmp_path / "new.skops")
    shutil.rmtree(run.path)
    judge = ("gate", "--baseline", base, "--model", tmp_path / "new.skops", "--max-drop", "0.1")
    done = call(*judge, "--out", gated, "-q")
    assert done.code == 0, done.stdout + done.stderr
    write_reports(gated)
    assert call("verify", gated, "-q", "--reattack", "0").code == 0


def test_a_model_that_cannot_be_stored_is_refused_before_anything_is_written(
    tmp_path: Path,
) -> None:
    model = pipeline()
    with pytest.raises(ConfigurationError, match="cannot be stored without code"):
        audit(model.predict, X[1::2], NAMED[1::2], out=tmp_path / "run", verifiable=True, **FAST)
    assert not (tmp_path / "run").exists()


def test_a_model_that_is_stored_as_another_is_refused(tmp_path: Path) -> None:
    model = boosted()
    model.set_params(missing=float(X[1, 0]))  # which no file of XGBoost says
    with pytest.raises(ConfigurationError, match="another label than the object"):
        audit(model, X[1::2], Y[1::2], out=tmp_path / "run", verifiable=True, **FAST)
    assert not (tmp_path / "run").exists()
