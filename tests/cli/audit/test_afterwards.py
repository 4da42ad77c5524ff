"""Uses of a finished audit: a gate, verification by someone else, and a report."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import xgboost

from genlabel_robust.core.files.writing import json_text, write_checksums
from genlabel_robust.runs.config.run_config import SETTINGS
from genlabel_robust.runs.config.settings import NOT_OF_AUDITS

if TYPE_CHECKING:
    from tests.cli.audit.conftest import Native, Table
    from tests.cli.conftest import Call


@pytest.fixture(scope="module")
def data(cancer: Table) -> tuple[str, ...]:
    return (
        "--data",
        str(cancer.test_file),
        "--target",
        "diagnosis",
        "--reference",
        str(cancer.train_file),
    )


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
        "audit",
        natives["xgboost"].path,
        *data,
        "--eps",
        "0.03",
        "--suite",
        "quick",
        "-q",
        "--out",
        path,
    )
    assert done.code == 0, done.stderr
    return path


@pytest.mark.nightly
def test_a_gate_holds_another_file_to_the_audited_one(
    run: Path, cancer: Table, natives: dict[str, Native], call: Callable[..., Call], tmp_path: Path
) -> None:
    baseline = tmp_path / "audit.zip"
    assert call("baseline", "save", run, "--out", baseline).code == 0
    same = call(
        "gate",
        "--baseline",
        baseline,
        "--model",
        natives["xgboost"].path,
        "--out",
        tmp_path / "same",
    )
    assert same.code == 0, same.stdout + same.stderr
    # labels turned around for a third of the rows
    y = cancer.y.copy()
    y[::3] = 1 - y[::3]
    worse = xgboost.XGBClassifier(n_estimators=30, max_depth=3, random_state=0, n_jobs=1)
    worse.fit(cancer.train.drop(columns="diagnosis"), y).save_model(tmp_path / "worse.json")
    found = call(
        "gate",
        "--baseline",
        baseline,
        "--model",
        tmp_path / "worse.json",
        "--out",
        tmp_path / "worse",
    )
    assert found.code == 1, found.stdout + found.stderr
    assert found.stdout.startswith("FAIL test.csv#diagnosis")


def test_a_gate_cannot_train_what_was_given(
    run: Path, call: Callable[..., Call], tmp_path: Path
) -> None:
    assert call("baseline", "save", run, "--out", tmp_path / "b.zip").code == 0
    done = call("gate", "--baseline", tmp_path / "b.zip", "--out", tmp_path / "run")
    assert done.code == 2
    assert "--model FILE" in done.stderr


def test_a_row_that_no_gate_judges_is_called_by_its_data(
    run: Path, call: Callable[..., Call], tmp_path: Path
) -> None:
    baseline = tmp_path / "clean.zip"
    assert call("baseline", "save", run, "--out", baseline, "--endpoint", "clean").code == 0
    done = call("gate", run, "--baseline", baseline, "--report", tmp_path / "gate")
    assert done.code == 0, done.stdout + done.stderr
    assert "not judged: test.csv#diagnosis linf 0.03: robust " in done.stdout


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


@pytest.mark.nightly(but=["moved"])
@pytest.mark.parametrize("kind", ["moved", "rewritten", "relabelled"])
def test_changed_examples_are_found(kind: str, forged: Path, call: Callable[..., Call]) -> None:
    (file,) = (forged / "cells").glob("*.npz")
    with np.load(file) as stored:
        arrays = dict(stored)
    attack = len(arrays["distances"]) - 1
    found = np.flatnonzero(
        np.isfinite(arrays["distances"][attack]) & (arrays["distances"][attack] > 0)
    )
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
    from genlabel_robust.core.files.writing import sha256

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
    assert (done.code, done.stdout) == (2, "")
    assert f"{other}, as it is here now, is not the data of this run" in done.stderr
    assert "'mean radius' is" in done.stderr
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
        "audit",
        natives["torch"].path,
        *natives["torch"].options,
        "--data",
        cancer.test_file,
        "--target",
        "diagnosis",
        "--suite",
        "quick",
        "--max-examples",
        "30",
        "--out",
        tmp_path / "run",
    )
    assert done.code == 0, done.stderr
    assert "No reference rows were given" in done.stderr
    assert "a stratified sample of 30" in done.stderr
    assert "No reference rows were given" in (tmp_path / "run/report.html").read_text("utf-8")
    assert call("verify", tmp_path / "run").code == 0


def test_an_attack_that_fails_leaves_no_folder(
    cancer: Table,
    natives: dict[str, Native],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    call: Callable[..., Call],
) -> None:
    from genlabel_robust.runs import evaluate as module

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr(module, "assess_cell", fail)
    done = call(
        "audit",
        natives["torch"].path,
        "--arch",
        "mlp",
        "--data",
        cancer.test_file,
        "--target",
        "diagnosis",
        "--out",
        tmp_path / "run",
    )
    assert done.code == 3
    assert not (tmp_path / "run").exists()


def test_an_audit_stored_before_it_said_whose_ranges_it_took_holds_still(
    run: Path, call: Callable[..., Call], tmp_path: Path
) -> None:
    older = Path(shutil.copytree(run, tmp_path / "older"))
    file = older / "results.json"
    results = json.loads(file.read_text(encoding="utf-8"))
    (about,) = results["datasets"].values()
    assert about.pop("ranges") == "reference"
    file.write_text(json_text(results), encoding="utf-8")
    (older / "SHA256SUMS").unlink()
    assert call("report", older).code == 0
    write_checksums(older)
    done = call("verify", older, "--reattack", "0")
    assert done.code == 0, done.stdout + done.stderr


def test_an_audit_from_when_audits_had_settings_of_training_holds_still(
    run: Path, call: Callable[..., Call], tmp_path: Path
) -> None:
    older = Path(shutil.copytree(run, tmp_path / "older"))
    file = older / "manifest.json"
    manifest = json.loads(file.read_text(encoding="utf-8"))
    for name in NOT_OF_AUDITS:
        assert name not in manifest["identity"]
        manifest["identity"][name] = SETTINGS[name].default
        manifest["config"][name] = {"value": SETTINGS[name].default, "source": "default"}
    manifest["seeds"]["split"] = 0
    file.write_text(json_text(manifest), encoding="utf-8")
    (older / "SHA256SUMS").unlink()
    assert call("report", older).code == 0
    write_checksums(older)
    done = call("verify", older, "--reattack", "0")
    assert done.code == 0, done.stdout + done.stderr
