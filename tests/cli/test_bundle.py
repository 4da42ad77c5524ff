"""``report --bundle``: what a bundle contains, and the errors of commands that need more."""

from __future__ import annotations

import io
import json
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genlabel_robust.core.files.writing import json_text, sha256, write_checksums

Call = Callable[..., Any]
ROWS, MODEL = ("--with", "rows"), ("--with", "model")


def unpacked(done_in: Path, file: Path) -> Path:
    with zipfile.ZipFile(file) as archive:
        archive.extractall(done_in)
    return done_in


@pytest.fixture(scope="module")
def packed(finished: Any, call: Call, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The bundles of the small run, unpacked, by the parts that were added."""
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


def test_the_page_of_a_bundle_says_what_the_bundle_lacks(packed: dict[str, Path]) -> None:
    told = {name: (one / "report.html").read_text(encoding="utf-8") for name, one in packed.items()}
    said = "The run came in a bundle without {}: not all files that this page names are in it"
    assert said.format("its rows and its models") in told[""]
    assert said.format("its models") in told["rows"]
    assert said.format("its rows") in told["model"]
    assert "came in a bundle" not in told["all"]


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
        ("", ("compare", "{run}", "{run}"), "rows"),
        ("", ("report", "{run}"), "rows"),
        ("", ("gate", "{run}", "--min-robust", "0.1"), "rows"),
        ("", ("examples", "{run}", "--out", "{out}"), "rows"),
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
    assert f"{packed[name]} is a bundle of the run with the digest " in done.stderr
    assert f"without its {needed}" in done.stderr
    assert f"--with {needed}" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not places["out"].exists()


@pytest.fixture(scope="module")
def zips(packed: dict[str, Path]) -> dict[str, Path]:
    """The same bundles as zip files."""
    return {name: folder.parent / "b.zip" for name, folder in packed.items()}


def digest_of(run: Path) -> str:
    return sha256((run / "SHA256SUMS").read_bytes())


@pytest.mark.parametrize(
    ("name", "lacks", "holds"),
    [
        ("", "its rows and its models", "the checksums, results.csv"),
        ("model", "its rows", "the checksums, results.csv"),
        ("rows", "its models", "the checksums, results.json as what the cells give, figures/"),
    ],
)
@pytest.mark.parametrize("kind", ["zip", "folder"])
def test_of_a_bundle_verify_checks_what_it_can(
    name: str,
    lacks: str,
    holds: str,
    kind: str,
    packed: dict[str, Path],
    zips: dict[str, Path],
    finished: Any,
    call: Call,
) -> None:
    run, digest = (zips if kind == "zip" else packed)[name], digest_of(finished.path)
    done = call("verify", run, "--digest", digest)
    assert (done.code, done.stderr) == (3, ""), done.stdout + done.stderr
    first, second, third, *_ = done.stdout.splitlines()
    assert first == f"{run} is a bundle of the run with the digest {digest}, without {lacks}."
    assert second.startswith(f"Checked, and nothing differs: {holds}")
    assert third.startswith(f"Everything else could not be checked without {lacks}; ask for one")
    assert "--with rows --with model" in third
    other = call("verify", run, "--digest", "0" * 64)
    assert other.code == 1
    assert f"bundle.json: its digest is {digest}, but you gave {'0' * 64}" in other.stdout


def test_a_bundle_that_was_edited_does_not_hold(
    packed: dict[str, Path], tmp_path: Path, call: Call
) -> None:
    for name in ("", "rows"):
        run = Path(shutil.copytree(packed[name], tmp_path / f"run{name}"))
        results = json.loads((run / "results.json").read_text())
        results["rows"][0]["robust_accuracy"]["value"] = 0.99
        (run / "results.json").write_text(json_text(results))
        write_checksums(run)
        done = call("verify", run)
        assert done.code == 1
        assert "It does not match what was computed again: " in done.stdout
        where = "results.json" if name else "results.csv"
        assert any(line.startswith(f"{where}: ") for line in done.stdout.splitlines())
        (run / "report.md").write_text("All is well.")
        assert "report.md: it is not the file that SHA256SUMS vouches" in call("verify", run).stdout


def test_the_zip_of_a_whole_run_is_verified_and_named_as_it_was(
    zips: dict[str, Path],
    finished: Any,
    call: Call,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # other processes unpack zips of their own beside it
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    done = call("verify", zips["all"], "--reattack", "0", "-q")
    assert done.code == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].endswith(digest_of(finished.path))
    assert not list(tmp_path.glob("genlabel-robust-*"))


def test_compare_opens_zips_with_rows_and_says_of_which_run_they_are(
    zips: dict[str, Path], finished: Any, call: Call
) -> None:
    digest = digest_of(finished.path)
    done = call("compare", finished.path, zips["rows"])
    assert done.code == 0, done.stderr
    said = " ".join(done.stdout.split())
    assert f"B {zips['rows']} (" in said
    assert f"B is a bundle of the run with the digest {digest}, which is {finished.path}." in said
    assert "the same model as" not in said
    assert call("compare", finished.path, zips["all"]).code == 0
    # all bundles without rows, and all that they lack, in one sentence
    done = call("compare", zips[""], finished.path, zips["model"])
    assert done.code == 2
    for name, lacks in (("", "its rows and its models"), ("model", "its rows")):
        assert (
            f"{zips[name]} is a bundle of the run with the digest {digest}, which is "
            f"{finished.path}, without {lacks}"
        ) in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_zip_is_unpacked_without_trust(tmp_path: Path, call: Call) -> None:
    for name, words in (("../out.txt", "holds the name '../out.txt'; it is not read"), ("a", "")):
        with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
            archive.writestr(name, "x")
        for command in (("verify", "{}"), ("compare", "{}", "{}")):
            done = call(*(word.format(tmp_path / "b.zip") for word in command))
            assert done.code == 2
            assert words in done.stderr
            assert str(Path(tempfile.gettempdir()) / "genlabel_robust-") not in done.stderr
        assert not (tmp_path.parent / "out.txt").exists()
    (tmp_path / "b.zip").write_bytes(b"none")
    assert "b.zip is not a bundle, or is damaged" in call("verify", tmp_path / "b.zip").stderr
    assert "is a zip; unpack it" in call("report", tmp_path / "b.zip").stderr


def test_rows_alone_are_enough_to_compare(
    packed: dict[str, Path], finished: Any, call: Call
) -> None:
    done = call("compare", finished.path, packed["rows"])
    assert done.code == 0, done.stderr
    assert "All recorded settings are the same." in done.stdout


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--with", "rows"), "--with works only with --bundle"),
        (("--bundle", "x.tar"), "its ending must be .zip"),
        (("--bundle", "x.zip", "--format", "md"), "the only other option it allows is --with"),
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
