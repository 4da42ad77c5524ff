"""``evaluate --dry-run`` says what a run would do, and does not do it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from genlabel_robust.statistics.power import detectable_drop
from genlabel_robust.statistics.recipe_power import recipe_detectable_drop

if TYPE_CHECKING:
    from tests.cli.conftest import Call, Finished

#: Without a seed noise: a gate on checkpoints.
DISCORDANCES, NOISES = (0.02, 0.05, 0.1), (0.005, 0.01)


@pytest.fixture
def plan(call: Callable[..., Call], small: tuple[str, ...]) -> Callable[..., Any]:
    def asked(*options: str | Path, notices: str = "") -> Any:
        done = call(*small, *options, "--dry-run", "--format", "json")
        assert (done.code, done.stderr) == (0, notices)
        return json.loads(done.stdout)

    return asked


def test_a_plan_counts_cells_attacks_and_bytes_and_writes_nothing(
    plan: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = plan("--dataset", "wine", "--jobs", "3", "--eps", "0.05", "--eps", "0.1")
    assert list(tmp_path.iterdir()) == []
    assert found["folder"].startswith("runs/")
    assert (found["cells"], found["held"], found["seeds"], found["jobs"]) == (8, 0, 2, 3)
    assert found["strategies"] == ["vanilla", "mixup"]
    assert found["architectures"] == ["logistic"]
    sizes = {s["name"]: (s["trained_on"], s["examples"], s["features"]) for s in found["datasets"]}
    assert sizes == {"iris": (105, 45, 4), "wine": (124, 54, 13)}
    # the suite keeps two for models without gradients, of which this run has none
    assert {attack["name"]: attack.get("when") for attack in found["attacks"]} == {
        "fgsm": None,
        "pgd": None,
        "sign-bisect": ["no gradients"],
        "lattice-search": ["no gradients"],
        "noise": None,
    }
    assert found["attacks"][1]["settings"]["steps"] > 0
    assert found["threat"]["eps"] == [0.05, 0.1]
    adversarial = 4 * 8 * 5 * (45 * 4 + 54 * 13)
    assert adversarial < found["arrays_bytes"] < 3 * adversarial
    # a weight and a bias of each class in float32, and the scaling, at least
    assert found["weights_bytes"] > 4 * 3 * (4 * 5 + 4 * 14)
    assert (found["gate"], found["drops"]) == (None, [])


def test_a_plan_leaves_the_folder_of_a_run_as_it_is_and_says_what_it_holds(
    plan: Callable[..., Any],
    call: Callable[..., Call],
    small: tuple[str, ...],
    finished: Finished,
    snapshot: Callable[[Path], dict[str, bytes | None]],
    tmp_path: Path,
) -> None:
    run = tmp_path / "run"
    shutil.copytree(finished.path, run)
    first = sorted((run / "cells").glob("*.json"))[0]
    first.unlink()
    before = snapshot(run)
    found = plan("--out", run)
    assert (found["cells"], found["held"], found["jobs"]) == (4, 3, 1)
    assert snapshot(run) == before
    whole = plan("--out", finished.path)
    assert (whole["held"], whole["seconds"]) == (4, 0)
    assert (whole["arrays_bytes"], whole["weights_bytes"]) == (0, 0)
    assert "no cell is left to compute" in call(*small, "--out", finished.path, "--dry-run").stdout


def test_the_notices_are_those_of_the_run(
    call: Callable[..., Call], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sklearn.datasets import load_iris

    monkeypatch.chdir(tmp_path)
    frame = load_iris(as_frame=True).frame
    frame.insert(0, "place", "north")
    frame["size"] = "small"
    frame.to_csv("flowers.csv", index=False)
    asked = (
        "evaluate",
        "--dataset",
        "flowers.csv#target",
        "--strategy",
        "vanilla",
        "--arch",
        "logistic",
        "--seeds",
        "1",
        "--attack",
        "fgsm",
        "--attack",
        "pgd",
        "--checks",
        "off",
        "--jobs",
        "1",
        "--set",
        "train.epochs=3",
        "--max-examples",
        "20",
        "--out",
        "run",
    )
    dry, real = call(*asked, "--dry-run"), call(*asked)
    assert (dry.code, real.code) == (0, 0), dry.stderr + real.stderr
    assert "'place', 'size'" in dry.stderr
    assert "a stratified sample of 20" in dry.stderr
    assert [*dry.stderr.splitlines(), "results: run"] == real.stderr.splitlines()
    assert call(*asked, "--dry-run", "-q").stderr == ""
    told = json.loads(call(*asked, "--dry-run", "--format", "json").stdout)
    assert all(notice in dry.stderr for notice in told["datasets"][0]["notices"])


def test_the_time_is_near_that_of_the_run(plan: Callable[..., Any], finished: Finished) -> None:
    # a factor of 20: the run of a second or two is mostly what the estimate leaves out, such as
    # imports and reports, and on a machine with other work any timing may be some times too long
    real = json.loads((finished.path / "manifest.json").read_bytes())["seconds"]
    found = plan()
    assert real / 20 < found["seconds"] < real * 20
    assert found["measured_seconds"] > 0


def test_more_processes_end_earlier(plan: Callable[..., Any]) -> None:
    one = plan("--seeds", "20", "--checks", "off")["seconds"]
    # 40 cells of nearly one length; the factor of 4 is left to chance in the timings
    assert plan("--seeds", "20", "--checks", "off", "--jobs", "20")["seconds"] < one / 4


def test_one_seed_is_told_the_drop_of_a_gate_on_checkpoints(plan: Callable[..., Any]) -> None:
    found = plan("--seeds", "1")
    assert (found["gate"], found["power"]) == ("checkpoint", 0.8)
    assert found["drops"] == [
        {
            "dataset": "iris",
            "examples": 45,
            "seed_noise": None,
            "discordance": share,
            "max_drop": detectable_drop(45, share),
            "reason": None,
        }
        for share in DISCORDANCES
    ]


def test_five_seeds_are_told_the_drop_of_a_gate_on_recipes(plan: Callable[..., Any]) -> None:
    notice = "iris: Of 45 test rows, a stratified sample of 30 is evaluated.\n"
    found = plan("--seeds", "5", "--max-examples", "30", notices=notice)
    assert found["gate"] == "recipe"
    assert [(d["seed_noise"], d["discordance"], d["max_drop"]) for d in found["drops"]] == [
        (noise, share, recipe_detectable_drop(30, 5, noise, share))
        for noise in NOISES
        for share in DISCORDANCES
    ]
    assert {d["examples"] for d in found["drops"]} == {30}


@pytest.mark.parametrize(
    ("seeds", "expected"),
    [
        ("1", "so that an equally robust model passes in 80 % of cases"),
        ("2", "gate    2 seeds are compared only seed by seed"),
        ("4", "gate    4 seeds are compared only seed by seed"),
        ("5", "an unchanged recipe (5 seeds on each side) passes in"),
    ],
)
def test_the_text_says_which_gate_so_many_seeds_suit(
    seeds: str, expected: str, call: Callable[..., Call], small: tuple[str, ...]
) -> None:
    done = call(*small, "--seeds", seeds, "--dry-run")
    assert (done.code, done.stderr) == (0, "")
    assert expected in done.stdout
    cells = f"{2 * int(seeds)} cells"
    plural = "" if seeds == "1" else "s"
    assert (
        f"1 data set × 2 strategies × 1 architecture × {seeds} seed{plural} = {cells}"
        in done.stdout
    )
    for text in ("an estimate", "before compression", "fgsm", "restarts", "ε = 0.1"):
        assert text in done.stdout


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--format", "csv"), "--dry-run can print only table or json"),
        (("--strategy", "mixpu"), "did you mean 'mixup'"),
        (("--set", "train.learning_rate=1e38"), "diverged"),
        (("--eps", "0.2", "--out", "RUN"), "contains a run with another configuration"),
    ],
)
def test_what_the_run_would_refuse_is_refused_beforehand(
    options: tuple[str, ...],
    expected: str,
    call: Callable[..., Call],
    small: tuple[str, ...],
    finished: Finished,
) -> None:
    given = [str(finished.path) if option == "RUN" else option for option in options]
    done = call(*small, "--dry-run", *given)
    assert (done.code, done.stdout) == (2, "")
    assert expected in done.stderr
    assert "Traceback" not in done.stderr


def test_a_strategy_that_cannot_train_an_architecture_takes_neither_time_nor_room(
    plan: Callable[..., Any],
) -> None:
    # adversarial training needs gradients, which no forest has: 5 of 6 cells are left
    forest = ("--arch", "sklearn:decision-tree", "--seeds", "1")
    found, without = plan(*forest, "--strategy", "adversarial"), plan(*forest)
    assert (found["cells"], without["cells"]) == (6, 4)
    assert 4 * found["arrays_bytes"] == 5 * without["arrays_bytes"] > 0
