"""All layers of the configuration at once, from the command line to the manifest."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Call


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in which each layer of the configuration sets something that later ones do not."""
    (tmp_path / "pyproject.toml").write_text(
        '[tool.genlabel_robust]\nsuite = "standard"\nseeds = 9\nseed = 1\ndatasets = ["wine"]\n'
        "[tool.genlabel_robust.train]\nepochs = 9\nbatch_size = 64\n"
    )
    (tmp_path / "genlabel-robust.toml").write_text(
        'datasets = ["iris"]\nsuite = "quick"\nseeds = 8\njobs = 1\n[train]\nepochs = 8\n'
    )
    (tmp_path / "mine.toml").write_text(
        'seeds = 7\narchitectures = ["logistic"]\nstrategies = ["mixup"]\n[train]\nepochs = 2\n'
    )
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    monkeypatch.setenv("GENLABEL_ROBUST_SEEDS", "6")
    monkeypatch.setenv("GENLABEL_ROBUST_STRATEGIES", "vanilla")
    monkeypatch.setenv("GENLABEL_ROBUST_EPS", "0.05,0.1")
    monkeypatch.setenv("GENLABEL_ROBUST_OPENML_DIR", "nowhere")
    return tmp_path


#: What is set besides the default, and by whom.
EXPECTED: dict[str, tuple[Any, str]] = {
    "seed": (1, "file pyproject.toml"),
    "datasets": (["iris"], "file genlabel-robust.toml"),
    "suite": ("quick", "file genlabel-robust.toml"),
    "jobs": (1, "file genlabel-robust.toml"),
    "architectures": (["logistic"], "file mine.toml"),
    "strategies": (["vanilla"], "variable GENLABEL_ROBUST_STRATEGIES"),
    "eps": ([0.05, 0.1], "variable GENLABEL_ROBUST_EPS"),
    "seeds": (1, "option"),
}
OPTIONS = ("--config", "../mine.toml", "--seeds", "1")
TRAIN = {"epochs": 2, "batch_size": 64}


def test_the_manifest_of_a_run_holds_each_value_with_its_source(
    project: Path, call: Callable[..., Call]
) -> None:
    done = call("evaluate", *OPTIONS, "--checks", "off", "--out", "run")
    assert done.code == 0, done.stderr
    config = json.loads((project / "below/run/manifest.json").read_bytes())["config"]
    for name, (value, source) in EXPECTED.items():
        assert config[name] == {"value": value, "source": source}
    assert config["settings"] == {"value": {"train": TRAIN}, "source": "file mine.toml"}
    assert config["split_seed"] == {"value": 0, "source": "default"}
    results = json.loads((project / "below/run/results.json").read_bytes())
    assert [(row["strategy"], row["eps"]) for row in results["rows"]] == [
        ("vanilla", 0.05),
        ("vanilla", 0.1),
    ]


def test_config_show_prints_the_same_without_a_run(
    project: Path, call: Callable[..., Call], snapshot: Callable[[Path], dict[str, bytes | None]]
) -> None:
    before = snapshot(project)
    done = call("config", "show", *OPTIONS, "--format", "json")
    assert (done.code, done.stderr) == (0, "")
    shown = json.loads(done.stdout)
    assert {n: (s["value"], s["source"]) for n, s in shown.items() if n in EXPECTED} == EXPECTED
    assert shown["train"] == {"value": TRAIN, "source": "file mine.toml"}
    assert shown["norm"] == {"value": None, "source": "default"}
    assert snapshot(project) == before


def test_the_table_of_config_show_is_aligned(project: Path, call: Callable[..., Call]) -> None:
    lines = call("config", "show", *OPTIONS).stdout.splitlines()
    source, value = lines[0].index("source"), lines[0].index("value")
    shown = {
        line[:source].strip(): (line[source:value].strip(), line[value:]) for line in lines[1:]
    }
    assert shown["seeds"] == ("option", "1")
    assert shown["train"] == ("file mine.toml", '{"epochs": 2, "batch_size": 64}')
    assert shown["norm"] == ("default", "-")
    assert shown["tune"] == ("default", "false")
    assert shown["out"] == ("default", "-")


@pytest.mark.parametrize("command", [("evaluate", "--out", "run"), ("config", "show")])
@pytest.mark.parametrize(
    ("variable", "expected"),
    [
        ("GENLABEL_ROBUST_SUITES", "no setting 'SUITES' for an environment"),
        ("GENLABEL_ROBUST_MAX_EXAMPLES", "GENLABEL_ROBUST_MAX_EXAMPLES: max_examples is 'few'"),
    ],
)
def test_a_mistake_in_a_variable_is_one_message(
    command: tuple[str, ...],
    variable: str,
    expected: str,
    project: Path,
    call: Callable[..., Call],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(variable, "few")
    done = call(*command, *OPTIONS)
    assert (done.code, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert expected in done.stderr
    assert not (project / "below/run").exists()


def test_a_value_that_json_has_no_word_for_is_shown_as_text(
    project: Path, call: Callable[..., Call]
) -> None:
    odd = ("--set", "train.begin=2026-01-02", "--set", "test_share=nan")
    shown = json.loads(call("config", "show", *OPTIONS, *odd, "--format", "json").stdout)
    assert shown["train"]["value"] == {**TRAIN, "begin": "2026-01-02"}
    assert shown["test_share"] == {"value": "nan", "source": "option"}
