"""Audits of tables with categories, missing values, integers and named labels."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from genlabel_robust.core.files.writing import write_checksums

if TYPE_CHECKING:
    from tests.cli.conftest import Call


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a pipeline on a table with a category, stored in two ways."""
    import joblib
    import skops.io
    from sklearn.compose import make_column_transformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    folder = tmp_path_factory.mktemp("people")
    rng = np.random.default_rng(0)
    sex = rng.choice(["f", "m"], 160)
    frame = pd.DataFrame({"dose": rng.random(160), "sex": sex})
    frame["ill"] = np.where(frame["dose"] + 0.4 * (sex == "m") > 0.7, "yes", "no")
    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["sex"]), remainder="passthrough"
    )
    model = make_pipeline(columns, LogisticRegression())
    model.fit(frame[["dose", "sex"]][:100], frame["ill"][:100])
    skops.io.dump(model, folder / "model.skops")
    joblib.dump(model, folder / "model.joblib")
    frame[:100].to_csv(folder / "train.csv", index=False)
    frame[100:].to_csv(folder / "test.csv", index=False)
    return folder


def _audit(folder: Path, model: str, out: Path, call: Callable[..., Call], *options: str) -> None:
    done = call(
        "audit",
        folder / model,
        "--data",
        folder / "test.csv",
        "--target",
        "ill",
        "--reference",
        folder / "train.csv",
        "--attack",
        "sign-bisect",
        "--attack",
        "noise",
        "--out",
        out,
        "-q",
        *options,
    )
    assert done.code == 0, done.stderr


def test_a_gate_does_not_compare_rows_of_other_levels(
    people: Path, call: Callable[..., Call], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(people, tmp_path / "people"))
    _audit(folder, "model.skops", tmp_path / "run", call)
    assert call("baseline", "save", tmp_path / "run", "--out", tmp_path / "b.zip").code == 0
    gate = ("gate", "--baseline", tmp_path / "b.zip", "--model", folder / "model.skops", "--out")
    assert call(*gate, tmp_path / "same").code == 0
    for name in ("train.csv", "test.csv"):
        text = (folder / name).read_text(encoding="utf-8")
        (folder / name).write_text(text.replace(",m,", ",male,"), encoding="utf-8")
    done = call(*gate, tmp_path / "other")
    assert done.code == 4, done.stdout
    assert "levels of categories" in done.stdout


def test_what_needed_trust_needs_it_again(
    people: Path, call: Callable[..., Call], tmp_path: Path
) -> None:
    run, baseline = tmp_path / "run", tmp_path / "b.zip"
    _audit(people, "model.joblib", run, call, "--trust")
    assert "Loading the model file executed code" in (run / "report.md").read_text(encoding="utf-8")
    assert "--trust" in call("verify", run).stderr
    done = call("verify", run, "--trust")
    assert done.code == 0, done.stdout + done.stderr
    assert call("baseline", "save", run, "--out", baseline).code == 0
    gate = ("gate", "--baseline", baseline, "--model", people / "model.joblib", "--out")
    assert call(*gate, tmp_path / "refused").code == 2
    done = call(*gate, tmp_path / "gate", "--trust")
    assert done.code == 0, done.stdout + done.stderr


def test_the_stored_code_of_the_columns_is_held_to_the_data(
    people: Path, call: Callable[..., Call], tmp_path: Path
) -> None:
    run = tmp_path / "run"
    _audit(people, "model.skops", run, call)
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    manifest["encoding"]["columns"][1]["levels"] = ["m", "f"]
    (run / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    write_checksums(run)
    done = call("verify", run)
    assert done.code == 1
    assert "encoding" in done.stdout


def test_a_class_without_a_test_row_is_known_from_the_reference(
    call: Callable[..., Call], tmp_path: Path
) -> None:
    import lightgbm
    from sklearn.datasets import load_wine

    x, y = load_wine(return_X_y=True, as_frame=True)
    y += 1  # labels 1 to 3, and LightGBM's file knows of 0 to 2 only
    model = lightgbm.LGBMClassifier(n_estimators=10, verbose=-1).fit(x[::2].to_numpy(), y[::2])
    model.booster_.save_model(tmp_path / "wine.txt")
    x.assign(label=y)[::2].to_csv(tmp_path / "train.csv", index=False)
    test = x.assign(label=y)[1::2]
    test[test["label"] < 3].to_csv(tmp_path / "test.csv", index=False)
    known = test["label"] < 3
    wanted = (model.predict(x[1::2].to_numpy())[known] == y[1::2][known]).mean()
    options = (
        "audit",
        tmp_path / "wine.txt",
        "--data",
        tmp_path / "test.csv",
        "--target",
        "label",
        "--attack",
        "sign-bisect",
        "--out",
        tmp_path / "run",
    )
    done = call(*options)
    assert done.code == 2
    assert "--class" in done.stderr
    done = call(*options, "--reference", tmp_path / "train.csv")
    assert done.code == 0, done.stderr
    results = json.loads((tmp_path / "run/results.json").read_text(encoding="utf-8"))
    assert results["rows"][0]["clean_accuracy"]["value"] == wanted
    assert results["model"]["notes"] == [
        "The model does not name its classes, so its 3 scores are read as those of '1', '2', '3', "
        "in this order."
    ]


@pytest.mark.nightly
def test_whole_numbers_that_a_pipeline_writes_as_text(
    call: Callable[..., Call], tmp_path: Path
) -> None:
    import joblib
    from sklearn.compose import make_column_transformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, OneHotEncoder

    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"dose": rng.random(200), "ward": rng.choice([1000, 2000], 200)})
    frame["ill"] = (frame["ward"] == 2000).astype(int)
    as_text = make_pipeline(FunctionTransformer(_written), OneHotEncoder(handle_unknown="ignore"))
    model = make_pipeline(make_column_transformer((as_text, ["ward"])), LogisticRegression())
    model.fit(frame[["dose", "ward"]][:100], frame["ill"][:100])
    joblib.dump(model, tmp_path / "model.joblib")
    frame[100:].to_csv(tmp_path / "test.csv", index=False)
    options = (
        "audit",
        tmp_path / "model.joblib",
        "--trust",
        "--data",
        tmp_path / "test.csv",
        "--target",
        "ill",
        "--suite",
        "quick",
        "--attack",
        "sign-bisect",
    )
    free = ("--whole-numbers", "continuous")
    done = call(*options, *free, "--out", tmp_path / "refused")
    assert done.code == 2
    assert "integer = true" in done.stderr
    # a column of integers stays one unless it is freed
    done = call(*options, "--out", tmp_path / "run")
    assert done.code == 0, done.stderr
    results = json.loads((tmp_path / "run/results.json").read_text(encoding="utf-8"))
    assert results["rows"][0]["clean_accuracy"]["value"] == 1.0


def _written(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.astype(str)


def test_texts_that_were_read_as_missing_are_told(
    people: Path, call: Callable[..., Call], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(people, tmp_path / "people"))
    text = (folder / "test.csv").read_text(encoding="utf-8")
    (folder / "test.csv").write_text(text.replace(",m,", ",None,", 1), encoding="utf-8")
    run = tmp_path / "run"
    _audit(folder, "model.skops", run, call)
    assert "'None'" in (run / "report.md").read_text(encoding="utf-8")
