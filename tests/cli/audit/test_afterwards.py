"""What finished audits are good for: a gate, a check by somebody else, a report."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import xgboost

from genlabel_robust.core.files import write_checksums

if TYPE_CHECKING:
    from tests.cli.audit.conftest import Native, Table
    from tests.cli.conftest import Call


@pytest.fixture(scope="module")
def data(cancer: Table) -> tuple[str, ...]:
    return (
        "--data", str(cancer.test_file), "--target", "diagnosis",
        "--reference", str(cancer.train_file),
    )  # fmt: skip


@pytest.fixture(scope="module")
def run(
    data: tuple[str, ...],
    natives: dict[str, Native],
    call: Callable[..., Call],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """An audit of the XGBoost model."""
    path = tmp_path_factory.mktemp("audited") / "run"
    done = call(
        "audit", natives["xgboost"].path, *data, "--eps", "0.03", "-q", "--out", path,
        "--set", "attack.sign-bisect.max_queries=200",
    )  # fmt: skip
    assert done.code == 0, done.stderr
    return path


def test_a_gate_holds_another_file_to_the_audited_one(
    run: Path, cancer: Table, natives: dict[str, Native], call: Callable[..., Call], tmp_path: Path
) -> None:
    baseline = tmp_path / "audit.zip"
    assert call("baseline", "save", run, "--out", baseline).code == 0
    same = call("gate", "--baseline", baseline, "--model", natives["xgboost"].path,
                "--out", tmp_path / "same")  # fmt: skip
    assert same.code == 0, same.stdout + same.stderr
    # labels turned around for a third of the rows
    y = cancer.y.copy()
    y[::3] = 1 - y[::3]
    worse = xgboost.XGBClassifier(n_estimators=30, max_depth=3, random_state=0, n_jobs=1)
    worse.fit(cancer.train.drop(columns="diagnosis"), y).save_model(tmp_path / "worse.json")
    found = call("gate", "--baseline", baseline, "--model", tmp_path / "worse.json",
                 "--out", tmp_path / "worse")  # fmt: skip
    assert found.code == 1, found.stdout + found.stderr
    assert found.stdout.startswith("FAIL test.csv#diagnosis")


def test_a_gate_cannot_train_what_was_given(
    run: Path, call: Callable[..., Call], tmp_path: Path
) -> None:
    assert call("baseline", "save", run, "--out", tmp_path / "b.zip").code == 0
    done = call("gate", "--baseline", tmp_path / "b.zip", "--out", tmp_path / "run")
    assert done.code == 2
    assert "--model FILE" in done.stderr


@pytest.fixture
def forged(run: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(run, tmp_path / "forged"))


def _verify(path: Path, call: Callable[..., Call]) -> Call:
    write_checksums(path)
    return call("verify", path)


def test_another_model_in_the_place_of_the_audited_one_is_found(
    forged: Path, cancer: Table, call: Callable[..., Call]
) -> None:
    (copy,) = (forged / "models").iterdir()
    other = xgboost.XGBClassifier(n_estimators=5, random_state=1).fit(cancer.x, cancer.y)
    other.save_model(copy)
    done = _verify(forged, call)
    assert done.code == 1
    assert "not the model that was audited" in done.stdout


def test_a_missing_model_is_found(forged: Path, call: Callable[..., Call]) -> None:
    (copy,) = (forged / "models").iterdir()
    copy.unlink()
    done = _verify(forged, call)
    assert done.code == 1
    assert "the copy of the model is missing" in done.stdout


@pytest.mark.parametrize("kind", ["moved", "rewritten", "relabelled"])
def test_changed_examples_are_found(kind: str, forged: Path, call: Callable[..., Call]) -> None:
    (file,) = (forged / "cells").glob("*.npz")
    with np.load(file) as stored:
        arrays = dict(stored)
    attack = len(arrays["distances"]) - 1
    found = np.flatnonzero(np.isfinite(arrays["distances"][attack])
                           & (arrays["distances"][attack] > 0))  # fmt: skip
    if kind == "moved":
        arrays["adversarial"][attack, found[0], 0] += 100.0
    elif kind == "rewritten":
        part = found[: len(found) // 3]
        arrays["distances"][attack, part] = np.inf
        arrays["adversarial"][attack, part] = np.nan
    else:
        arrays["labels"][0] = 1 - arrays["labels"][0]
    np.savez_compressed(file, **arrays)
    about = file.with_suffix(".json")
    told = json.loads(about.read_text(encoding="utf-8"))
    from genlabel_robust.core.files import sha256

    told["arrays_sha256"] = sha256(file.read_bytes())
    about.write_text(json.dumps(told), encoding="utf-8")
    assert _verify(forged, call).code == 1


def test_the_data_are_read_again(
    run: Path, cancer: Table, call: Callable[..., Call], tmp_path: Path
) -> None:
    forged = Path(shutil.copytree(run, tmp_path / "forged"))
    manifest = json.loads((forged / "manifest.json").read_text(encoding="utf-8"))
    other = tmp_path / "test.csv"
    cancer.test.assign(**{"mean radius": cancer.test["mean radius"] + 1}).to_csv(other, index=False)
    manifest["audit"]["data"] = str(other)
    (forged / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    done = _verify(forged, call)
    assert done.code == 1
    assert "fingerprints" in done.stdout
    manifest["audit"]["data"] = str(tmp_path / "absent.csv")
    (forged / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert _verify(forged, call).code == 2


def test_the_report_names_the_model_and_the_command_gives_the_run_again(
    run: Path, call: Callable[..., Call], tmp_path: Path, snapshot: Any
) -> None:
    page = (run / "report.html").read_text(encoding="utf-8")
    for word in ("trees.json", "XGBoost", "xgboost 3", "did not run", "reference rows"):
        assert word in page
    for word in ("strateg", "training seed", "over all seeds", "vanilla", "training rows"):
        assert word not in page.partition("</style>")[2]
    told = page.partition('aria-label="The command">')[2].partition("</code>")[0]
    import html
    import shlex

    words = shlex.split(html.unescape(told.partition("<code>")[2]).replace("\\\n", " "))
    assert words[:4] == ["python", "-m", "genlabel_robust", "audit"]
    done = call(*words[3:], "--out", tmp_path / "again", "-q")
    assert done.code == 0, done.stderr
    assert (tmp_path / "again" / "results.json").read_bytes() == (run / "results.json").read_bytes()


def test_without_reference_rows_the_report_says_so(
    cancer: Table, natives: dict[str, Native], call: Callable[..., Call], tmp_path: Path
) -> None:
    done = call(
        "audit", natives["torch"].path, *natives["torch"].options, "--data", cancer.test_file,
        "--target", "diagnosis", "--suite", "quick", "--max-examples", "30",
        "--out", tmp_path / "run",
    )  # fmt: skip
    assert done.code == 0, done.stderr
    assert "No reference rows were given" in done.stderr
    assert "a stratified sample of 30" in done.stderr
    assert "No reference rows were given" in (tmp_path / "run/report.html").read_text("utf-8")
    assert call("verify", tmp_path / "run").code == 0


def test_an_attack_that_fails_leaves_no_folder(
    cancer: Table, natives: dict[str, Native], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    call: Callable[..., Call],
) -> None:  # fmt: skip
    from genlabel_robust.evaluation import run as module

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr(module, "assess_cell", fail)
    done = call("audit", natives["torch"].path, "--arch", "mlp", "--data", cancer.test_file,
                "--target", "diagnosis", "--out", tmp_path / "run")  # fmt: skip
    assert done.code == 3
    assert not (tmp_path / "run").exists()


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
        "audit", folder / model, "--data", folder / "test.csv", "--target", "ill", "--reference",
        folder / "train.csv", "--attack", "sign-bisect", "--out", out, "-q", *options,
    )  # fmt: skip
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
    assert "what it says was executed" in (run / "report.md").read_text(encoding="utf-8")
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
    done = _verify(run, call)
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
    options = ("audit", tmp_path / "wine.txt", "--data", tmp_path / "test.csv", "--target", "label",
               "--attack", "sign-bisect", "--out", tmp_path / "run")  # fmt: skip
    done = call(*options)
    assert done.code == 2
    assert "--class" in done.stderr
    done = call(*options, "--reference", tmp_path / "train.csv")
    assert done.code == 0, done.stderr
    results = json.loads((tmp_path / "run/results.json").read_text(encoding="utf-8"))
    assert results["rows"][0]["clean_accuracy"]["value"] == wanted
    assert results["model"]["notes"] == [
        "The model does not name its classes: its 3 scores are taken to be of '1', '2', '3', in "
        "this order."
    ]


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
    options = ("audit", tmp_path / "model.joblib", "--trust", "--data", tmp_path / "test.csv",
               "--target", "ill", "--suite", "quick", "--attack", "sign-bisect")  # fmt: skip
    done = call(*options, "--out", tmp_path / "refused")
    assert done.code == 2
    assert "integer = true" in done.stderr
    done = call(*options, "--out", tmp_path / "run", "--set", "constraints.integer=['ward']")
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
