"""Verification gives the same findings in the same order for any number of processes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import skops.io
from sklearn.ensemble import RandomForestClassifier

import genlabel_robust
from genlabel_robust.core.errors import UsageError
from genlabel_robust.reports.write import render, write_reports
from genlabel_robust.runs.folder.store import RunFolder
from genlabel_robust.verify.verify import verify_run


def spoilt(folder: Path) -> None:
    """Shift the stored adversarial rows and the witnesses of one cell."""
    run = RunFolder(folder)
    key = sorted((folder / "cells").glob("*.json"))[0].stem
    about, result = run.read_cell(key)
    moved = replace(result, adversarial=result.adversarial + 0.5, distances=result.distances * 0.5)
    if result.certificate is not None:
        moved = replace(
            moved, certificate=replace(result.certificate, lower=result.certificate.lower * 0.5)
        )
    run.save_cell(key, about["cell"], moved, None)


def told(folder: Path, jobs: int) -> tuple[list[str], object]:
    found = verify_run(folder, render=render, jobs=jobs)
    return [str(finding) for finding in found.findings], replace(found, findings=())


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = genlabel_robust.evaluate(
        datasets="iris",
        strategies="vanilla",
        architectures="logistic",
        seeds=2,
        eps=0.1,
        suite="quick",
        jobs=1,
        out=str(tmp_path_factory.mktemp("trained") / "run"),
    )
    write_reports(run.path)
    return run.path


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("audited")
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 1, (200, 3)).round(3)
    y = (x[:, 0] + x[:, 1] > 1).astype(int)
    forest = RandomForestClassifier(7, max_depth=4, random_state=0).fit(x, y)
    skops.io.dump(forest, folder / "forest.skops")
    table = np.column_stack([x, y])[:60]
    lines = ["a,b,c,label", *(",".join(f"{v:g}" for v in row) for row in table)]
    (folder / "test.csv").write_text("\n".join(lines))
    from genlabel_robust.runs.audit import audit_files
    from genlabel_robust.runs.config.attack_config import AttackConfig
    from genlabel_robust.runs.plan.audit_files import AuditFiles

    files = AuditFiles(str(folder / "forest.skops"), str(folder / "test.csv"), "label")
    config = AttackConfig(eps=(0.05,), suite="quick", out=str(folder / "run"), jobs=1)
    run = audit_files(files, config)
    write_reports(run.path)
    return run.path


@pytest.mark.nightly
@pytest.mark.parametrize("kind", ["trained", "audited"])
def test_two_processes_find_what_one_finds(kind: str, request: pytest.FixtureRequest) -> None:
    folder: Path = request.getfixturevalue(kind)
    alone = told(folder, 1)
    assert alone[0] == []
    assert told(folder, 2) == alone
    spoilt(folder)
    alone = told(folder, 1)
    assert len(alone[0]) > 2
    assert told(folder, 2) == alone


def test_no_process_is_too_few(trained: Path) -> None:
    assert json.loads((trained / "manifest.json").read_text())["finished"]
    with pytest.raises(UsageError, match=r"--jobs is 0; it must be a whole number of at least 1"):
        verify_run(trained, render=render, jobs=0)
