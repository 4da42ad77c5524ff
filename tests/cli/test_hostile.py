"""Crafted run folders, baselines and settings give one sentence and exit code 2."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from genlabel_robust.core.files.writing import sha256, write_checksums
from genlabel_robust.core.text import plain_text

if TYPE_CHECKING:
    from tests.cli.conftest import Call, Finished

Snapshot = Callable[[Path], dict[str, bytes | None]]
ENDPOINT = ("--endpoint", "robust:iris/vanilla/logistic")
DEEP = "[" * 100_000 + "]" * 100_000
EVIL = "saved\n::error file=x::pwn\x1b[31m"

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes and devices are POSIX")


@pytest.fixture
def run(finished: Finished, tmp_path: Path) -> Path:
    """A copy of the small run for tests to damage."""
    shutil.copytree(finished.path, tmp_path / "run")
    return tmp_path / "run"


def first(run: Path, ending: str) -> Path:
    return sorted((run / "cells").glob(f"*.{ending}"))[0]


def edit(path: Path, *place: Any, value: Any = None, text: str | None = None) -> None:
    """Set a place in a JSON file to ``value``, or to the ``text`` of one; or remove it."""
    document = json.loads(path.read_text(encoding="utf-8"))
    holder = document
    for part in place[:-1]:
        holder = holder[part]
    holder[place[-1]] = "\u2603" if text is not None else value
    written = json.dumps(document, indent=1)
    path.write_text(written.replace('"\\u2603"', text or ""), encoding="utf-8")


def without(path: Path, name: str) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    del document[name]
    path.write_text(json.dumps(document), encoding="utf-8")


def rewrite(run: Path, content: bytes | Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Replace arrays of a cell, with matching digests in its JSON."""
    path = first(run, "npz")
    if callable(content):
        with np.load(path) as stored:
            changed = content(dict(stored))
        np.savez_compressed(path, **changed)
    else:
        path.write_bytes(content)
    edit(path.with_suffix(".json"), "arrays_sha256", value=sha256(path.read_bytes()))


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def device(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


#: Arrays of attacks first, and then of rows.
_BY_ATTACK = ("adversarial", "distances", "outcomes", "queries", "sparse")

CASES: list[tuple[str, Callable[[Path], object], str]] = [
    ("garbage for arrays", lambda r: rewrite(r, b"PK\x03\x04garbage"), ".npz is not a file of arr"),
    ("no bytes for arrays", lambda r: rewrite(r, b""), ".npz is not a file of arrays"),
    ("arrays cut short", lambda r: rewrite(r, first(r, "npz").read_bytes()[:-40]), "or is damaged"),
    (
        "one entry of an array",
        lambda r: rewrite(r, lambda a: {**a, "labels": a["labels"][:1]}),
        "labels has the shape (1,)",
    ),
    (
        "an array of texts",
        lambda r: rewrite(r, lambda a: {**a, "ids": a["ids"].astype(str)}),
        "'ids' is of type <U",
    ),
    ("an array of no axis", lambda r: rewrite(r, lambda a: {**a, "ids": np.array(1)}), "1 axes"),
    (
        "no rows in any",
        lambda r: rewrite(
            r, lambda a: {k: v[:, :0] if k in _BY_ATTACK else v[:0] for k, v in a.items()}
        ),
        "it has no rows",
    ),
    (
        "labels below 0",
        lambda r: rewrite(r, lambda a: {**a, "labels": a["labels"] - 9}),
        "it holds labels below 0",
    ),
    ("a nested manifest", lambda r: (r / "manifest.json").write_text(DEEP), "manifest.json is nes"),
    ("nested results", lambda r: (r / "results.json").write_text(DEEP), "results.json is nested"),
    ("a nested cell", lambda r: first(r, "json").write_text(DEEP), ".json is nested deeper than"),
    (
        "NaN as an accuracy",
        lambda r: edit(r / "results.json", "rows", 0, "robust_accuracy", "value", text="NaN"),
        "contains NaN",
    ),
    (
        "a text as an accuracy",
        lambda r: edit(r / "results.json", "rows", 0, "robust_accuracy", "value", value="0.9"),
        "rows[0].robust_accuracy.value is '0.9'; it must be a number",
    ),
    (
        "a list as a name",
        lambda r: edit(r / "results.json", "suite", value=["x"]),
        "suite is a list; it must be a text",
    ),
    ("no rows", lambda r: edit(r / "results.json", "rows", value=[]), "rows has 0 entries"),
    ("no canary", lambda r: without(r / "results.json", "canaries"), "it has no 'canaries'"),
    ("a pipe for results", lambda r: pipe(r / "results.json"), "results.json is a pipe or a dev"),
    ("a pipe for a cell", lambda r: pipe(first(r, "json")), ".json is a pipe or a device"),
    ("a device for results", lambda r: device(r / "results.json"), "is a pipe or a device"),
    (
        "truth values for tables of settings",
        lambda r: edit(r / "manifest.json", "config", "settings", "value", value=True),
        "manifest.json is not as a run writes it: settings is True",
    ),
    (
        "rows of another attack",
        lambda r: edit(r / "results.json", "attacks", value=["x"]),
        "rows[0] does not have the attacks of the run",
    ),
]


def assert_one_sentence(done: Call, told: str) -> None:
    assert done.code == 2, done.stderr
    assert done.stderr.startswith("error: ")
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert told in done.stderr


@pytest.mark.parametrize(
    ("damage", "told"), [pytest.param(damage, told, id=about) for about, damage, told in CASES]
)
def test_a_damaged_run_is_told_in_one_sentence(
    damage: Callable[[Path], object],
    told: str,
    run: Path,
    call: Callable[..., Call],
    snapshot: Snapshot,
) -> None:
    damage(run)
    if not any(path.is_fifo() for path in run.rglob("*")):
        write_checksums(run)
    before = snapshot(run)
    for arguments in (
        ("report", run),
        ("gate", run, *ENDPOINT, "--min-robust", "0.1"),
        ("baseline", "save", run, "--out", run.parent / "new.zip", *ENDPOINT),
    ):
        assert_one_sentence(call(*arguments), told)
    assert snapshot(run) == before
    assert not (run.parent / "new.zip").exists()


def test_a_manifest_of_a_thousand_million_seeds_is_not_planned(
    run: Path, call: Callable[..., Call]
) -> None:
    edit(run / "manifest.json", "config", "seeds", "value", value=10**9)
    write_checksums(run)
    assert_one_sentence(call("verify", run, "-q"), "seeds is 1000000000; it must be a whole")


@pytest.mark.parametrize("name", ["figures", "gate", "cells"])
def test_nothing_is_written_through_a_link(
    name: str, run: Path, call: Callable[..., Call], snapshot: Snapshot, small: tuple[str, ...]
) -> None:
    outside = run.parent / "outside"
    if (run / name).is_dir():
        shutil.move(run / name, outside)
    else:
        outside.mkdir()
    (run / name).symlink_to(outside)
    before = snapshot(outside)
    commands = {
        "figures": ("report", run),
        "gate": ("gate", run, *ENDPOINT, "--min-robust", "0.1"),
        "cells": (*small, "--out", run),
    }
    assert_one_sentence(call(*commands[name]), f"{name} is a link, and nothing is written through")
    assert snapshot(outside) == before


def test_a_page_that_is_a_link_is_replaced_and_not_followed(
    run: Path, call: Callable[..., Call]
) -> None:
    mine = run.parent / "mine.html"
    mine.write_text("mine")
    (run / "report.html").unlink()
    (run / "report.html").symlink_to(mine)
    assert call("report", run).code == 0
    assert mine.read_text() == "mine"
    assert not (run / "report.html").is_symlink()


def test_a_device_is_not_replaced_by_a_report(run: Path, call: Callable[..., Call]) -> None:
    (run.parent / "link").symlink_to("/dev/null")
    done = call("report", run, "--out", run.parent / "link")
    assert_one_sentence(done, "is not replaced by a file")
    assert (run.parent / "link").is_symlink()


@pytest.fixture
def archive(run: Path, call: Callable[..., Call]) -> Path:
    path = run.parent / "base.zip"
    assert call("baseline", "save", run, "--out", path, *ENDPOINT).code == 0
    return path


def with_members(archive: Path, **changes: bytes) -> None:
    with zipfile.ZipFile(archive) as old:
        files = {name: old.read(name) for name in old.namelist()}
    files |= changes
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in files.items():
            new.writestr(name, data)


def test_a_member_that_no_checksum_names_is_refused(
    archive: Path, call: Callable[..., Call]
) -> None:
    with_members(archive, **{"models/b": bytes(10**7)})
    assert_one_sentence(call("baseline", "show", archive), "SHA256SUMS does not name models/b")


@pytest.mark.parametrize("form", ["github", "text"])
def test_a_name_in_an_archive_is_no_command_of_ci(
    form: str, archive: Path, run: Path, call: Callable[..., Call]
) -> None:
    with_members(archive, **{f"models/{EVIL}": b"x"})
    done = call("gate", run, "--baseline", archive, "--format", form)
    assert_one_sentence(done, "holds the name 'models/saved\\n::error")
    commands = [line for line in done.stdout.splitlines() if line.startswith("::")]
    assert len(commands) == (form == "github")
    assert all(line.startswith("::error title=robustness%3A error::") for line in commands)


@pytest.mark.parametrize("place", ["schema_version", "reason"])
def test_a_text_in_a_baseline_is_no_command_of_ci(
    place: str, archive: Path, call: Callable[..., Call]
) -> None:
    with zipfile.ZipFile(archive) as old:
        files = {name: old.read(name) for name in old.namelist() if name != "SHA256SUMS"}
    about = json.loads(files["baseline.json"])
    if place == "reason":
        about["history"][0]["reason"] = EVIL
    else:
        about[place] = EVIL
    files["baseline.json"] = json.dumps(about).encode()
    sums = "".join(f"{sha256(data)}  {name}\n" for name, data in files.items())
    with_members(archive, **files, SHA256SUMS=sums.encode())
    done = call("baseline", "show", archive)
    assert done.code == (0 if place == "reason" else 2)
    assert "::error" in done.stdout + done.stderr
    for line in (done.stdout + done.stderr).splitlines():
        assert not line.startswith("::")
        assert "\x1b" not in line


TOML: list[tuple[str, str]] = [
    ("eps = " + "9" * 400, "holds a whole number beyond 64 bits"),
    ("eps = " + "9" * 5000, "holds a whole number beyond 64 bits"),
    ("eps = " + "[" * 5000, "nested deeper than 64 levels"),
    (
        'eps = 0.1\n[features."petal width (cm)"]\nonly = ["up"]',
        "for feature 'petal width (cm)'; did you mean 'up'",
    ),
    ('eps = 0.1\n[features."petal width (cm)"]\neps = 1e-308', "it must be a number above 0"),
    ('eps = 0.1\n[features."petal width (cm)"]\nlow = -1e308\nhigh = 1e308', "from -1e+30 to"),
    ('eps = 0.1\n[features."petal width (cm)"]\nunit = []\neps = 1', "no unit '[]' for feature"),
    ("norm = [1]", "there is no norm"),
]


@pytest.mark.parametrize(("text", "told"), TOML, ids=[told[:20] for _, told in TOML])
def test_a_threat_file_is_told_in_one_sentence(
    text: str, told: str, call: Callable[..., Call], tmp_path: Path
) -> None:
    (tmp_path / "t.toml").write_text(text)
    done = call("config", "show", "--threat", tmp_path / "t.toml")
    assert_one_sentence(done, told)
    assert "t.toml" in done.stderr


@pytest.mark.parametrize("option", ["--threat", "--config"])
@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")])
def test_a_pipe_or_a_device_is_no_file_of_settings(
    option: str, make: Callable[[Path], None], call: Callable[..., Call], tmp_path: Path
) -> None:
    make(tmp_path / "t.toml")
    done = call("config", "show", option, tmp_path / "t.toml")
    assert_one_sentence(done, "t.toml is a pipe or a device, not a file")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--set", "eps=" + "9" * 400), "--set eps holds a whole number beyond 64 bits"),
        (("--set", "train.epochs=" + "9" * 5000), "--set train.epochs holds a whole number"),
        (("--set", "eps=" + "[" * 5000), "--set eps is nested deeper than 64 levels"),
        (("--set", "seeds=1000000000"), "seeds is 1000000000; it must be a whole number of at"),
        (("--seeds", "1000000000"), "seeds is 1000000000; it must be a whole number of at most"),
        (("--set", "seed=9000000000000000000"), "it must be a whole number of at most"),
    ],
    ids=lambda value: value[1][:24] if isinstance(value, tuple) else "",
)
def test_a_setting_beyond_measure_is_told_in_one_sentence(
    options: tuple[str, ...], told: str, call: Callable[..., Call]
) -> None:
    assert_one_sentence(call("config", "show", *options), told)


