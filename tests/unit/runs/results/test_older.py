"""Run folders in the first format of results can be read, and are reported as older."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import genlabel_robust
from genlabel_robust.core.errors import OutputError
from genlabel_robust.gates.baselines.baseline import save_baseline
from genlabel_robust.gates.gate import gate
from genlabel_robust.gates.verdicts.terms import Terms
from genlabel_robust.runs.checks import CHECKS
from genlabel_robust.runs.folder.stored_run import read_run
from genlabel_robust.runs.results.older import is_older, renewed, with_ranges
from genlabel_robust.verify.verify import verify_run

OLD = {"name": "an attack with gradients ran", "status": "warn", "value": 1.0, "allowed": "0"}
RECORD = {"eps": 0.1, "broken": 1.0, "attacks": {}}


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("older") / "run"
    return genlabel_robust.evaluate(
        datasets="iris",
        strategies="vanilla",
        architectures="logistic",
        seeds=1,
        suite="quick",
        settings={"train": {"epochs": 20}},
        jobs=1,
        out=str(out),
    ).path


@pytest.fixture
def old(new: Path, tmp_path: Path) -> Path:
    """The run as the previous version would have written it."""
    copy = tmp_path / "old"
    shutil.copytree(new, copy)
    results = json.loads((copy / "results.json").read_text(encoding="utf-8"))
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    results["canary"] = results.pop("canaries")["affine"]
    del results["datasets"]["iris"]["n_columns"]
    for row in results["rows"]:
        row["checks"] = [OLD, {**OLD, "name": "claims confirmed", "status": "pass"}]
    results["schema_version"] = manifest["schema_version"] = "1.0"
    (copy / "results.json").write_text(json.dumps(results), encoding="utf-8")
    (copy / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return copy


def test_an_older_check_keeps_its_words_under_its_new_name() -> None:
    new = renewed({"canary": RECORD, "rows": [{"eps": 0.1, "checks": [OLD]}]}, "2.0")
    assert new["canaries"] == {"affine": RECORD}
    assert "canary" not in new
    (check,) = new["rows"][0]["checks"]
    assert (check["name"], check["status"]) == ("white-box", "warn")
    assert check["sentence"] == (
        "In an older version the check “an attack with gradients ran” warned: it measured 1, and "
        "allowed “0”."
    )
    assert check["name"] in CHECKS


@pytest.mark.parametrize(
    ("model", "notices", "ranges"),
    [
        ({"model": {}}, ["Another.", "No reference rows were given: ranges are of ..."], "test"),
        ({"model": {}}, ["Another."], "reference"),
        ({}, [], None),
    ],
)
def test_audits_that_told_by_a_notice_whose_the_ranges_are_are_completed(
    model: dict[str, object], notices: list[str], ranges: str | None
) -> None:
    found = with_ranges({**model, "datasets": {"x": {"notices": notices}}})
    assert found["datasets"]["x"].get("ranges") == ranges
    again = with_ranges(found)
    assert again == found


@pytest.mark.parametrize("value", [None, [], {}, {"schema_version": "2.0"}])
def test_only_what_says_so_is_older(value: object) -> None:
    assert not is_older(value)


def test_an_older_run_is_held_to_its_own_schema(old: Path) -> None:
    results = json.loads((old / "results.json").read_text(encoding="utf-8"))
    results["rows"][0]["checks"][0].pop("allowed")
    (old / "results.json").write_text(json.dumps(results), encoding="utf-8")
    with pytest.raises(OutputError, match="allowed"):
        read_run(old)


def test_an_older_run_is_reported_and_judged(old: Path, new: Path, tmp_path: Path) -> None:
    genlabel_robust.write_reports(old)
    page = (old / "report.html").read_text(encoding="utf-8")
    assert "In an older version the check “an attack with gradients ran” warned" in page
    baseline = tmp_path / "old.zip"
    save_baseline(old, baseline, ["robust@0.1"])
    assert gate(new, baseline, Terms()).status == "pass"
    assert read_run(old).results["canaries"].keys() == {"affine"}


def test_an_older_run_is_verified_by_the_version_that_made_it(old: Path) -> None:
    with pytest.raises(OutputError, match=r"format 1\.0, and this version computes format 2\.0"):
        verify_run(old, render=lambda *_: pytest.fail("nothing is rendered"))
