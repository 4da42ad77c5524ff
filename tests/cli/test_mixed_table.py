"""``evaluate`` on a table with text, booleans and missing cells, and commands on its run."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from genlabel_robust.runs.folder.stored_run import read_run

if TYPE_CHECKING:
    from tests.cli.conftest import Call

EIGHT = (
    "vanilla",
    "mixup",
    "adamixup",
    "mixup-exclude-mi",
    "genlabel-gm",
    "genlabel-kde",
    "genlabel-nn",
    "genlabel-cv",
)
QUICK = ("--suite", "quick", "--seeds", "1", "--checks", "off", "--set", "train.epochs=3", "-q")
THREAT = """\
eps = 0.2
[features.job]
eps = 1
unit = "raw"
["features"."tenure is missing"]
eps = 1
unit = "raw"
[features.age]
immutable = true
[features.customer_id]
immutable = true
"""


def table(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "customer_id": [f"C{seed}{i:04d}" for i in rng.permutation(n)],
            "age": rng.integers(18, 70, n),
            "job": rng.choice(["Craft", "Exec", "Sales"], n),
            "married": rng.random(n) < 0.5,
            "gain": rng.integers(0, 900, n),
            "tenure": rng.gamma(2, 3, n).round(1),
        }
    )
    wealth = frame["age"] / 20 + frame["gain"] / 400 + (frame["job"] == "Exec") + frame["married"]
    frame["income"] = np.where(wealth + rng.normal(0, 0.3, n) > 4, "rich", "poor")
    frame.loc[rng.random(n) < 0.1, "tenure"] = np.nan
    frame.loc[rng.random(n) < 0.1, "job"] = None
    return frame


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    folder = tmp_path_factory.mktemp("mixed")
    test = table(50, 2)
    test.loc[7, "job"] = "Pilot"
    table(120, 1).to_csv(folder / "train.csv", index=False)
    test.to_csv(folder / "test.csv", index=False)
    (folder / "threat.toml").write_text(THREAT, encoding="utf-8")
    return ("--dataset", f"{folder / 'train.csv'}#income", "--test", str(folder / "test.csv"))


@pytest.fixture(scope="module")
def run(files: tuple[str, ...], call: Callable[..., Call]) -> Path:
    """A run of all eight strategies, which tests must not change."""
    out = Path(files[-1]).with_name("run")
    options = ("--eps", "0.1", "--arch", "mlp", "--jobs", "1", "--out", out)
    done = call("evaluate", *files, *QUICK, *options)
    assert done.code == 0, done.stderr
    return out


def dataset(run: Path) -> Any:
    (about,) = json.loads((run / "results.json").read_bytes())["datasets"].values()
    return about


def test_all_eight_strategies_are_compared_on_all_columns_but_the_identifier(run: Path) -> None:
    results = json.loads((run / "results.json").read_bytes())
    assert [row["strategy"] for row in results["rows"]] == [*EIGHT]
    assert all(row["robust_accuracy"] is not None for row in results["rows"])
    about = dataset(run)
    assert about["n_columns"] == 5
    names = {feature["name"].partition("=")[0] for feature in about["features"]}
    assert names == {
        *("age", "job", "job is missing", "married", "gain", "tenure", "tenure is missing")
    }
    told = " ".join(about["notices"])
    assert "Left out 1 column that looks like an identifier" in told
    assert "'customer_id'; --keep 'customer_id' would encode it." in told
    assert "Rows are mixed as they are encoded, for 'mixup', 'adamixup'" in told
    assert "Column 'job' holds 'Pilot' in 1 test row, and in no training row" in told


def test_nothing_but_numbers_moves_unless_the_threat_says_so(run: Path) -> None:
    features = dataset(run)["features"]
    assert [f["name"] for f in features if f["mutable"]] == ["age", "gain", "tenure"]
    stored = read_run(run)
    (before,) = [stored.inputs(about.content_hash) for about in stored.results.datasets.values()]
    assert before is not None
    fixed = [i for i, f in enumerate(features) if not f["mutable"]]
    for panel in stored.panels.values():
        for result in panel.results:
            found = result.adversarial[np.isfinite(result.adversarial).all(axis=2)]
            assert np.isin(found[:, fixed], (0, 1)).all()


def test_the_fitted_encoder_is_stored_and_the_run_verifies(
    run: Path, call: Callable[..., Call]
) -> None:
    (encoding,) = json.loads((run / "manifest.json").read_bytes())["encodings"].values()
    columns = {column["name"]: column for column in encoding["columns"]}
    assert columns["job"]["levels"] == ["Craft", "Exec", "Pilot", "Sales"]
    known = np.sort(table(120, 1)["tenure"].dropna().to_numpy())
    assert columns["tenure"]["fill"] == known[(len(known) - 1) // 2]
    done = call("verify", run, "--reattack", "1")
    assert done.code == 0, done.stdout + done.stderr


def test_another_encoder_in_the_manifest_is_found(
    run: Path, call: Callable[..., Call], tmp_path: Path
) -> None:
    import shutil

    copy = tmp_path / "run"
    shutil.copytree(run, copy)
    text = (copy / "manifest.json").read_text(encoding="utf-8")
    (copy / "manifest.json").write_text(text.replace('"Pilot"', '"Pirate"', 1), encoding="utf-8")
    done = call("verify", copy, "--reattack", "0")
    assert done.code == 1
    assert "encodings.train.csv#income" in done.stdout + done.stderr


@pytest.mark.nightly
def test_two_processes_write_the_same_bytes_and_the_run_goes_on(
    run: Path, files: tuple[str, ...], call: Callable[..., Call], tmp_path: Path
) -> None:
    options = ("--eps", "0.1", "--arch", "mlp", "--jobs", "2", "--out", tmp_path / "two")
    assert call("evaluate", *files, *QUICK, *options).code == 0
    assert (tmp_path / "two" / "results.json").read_bytes() == (run / "results.json").read_bytes()
    first = sorted((tmp_path / "two" / "cells").iterdir())[0]
    (tmp_path / "two" / "results.json").unlink()
    first.unlink()
    assert call("evaluate", *files, *QUICK, *options).code == 0
    assert (tmp_path / "two" / "results.json").read_bytes() == (run / "results.json").read_bytes()


def freed_run(call: Callable[..., Call], files: tuple[str, ...], name: str, *models: str) -> Path:
    """Run under a threat file that lets a category and missing values change."""
    folder = Path(files[-1]).parent
    options = ("--threat", folder / "threat.toml", "--jobs", "1", "--out", folder / name)
    done = call("evaluate", *files, *QUICK, *options, *models)
    assert done.code == 0, done.stderr
    return folder / name


@pytest.fixture(scope="module")
def freed(files: tuple[str, ...], call: Callable[..., Call]) -> Path:
    """Such a run of one architecture, which tests must not change."""
    models = ("--arch", "logistic", "--strategy", "vanilla", "--strategy", "adversarial")
    return freed_run(call, files, "freed", *models)


def assert_freed(run: Path, call: Callable[..., Call]) -> None:
    features = {f["name"]: f for f in dataset(run)["features"]}
    assert not features["age"]["mutable"]
    assert not features["married=True"]["mutable"]
    assert features["job=Exec"]["mutable"]
    assert features["job=Exec"]["moves"] == "category"
    assert features["tenure is missing"]["moves"] == "whole"
    done = call("verify", run, "--reattack", "1")
    assert done.code == 0, done.stdout + done.stderr


def test_a_threat_file_of_an_audit_holds_here_as_well(
    freed: Path, call: Callable[..., Call]
) -> None:
    assert_freed(freed, call)


@pytest.mark.nightly
def test_a_threat_file_holds_for_nets_forests_and_mixing_too(
    files: tuple[str, ...], call: Callable[..., Call]
) -> None:
    models = (
        *("--arch", "logistic", "--arch", "mlp", "--arch", "sklearn:random-forest"),
        *("--strategy", "vanilla", "--strategy", "mixup", "--strategy", "adversarial"),
    )
    assert_freed(freed_run(call, files, "all", *models), call)


@pytest.mark.parametrize("fixture", ["run", "freed"])
def test_examples_are_rows_of_the_table_and_read_back_give_what_is_stored(
    fixture: str, request: pytest.FixtureRequest, call: Callable[..., Call], tmp_path: Path
) -> None:
    folder = request.getfixturevalue(fixture)
    out = tmp_path / "adversarial.csv"
    assert call("examples", folder, "--out", out).code == 0
    found = pd.read_csv(out)
    columns = ["age", "job", "married", "gain", "tenure"]
    own = [name for name in found if not name.startswith(("example.", "before."))]
    assert own == columns
    test = pd.read_csv(folder.with_name("test.csv"))
    for name in columns:
        assert found[name].dtype == test[name].dtype
    rows = test.loc[found["example.row"], columns].reset_index(drop=True)
    before = found[[f"before.{name}" for name in columns]].set_axis(columns, axis="columns")
    pd.testing.assert_frame_equal(before, rows)
    unmoved = found["job"].fillna("") == before["job"].fillna("")
    assert unmoved.all() == (fixture == "run")
    gone = found["tenure"].isna() == before["tenure"].isna()
    assert gone.all() == (fixture == "run")
    stored = read_run(folder)
    (about,) = stored.results.datasets.values()
    encoding = stored.encoding(about)
    for group, cells in stored.cells.items():
        mine = (found["example.strategy"] == group[2]) & (found["example.architecture"] == group[1])
        if not mine.any():
            continue
        told = stored.model(cells[0]).predict(encoding.encode(found.loc[mine, columns]))
        classes = np.array(about.classes)[told]
        assert (classes == found.loc[mine, "example.predicted_after"]).all()


def test_a_gate_judges_a_run_a_training_anew_and_other_weights(
    files: tuple[str, ...], call: Callable[..., Call], tmp_path: Path
) -> None:
    run, base = tmp_path / "run", tmp_path / "base.zip"
    options = ("--checks", "quick", "--strategy", "mixup", "--arch", "mlp", "--jobs", "1")
    made = call("evaluate", *files, *QUICK, *options, "--out", run)
    assert made.code == 0, made.stderr
    assert call("baseline", "save", run, "--out", base).code == 0
    weights = next((run / "models").iterdir())
    for candidate in ((run,), ("--model", weights, "-q"), ("-q", "--out", tmp_path / "again")):
        done = call("gate", *candidate, "--baseline", base)
        assert done.code == 0, done.stdout + done.stderr
        assert "identical weights" in done.stdout


def test_a_draft_of_a_threat_file_names_the_columns_that_a_run_has(
    files: tuple[str, ...], call: Callable[..., Call], tmp_path: Path
) -> None:
    out = tmp_path / "draft.toml"
    assert call("threat", "init", "--data", files[1], "--out", out).code == 0
    drafted = tomllib.loads(out.read_text(encoding="utf-8"))["features"]
    assert set(drafted) == {"age", "job", "married", "gain", "tenure", "tenure is missing"}
    done = call("evaluate", *files, *QUICK, "--threat", out, "--dry-run")
    assert done.code == 0, done.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--keep", "custmer_id"), "no column 'custmer_id' to keep; did you mean 'customer_id'"),
        (("--keep", "age", "--drop", "age"), "column 'age' is given both with --keep"),
        (("--set", "constraints.weights.customer_id=2"), "'customer_id' has weights of its own"),
        (("--set", "constraints.integer=['job']"), "'job' is a category, so"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    options: tuple[str, ...],
    message: str,
    files: tuple[str, ...],
    call: Callable[..., Call],
    tmp_path: Path,
) -> None:
    done = call("evaluate", *files, *QUICK, *options, "--out", tmp_path / "none")
    assert done.code == 2
    assert message in done.stderr
    assert not (tmp_path / "none").exists()


def test_an_identifier_that_is_to_be_kept_is_encoded(
    files: tuple[str, ...], call: Callable[..., Call], tmp_path: Path
) -> None:
    options = ("--keep", "customer_id", "--strategy", "vanilla", "--arch", "logistic")
    done = call("evaluate", *files, *QUICK, *options, "--jobs", "1", "--out", tmp_path / "kept")
    assert done.code == 0, done.stderr
    about = dataset(tmp_path / "kept")
    assert about["n_columns"] == 6
    assert any("customer_id" in concern["text"] for concern in about["concerns"])
