"""``verify --data --reference``: a received run whose data have other paths here."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import skops.io
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

from genlabel_robust.core.files.writing import sha256

Call = Callable[..., Any]


@pytest.fixture(scope="module")
def received(tmp_path_factory: pytest.TempPathFactory, call: Call) -> Path:
    """An audit and a recipe run, made elsewhere; the data have other names here."""
    there, here = tmp_path_factory.mktemp("there"), tmp_path_factory.mktemp("here")
    frame = load_iris(as_frame=True).frame
    train, test = frame[::2], frame[1::2]
    train.to_csv(there / "train.csv", index=False)
    test.to_csv(there / "test.csv", index=False)
    model = LogisticRegression(max_iter=500).fit(train.drop(columns="target"), train["target"])
    skops.io.dump(model, there / "model.skops")
    table = ("--data", there / "test.csv", "--target", "target")
    common = ("--eps", "0.05", "--suite", "quick", "-q", "--out")
    own = ("audit", there / "model.skops", *table)
    assert call(*own, "--reference", there / "train.csv", *common, here / "audit").code == 0
    assert call(*own, *common, here / "alone").code == 0
    recipe = ("--strategy", "vanilla", "--arch", "logistic", "--seeds", "1")
    spec = f"{there / 'test.csv'}#target"
    assert call("evaluate", "--dataset", spec, *recipe, *common, here / "recipe").code == 0
    shutil.move(there / "test.csv", here / "rows.csv")
    shutil.move(there / "train.csv", here / "ranges.csv")
    shutil.rmtree(there)
    return here


@pytest.mark.parametrize(
    ("run", "options"),
    [
        ("audit", ("--data", "rows.csv", "--reference", "ranges.csv")),
        ("alone", ("--data", "rows.csv")),
        ("recipe", ("--data", "rows.csv")),
    ],
)
def test_a_received_run_holds_by_ones_own_copies(
    run: str, options: tuple[str, ...], received: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(received)
    done = call("verify", run, *options, "-q")
    assert done.code == 0, done.stdout + done.stderr
    assert "Nothing differs: 1 cell" in done.stdout


def test_files_that_are_the_runs_own_are_named_with_their_digests(
    received: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(received)
    data, reference = (sha256((received / f"{one}.csv").read_bytes()) for one in ("rows", "ranges"))
    options = ("--data", "rows.csv", "--reference", "ranges.csv", "-q", "--reattack", "0")
    assert (
        "Your files are the run's own, byte for byte: "
        f"rows.csv (data, SHA-256 {data}), ranges.csv (reference, SHA-256 {reference}).\n"
    ) in call("verify", "audit", *options).stdout
    # the same rows in other bytes are the run's, too
    frame = pd.read_csv("rows.csv")
    frame.to_parquet("rows.parquet")
    other = sha256((received / "rows.parquet").read_bytes())
    done = call("verify", "alone", "--data", "rows.parquet", "-q", "--reattack", "0")
    assert done.code == 0, done.stdout + done.stderr
    assert (
        f"rows.parquet holds the rows of the run's data, in other bytes (SHA-256 {other}; the run "
        f"names {data}).\n"
    ) in done.stdout
    done = call("verify", "recipe", "--data", "rows.csv", "-q", "--reattack", "0")
    assert f"rows.csv holds the rows of the run's data (SHA-256 {data}).\n" in done.stdout


def refusal(call: Call, *arguments: str) -> str:
    """Return the only sentence of a verify that refuses and reports nothing about the run."""
    done = call("verify", *arguments, "-q")
    assert (done.code, done.stdout) == (2, ""), done.stdout
    assert done.stderr.count("\n") == 1
    assert "nothing of the run was verified" in done.stderr or "cannot be read as" in done.stderr
    return str(done.stderr)


def test_a_file_that_is_not_the_runs_is_accused_and_not_the_run(
    received: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(received)
    frame = pd.read_csv("rows.csv")
    changed = frame.copy()
    changed.iloc[4, 0] += 1
    changed.iloc[7, 1] += 1
    changed.to_csv("alt.csv", index=False)
    digests = sha256(Path("alt.csv").read_bytes()), sha256(Path("rows.csv").read_bytes())
    own = ("--reference", "ranges.csv")
    value = f"{frame.iloc[4, 0]:.12g}"
    said = refusal(call, "audit", "--data", "alt.csv", *own)
    assert said.startswith(
        "error: your file alt.csv is not the data of this run: its rows differ "
        f"(SHA-256 {digests[0]}; the run names {digests[1]}); in its row 4, counted from 0, "
        f"'{frame.columns[0]}' is {changed.iloc[4, 0]:.12g}, and the run has {value}, and 1 other "
        "row differs; "
    )
    relabelled = frame.assign(target=frame["target"].where(frame.index != 3, 2))
    relabelled.to_csv("alt.csv", index=False)
    for run, options in (("alone", ()), ("recipe", ()), ("audit", own)):
        said = refusal(call, run, "--data", "alt.csv", *options)
        assert "your file alt.csv is not the data of this run: its rows differ" in said
        assert run == "recipe" or "its label is '2', and the run has '0'" in said
    frame.iloc[:-1].to_csv("alt.csv", index=False)
    said = refusal(call, "alone", "--data", "alt.csv")
    assert f"it gives {len(frame) - 1} test rows, and the run has {len(frame)}" in said
    # what cannot even be read as the run's was
    frame.drop(columns="target").to_csv("alt.csv", index=False)
    said = refusal(call, "alone", "--data", "alt.csv")
    assert "your file alt.csv is not the data of this run" in said
    assert "alt.csv has no target column 'target'" in said


def test_data_and_reference_that_are_swapped_are_said_to_be(
    received: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(received)
    said = refusal(call, "audit", "--data", "ranges.csv", "--reference", "rows.csv")
    assert (
        "--data and --reference are swapped: rows.csv is the data of this run, and ranges.csv its "
        "reference"
    ) in said
    said = refusal(call, "audit", "--data", "rows.csv", "--reference", "rows.csv")
    assert "your file rows.csv is the data of this run, and was read as its reference" in said
    changed = pd.read_csv("ranges.csv")
    changed.iloc[:, 0] *= 2
    changed.to_csv("alt.csv", index=False)
    said = refusal(call, "audit", "--data", "rows.csv", "--reference", "alt.csv")
    assert said.startswith("error: your file alt.csv is not the reference of this run")


def test_a_run_that_contradicts_the_very_file_that_it_names_is_accused(
    received: Path, call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(received)
    shutil.copytree("alone", tmp_path / "run")
    for name in ("manifest.json", "results.json"):
        file = tmp_path / "run" / name
        digest = json.loads((received / "alone" / "manifest.json").read_text())["identity"]
        (found,) = digest["fingerprints"]["data"].values()
        file.write_text(file.read_text().replace(found, "0" * 64))
    done = call("verify", tmp_path / "run", "--data", "rows.csv", "-q", "--reattack", "0")
    assert done.code == 1
    assert "manifest.json: identity.fingerprints.data.test.csv#target is '0000" in done.stdout


@pytest.mark.parametrize(
    ("run", "options", "words"),
    [
        (
            "audit",
            (),
            "train.csv, which the run used as its reference; name your own copies with --data FILE "
            "and --reference FILE",
        ),
        ("audit", ("--data", "rows.csv"), "name your own copy with --reference FILE"),
        ("audit", ("--data", "none.csv"), "there is no file none.csv, which you named with --data"),
        ("recipe", (), "test.csv, which the run was made of; name your own copy with --data FILE"),
        ("alone", ("--data", "rows.csv", "--reference", "ranges.csv"), "had no --reference"),
        ("recipe", ("--data", "rows.csv", "--reference", "ranges.csv"), "is for audits"),
    ],
)
def test_what_is_missing_is_said_in_one_sentence(
    run: str,
    options: tuple[str, ...],
    words: str,
    received: Path,
    call: Call,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(received)
    done = call("verify", run, *options)
    assert done.code == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
