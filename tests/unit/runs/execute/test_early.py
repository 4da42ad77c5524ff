"""Imports start early only for processes on this host."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression

from genlabel_robust.cli.main import run
from genlabel_robust.core.machine.stopwatch import Stopwatch
from genlabel_robust.runs.config.attack_config import AttackConfig
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.execute import early
from genlabel_robust.runs.execute.early import begin_imports, begin_imports_of_run
from genlabel_robust.runs.folder.manifest import manifest
from genlabel_robust.runs.plan.recipe_plan import make_plan

ONE_CELL = RunConfig(
    datasets=("iris",), strategies=("vanilla",), architectures=("logistic",), seeds=1, jobs=2
)


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (AttackConfig(jobs=2), 1),
        (AttackConfig(jobs=1), 0),
        (AttackConfig(jobs=2, device="cuda"), 0),
        (AttackConfig(jobs=2, cluster="tcp://scheduler:8786"), 0),
    ],
)
def test_imports_are_begun_if_calls_go_to_several_processes_of_this_host(
    config: AttackConfig, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []
    monkeypatch.setattr(early, "import_early", begun.append)
    begin_imports(config)
    assert begun == ["genlabel_robust.runs.execute.imported"] * expected


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("state", ["absent", "damaged", "unfinished", "finished"])
def test_imports_are_not_begun_for_a_run_that_has_ended(
    state: str, named: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config = replace(ONE_CELL, out=str(tmp_path / "out") if named else None)
    plan = make_plan(config)
    if state != "absent":
        times = Stopwatch.start().times(ended=state == "finished")
        plan.folder.mkdir(parents=True)
        content = "{" if state == "damaged" else json.dumps(manifest(plan, {}, times))
        (plan.folder / "manifest.json").write_text(content)
    begun: list[str] = []
    monkeypatch.setattr(early, "import_early", begun.append)
    begin_imports_of_run(config)
    begin_imports_of_run(config.of_attack)
    # the name of an audit's folder is not known beforehand, unless it was given
    assert len(begun) == (2 if state != "finished" else 0 if named else 1)


EVALUATE = (
    *("evaluate", "--dataset", "iris", "--strategy", "vanilla", "--arch", "logistic"),
    *("--seeds", "2", "--set", "train.epochs=5", "--max-examples", "20"),
)
AUDIT = ("audit", "{model}", "--data", "{rows}", "--target", "y")


@pytest.mark.parametrize("command", [EVALUATE, AUDIT], ids=["evaluate", "audit"])
def test_a_command_that_is_given_again_begins_imports_only_if_it_computes_something(
    command: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    class BegunError(Exception):
        pass

    def begin(_: str) -> None:
        raise BegunError

    rows = pd.DataFrame({"a": np.arange(20) / 20, "y": np.arange(20) // 10})
    rows.to_csv(tmp_path / "rows.csv", index=False)
    skops.io.dump(LogisticRegression().fit(rows[["a"]], rows["y"]), tmp_path / "model.skops")
    files = {"model": tmp_path / "model.skops", "rows": tmp_path / "rows.csv"}
    given = [part.format(**files) for part in command]
    given += ["--suite", "quick", "--quiet", "--checks", "off", "--out", str(tmp_path / "out")]
    assert run([*given, "--jobs", "1"]) == 0
    monkeypatch.setattr(early, "import_early", begin)
    assert run([*given, "--jobs", "2"]) == 0
    # where files of a run that has ended are lost, their cells are computed again
    for path in (tmp_path / "out" / "cells").iterdir():
        path.unlink()
    assert run([*given, "--jobs", "2"]) == 3
    assert "BegunError" in capsys.readouterr().err
