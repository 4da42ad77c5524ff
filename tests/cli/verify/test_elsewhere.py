"""``verify --data --reference``: a run that was received, and its data under other names."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import skops.io
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

Call = Callable[..., Any]


@pytest.fixture(scope="module")
def received(tmp_path_factory: pytest.TempPathFactory, call: Call) -> Path:
    """An audit and a run of a recipe, made elsewhere; the data have other names here."""
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
    assert "All holds: 1 cell" in done.stdout


def test_other_data_do_not_hold(
    received: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(received)
    for run in ("alone", "recipe"):
        done = call("verify", run, "--data", "ranges.csv", "-q")
        assert done.code == 1
        assert "fingerprints.data.test.csv#target" in done.stdout
    swapped = call("verify", "audit", "--data", "rows.csv", "--reference", "rows.csv", "-q")
    assert swapped.code == 1


@pytest.mark.parametrize(
    ("run", "options", "words"),
    [
        ("audit", (), "name your copy of it with --data FILE"),
        ("audit", ("--data", "rows.csv"), "name your copy of it with --reference FILE"),
        ("audit", ("--data", "none.csv"), "there is no file none.csv"),
        ("alone", ("--data", "rows.csv", "--reference", "ranges.csv"), "had no --reference"),
        ("recipe", ("--data", "rows.csv", "--reference", "ranges.csv"), "is of audits"),
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