def test_restarts_beyond_measure_are_told(call: Callable[..., Call]) -> None:
    done = call(
        "evaluate",
        "--dry-run",
        "--dataset",
        "iris",
        "--suite",
        "quick",
        "--set",
        "attack.pgd.restarts=1000000000000",
    )
    assert_one_sentence(done, "restarts is 1000000000000; it must be a whole number of at most")


def test_a_variable_nested_by_the_thousand_is_told(
    call: Callable[..., Call], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENLABEL_ROBUST_EPS", "[" * 5000)
    done = call("config", "show")
    assert_one_sentence(done, "variable GENLABEL_ROBUST_EPS is nested deeper than 64 levels")


def test_an_error_of_ours_is_one_sentence_and_its_trace_is_asked_for(
    call: Callable[..., Call], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("a\n::error::b")

    fail.__code__ = fail.__code__.replace(co_filename=plain_text.__file__)  # a line of ours
    monkeypatch.setattr("genlabel_robust.runs.config.resolve.sourced_values", fail)
    done = call("config", "show")
    assert done.code == 3
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(
        "error: internal error (ValueError: a\ufffd::error::b, in plain_text"
    )
    monkeypatch.setenv("GENLABEL_ROBUST_DEBUG", "1")
    assert "Traceback" in call("config", "show").stderr
