"""Gates on groups of ``--by``."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression

if TYPE_CHECKING:
    from tests.cli.by.conftest import Audited
    from tests.cli.conftest import Call

DROPS = ("--drop", "age", "--drop", "id")
ENDPOINT = "robust where sex=m"


@pytest.fixture(scope="module")
def baseline(
    audited: Audited, call: Callable[..., Call], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    path = tmp_path_factory.mktemp("baseline") / "b.zip"
    done = call("baseline", "save", audited.run, "--out", path, "--endpoint", ENDPOINT)
    assert done.code == 0, done.stderr
    return path


def _verdicts(run: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((run / "gate" / "gate.json").read_text())["endpoints"]
    return found


def test_a_baseline_keeps_the_groups_that_its_endpoints_are_about(
    baseline: Path, audited: Audited, call: Callable[..., Call]
) -> None:
    shown = call("baseline", "show", baseline).stdout
    rows = (audited.table.sex == "m").sum()
    assert "endpoint   robust@0.05:test.csv#y where sex=m: " in shown
    assert f"n = {rows}," in shown


def test_the_same_model_passes_on_a_group(
    baseline: Path, audited: Audited, call: Callable[..., Call], tmp_path: Path
) -> None:
    run = tmp_path / "run"
    shutil.copytree(audited.run, run)
    done = call("gate", run, "--baseline", baseline)
    assert done.code == 0, done.stdout
    (verdict,) = _verdicts(run)
    assert verdict["name"] == "robust@0.05:test.csv#y where sex=m"
    assert verdict["n_examples"] == (audited.table.sex == "m").sum()


def test_a_model_that_is_worse_for_one_group_fails_there_and_nowhere_else(
    audited: Audited,
    call: Callable[..., Call],
    audit_by: Callable[..., Call],
    tmp_path: Path,
) -> None:
    """Its boundary is moved by 0.5: of group f most rows lie nearer, of group m a tenth."""
    shutil.copytree(audited.folder, tmp_path / "files", ignore=shutil.ignore_patterns("run"))
    train = audited.table
    moved = LogisticRegression().fit(train[["a", "b"]], train.y)
    moved.intercept_ = moved.intercept_ + 0.5 * np.abs(moved.coef_).mean()
    skops.io.dump(moved, tmp_path / "files" / "model.skops")
    assert audit_by(tmp_path / "files", tmp_path / "run", *DROPS, "--by", "sex").code == 0
    parts = [f"clean where sex={sex}" for sex in "fm"]
    saved = tmp_path / "b"
    endpoints = [word for part in parts for word in ("--endpoint", part)]
    assert call("baseline", "save", audited.run, "--out", saved, *endpoints).code == 0
    done = call("gate", tmp_path / "run", "--baseline", saved, "--max-drop", "0.1")
    verdicts = {
        one["name"].split(":")[0] + one["name"][-6:]: one for one in _verdicts(tmp_path / "run")
    }
    assert done.code == 1, done.stdout
    rows = {"f": (train.sex == "f").to_numpy(), "m": (train.sex == "m").to_numpy()}
    right = moved.predict(train[["a", "b"]]) == train.y
    for sex, chosen in rows.items():
        found = verdicts[f"clean sex={sex}"]
        assert found["candidate"]["value"] == pytest.approx(right[chosen].mean())
        assert found["n_examples"] == chosen.sum()
    assert verdicts["clean sex=f"]["status"] == "fail"
    assert verdicts["clean sex=m"]["status"] != "fail"


def test_a_floor_holds_under_a_group(
    audited: Audited, call: Callable[..., Call], tmp_path: Path
) -> None:
    run = tmp_path / "run"
    shutil.copytree(audited.run, run)
    found = {one["group"]: one for one in audited.results["rows"][0]["subgroups"]}
    low, high = (found[sex]["robust_accuracy"]["value"] for sex in "fm")
    least = str(round((low + high) / 2, 3))
    options = ("--endpoint", "robust where sex=f", "--endpoint", ENDPOINT, "--min-robust", least)
    done = call("gate", run, *options)
    statuses = {one["name"].split("=")[1][0]: one["status"] for one in _verdicts(run)}
    assert statuses["m"] == "pass"
    assert statuses["f"] == "fail"
    assert done.code == 1


@pytest.mark.parametrize(
    ("endpoint", "fragments"),
    [
        ("robust where sex=x", ("the run has no group of test rows 'sex=x'", "sex=f")),
        ("robust where ", ("the run has no group of test rows ''",)),
        ("robust where age=(missing)", ("'age=(missing)' has", "a gate needs 20")),
    ],
)
def test_a_group_that_cannot_be_judged_is_one_message(
    endpoint: str,
    fragments: tuple[str, ...],
    audited: Audited,
    call: Callable[..., Call],
    tmp_path: Path,
) -> None:
    saved = tmp_path / "b"
    done = call("baseline", "save", audited.run, "--out", saved, "--endpoint", endpoint)
    assert done.code == 2
    assert done.stderr.count("\n") == 1
    for fragment in fragments:
        assert fragment in done.stderr
    assert not saved.exists()


def test_a_side_without_groups_is_told_what_to_do(
    baseline: Path,
    audited: Audited,
    call: Callable[..., Call],
    audit_by: Callable[..., Call],
    tmp_path: Path,
) -> None:
    plain = tmp_path / "plain"
    assert audit_by(audited.folder, plain, *DROPS, "--drop", "sex").code == 0
    done = call("gate", plain, "--baseline", baseline)
    assert done.code == 4
    assert "the run has no group 'sex=m'; make it anew with --by COLUMN" in done.stdout
    saved = tmp_path / "without"
    assert call("baseline", "save", plain, "--out", saved).code == 0
    done = call("gate", audited.run, "--baseline", saved, "--endpoint", ENDPOINT)
    assert done.code == 2
    assert done.stderr.count("\n") == 1
    assert "was made without --by" in done.stderr


def test_a_new_model_is_attacked_with_the_groups_of_the_baseline(
    baseline: Path, audited: Audited, call: Callable[..., Call], tmp_path: Path
) -> None:
    run = tmp_path / "run"
    model = audited.folder / "model.skops"
    done = call("gate", "--baseline", baseline, "--model", model, "--out", run, "-q")
    assert done.code == 0, done.stdout + done.stderr
    assert (run / "subgroups.csv").exists()
