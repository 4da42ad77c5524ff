"""``report --bundle``: what may travel, and what says so where more is needed."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genlabel_robust.core.files.writing import sha256

Call = Callable[..., Any]
ROWS, MODEL = ("--with", "rows"), ("--with", "model")


def unpacked(done_in: Path, file: Path) -> Path:
    with zipfile.ZipFile(file) as archive:
        archive.extractall(done_in)
    return done_in


@pytest.fixture(scope="module")
def packed(finished: Any, call: Call, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The bundles of the small run by what was added, unpacked."""
    found = {}
    for name, options in {"": (), "rows": ROWS, "model": MODEL, "all": ROWS + MODEL}.items():
        folder = tmp_path_factory.mktemp("bundle")
        done = call("report", finished.path, "--bundle", folder / "b.zip", *options)
        assert done.code == 0, done.stderr
        found[name] = unpacked(folder / "run", folder / "b.zip")
    return found


def test_without_an_option_neither_rows_nor_models_travel(packed: dict[str, Path]) -> None:
    folder = packed[""]
    assert {path.name for path in folder.iterdir()} >= {"results.json", "report.html", "figures"}
    assert not [name for name in ("cells", "inputs", "models") if (folder / name).exists()]
    assert json.loads((folder / "bundle.json").read_text())["without"] == ["rows", "model"]
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert 'id="examples"' not in page
    assert 'id="results"' in page


def test_no_value_of_a_row_is_in_a_bundle_without_rows(
    finished: Any, packed: dict[str, Path]
) -> None:
    """Adversarial rows have values that nothing else has: none of their long digits is there."""
    told = "".join(
        path.read_text(encoding="utf-8") for path in packed[""].rglob("*") if path.is_file()
    )
    cell = next((finished.path / "cells").glob("*.npz"))
    with np.load(io.BytesIO(cell.read_bytes())) as arrays:
        values = arrays["adversarial"]
    odd = [repr(float(one)) for one in values[np.isfinite(values)][:500]]
    odd = [one for one in odd if len(one) > 10]
    assert len(odd) > 50
    assert not [one for one in odd if one[:9] in told]


def test_a_bundles_own_checksums_hold(packed: dict[str, Path]) -> None:
    for folder in packed.values():
        lines = (folder / "SHA256SUMS").read_text().splitlines()
        stated = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
        files = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
        assert files - {"SHA256SUMS"} == set(stated)
        assert all(sha256((folder / name).read_bytes()) == one for name, one in stated.items())


def test_the_same_run_is_packed_in_the_same_bytes(
    finished: Any, call: Call, tmp_path: Path
) -> None:
    files = [tmp_path / "a.zip", tmp_path / "b.zip"]
    for file in files:
        call("report", finished.path, "--bundle", file)
    assert files[0].read_bytes() == files[1].read_bytes()


def test_a_whole_bundle_is_the_run_and_can_be_verified(
    finished: Any, packed: dict[str, Path], call: Call
) -> None:
    sums = [(one / "SHA256SUMS").read_bytes() for one in (finished.path, packed["all"])]
    assert sums[0] == sums[1]
    done = call("verify", packed["all"], "--reattack", "0", "-q")
    assert done.code == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "command", "needed"),
    [
        ("", ("verify", "{run}"), "rows"),
        ("", ("compare", "{run}", "{run}"), "rows"),
        ("", ("report", "{run}"), "rows"),
        ("", ("gate", "{run}", "--min-robust", "0.1"), "rows"),
        ("", ("examples", "{run}", "--out", "{out}"), "rows"),
        ("model", ("verify", "{run}"), "rows"),
        ("rows", ("verify", "{run}"), "model"),
    ],
)
def test_a_command_that_needs_more_says_so_in_one_sentence(
    name: str,
    command: tuple[str, ...],
    needed: str,
    packed: dict[str, Path],
    call: Call,
    tmp_path: Path,
) -> None:
    places = {"run": packed[name], "out": tmp_path / "out.csv"}
    done = call(*(word.format(**places) for word in command))
    assert done.code == 2
    assert f"{packed[name]} is a bundle without its {needed}" in done.stderr
    assert f"--with {needed}" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not places["out"].exists()


def test_rows_alone_are_enough_to_compare(
    packed: dict[str, Path], finished: Any, call: Call
) -> None:
    done = call("compare", finished.path, packed["rows"])
    assert done.code == 0, done.stderr
    assert "All recorded settings are the same." in done.stdout


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--with", "rows"), "--with is of --bundle"),
        (("--bundle", "x.tar"), "its ending must be .zip"),
        (("--bundle", "x.zip", "--format", "md"), "give no option but --with"),
        (("--bundle", "none/x.zip"), "cannot write none/x.zip"),
    ],
)
def test_what_cannot_be_packed_is_refused(
    options: tuple[str, ...],
    words: str,
    finished: Any,
    call: Call,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    done = call("report", finished.path, *options)
    assert done.code == 2
    assert words in done.stderr
    assert not list(tmp_path.iterdir())
