"""``reproduce``: its folder, its exit codes and its output."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from genlabel_robust.paper.tables import deviations
from genlabel_robust.paper.theorem import theorem

if TYPE_CHECKING:
    from tests.cli.conftest import Call

ACCURACY = ("reproduce", "accuracy", "--trials", "1", "--jobs", "1")


@pytest.fixture(scope="module", autouse=True)
def few_angles() -> Iterator[None]:
    """Make the theorem fast, with few angles."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(theorem, "ANGLES", (-0.1, 0.0, 0.1))
        yield


@pytest.fixture(scope="module")
def toy(
    call: Callable[..., Call], few_angles: None, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Call]:
    """The folder of the part "toy", which tests must not change, and the command's output."""
    folder = tmp_path_factory.mktemp("toy") / "run"
    return folder, call("reproduce", "toy", "-q", "--out", folder)


def test_the_report_is_printed_and_kept(call: Callable[..., Call], tmp_path: Path) -> None:
    done = call("reproduce", "toy", "theorem", "--out", tmp_path / "run")
    assert done.code == 0
    assert done.stdout == (tmp_path / "run" / "report.md").read_text(encoding="utf-8")
    assert done.stdout.startswith("# The paper, measured again")
    # stderr is no terminal here: no bar
    assert done.stderr == f"results: {tmp_path / 'run'}\n"


def test_options_reach_the_part_that_knows_them(call: Callable[..., Call], tmp_path: Path) -> None:
    options = ("--alpha", "2", "--sigma", "0.2", "--weight-norm", "1.5", "--seed", "3")
    assert call("reproduce", "theorem", *options, "--out", tmp_path).code == 0
    results = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    for row in results["parts"]["theorem"]["rows"]:
        assert (row["alpha"], row["sigma"], row["norm"]) == (2.0, 0.2, 1.5)
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["identity"] == {"alpha": 2.0, "norms": [1.5], "seed": 3, "sigma": 0.2}


def test_quiet_prints_the_report_alone_and_verbose_a_line_for_everything_that_ends(
    toy: tuple[Path, Call], call: Callable[..., Call], tmp_path: Path
) -> None:
    _, quiet = toy
    verbose = call("reproduce", "toy", "-v", "--out", tmp_path / "verbose")
    assert quiet.stderr == ""
    assert quiet.stdout == verbose.stdout
    assert verbose.stderr.splitlines() == [
        "toy [1/4] mixup",
        "toy [2/4] genlabel-gm",
        "toy [3/4] genlabel-kde",
        "toy [4/4] genlabel-nn",
        f"results: {tmp_path / 'verbose'}",
    ]


def test_a_second_call_adds_a_part_and_prints_both(
    toy: tuple[Path, Call], call: Callable[..., Call], tmp_path: Path
) -> None:
    shutil.copytree(toy[0], tmp_path / "run")
    again = call("reproduce", "toy", "theorem", "-v", "--out", tmp_path / "run")
    assert again.code == 0
    assert "theorem [" in again.stderr
    assert "toy [" not in again.stderr
    assert "## Toy" in again.stdout
    assert "## Theorem" in again.stdout


def test_a_folder_with_other_settings_or_foreign_content_is_refused_and_left_as_it_is(
    toy: tuple[Path, Call],
    call: Callable[..., Call],
    snapshot: Callable[[Path], dict[str, bytes | None]],
    tmp_path: Path,
) -> None:
    ours, foreign = tmp_path / "ours", tmp_path / "foreign"
    shutil.copytree(toy[0], ours)
    foreign.mkdir()
    (foreign / "thesis.tex").write_text("years of work", encoding="utf-8")
    before = snapshot(tmp_path)
    for options in (("--seed", "1", "--out", ours), ("--out", foreign)):
        done = call("reproduce", "toy", *options)
        assert done.code == 2
        assert done.stdout == ""
        assert done.stderr.startswith("error: ")
        assert "choose another folder with --out" in done.stderr
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("theorm",), "did you mean 'theorem'"),
        (("theorem", "--alpha", "0"), "alpha is 0.0"),
        (("toy", "--trials", "0"), "trials is 0"),
        (("toy", "--seed", "-1"), "seed is -1"),
        (("robustness", "--choose-by", "luck"), "'luck' is not one of"),
        (("accuracy", "--dataset", "irs"), "did you mean 'iris'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_mistake_is_exit_code_2(
    arguments: tuple[str, ...], said: str, call: Callable[..., Call], tmp_path: Path
) -> None:
    done = call("reproduce", *arguments, "--out", tmp_path / "run")
    assert done.code == 2
    assert said in done.stderr
    assert not (tmp_path / "run").exists()


def test_a_data_set_that_is_missing_is_reported_and_no_failure(
    call: Callable[..., Call],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    real_data_folder: Path,
) -> None:
    (tmp_path / "data").mkdir()
    for file in real_data_folder.glob("1413_*.csv"):
        (tmp_path / "data" / file.name).write_bytes(file.read_bytes())
    (tmp_path / "data" / "7_broken.csv").write_text("a,target\n", encoding="utf-8")
    monkeypatch.setenv("GENLABEL_ROBUST_OPENML_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(deviations, "MORE", 1)  # further trials of AdaMixup are slow
    out = tmp_path / "run"
    done = call(*ACCURACY, "--dataset", "openml:7", "--dataset", "openml:1413", "--out", out)
    assert done.code == 0
    assert "Missing: openml:7" in done.stdout
    assert "| openml:1413 | mixup |" in done.stdout
    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert set(results["parts"]["accuracy"]["missing"]) == {"openml:7"}
    assert {row["dataset"] for row in results["rows"]} == {"openml:1413"}
