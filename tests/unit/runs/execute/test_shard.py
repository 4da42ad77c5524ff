"""Shards divide the cells of a run, and refuse the folder of another run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from genlabel_robust.core import ConfigurationError, OutputError
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.execute.shard import Shard, evaluate_shard
from genlabel_robust.runs.plan.recipe_plan import make_plan
from tests.left_behind import left_by


def config(out: Path, **settings: object) -> RunConfig:
    given = {
        "datasets": "iris",
        "architectures": "logistic",
        "strategies": ("vanilla", "mixup"),
        "seeds": 3,
        "suite": "quick",
        "checks": "off",
        "certify": "off",
        "jobs": 1,
        "settings": {"train": {"epochs": 1}},
    }
    return RunConfig(**{**given, **settings}, out=str(out))


@pytest.mark.parametrize("text", ["0/200", "201/200", "7", "7/", "-1/3", "1/0", "a/b", "", "1.5/3"])
def test_a_shard_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"shard is .*; it must be K/N"):
        Shard.of(text)


@pytest.mark.parametrize("count", [1, 2, 4, 9])
def test_every_cell_is_in_one_shard(count: int, tmp_path: Path) -> None:
    plan = make_plan(config(tmp_path))
    parts = [Shard(number, count).cells(plan) for number in range(1, count + 1)]
    assert sorted(cell.key for part in parts for cell in part) == sorted(c.key for c in plan.cells)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_a_shard_computes_its_own_cells_and_counts_those_of_all(tmp_path: Path) -> None:
    first = evaluate_shard(config(tmp_path), Shard(1, 2))
    assert (first.cells, first.finished, first.total) == (3, 3, 6)
    seen = []
    evaluate_shard(config(tmp_path), Shard(1, 2), on_progress=lambda p: seen.append(p.reused))
    assert seen == [True, True, True]
    assert evaluate_shard(config(tmp_path), Shard(2, 2)).finished == 6
    assert not (tmp_path / "results.json").exists()


def test_a_shard_of_other_settings_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    evaluate_shard(config(tmp_path), Shard(1, 6))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(OutputError, match=r"another configuration \(it differs in eps\)"):
        evaluate_shard(config(tmp_path, eps=0.2), Shard(2, 6))
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_shard_on_a_host_with_other_versions_is_refused_by_their_names(tmp_path: Path) -> None:
    evaluate_shard(config(tmp_path), Shard(1, 6))
    path = tmp_path / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["environment"]["packages"]["numpy"] = "1.0"
    path.write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(OutputError, match=r"this host has numpy \S+ and not 1\.0; install"):
        evaluate_shard(config(tmp_path), Shard(2, 6))


def test_what_another_host_is_writing_stays_however_old_it_seems(tmp_path: Path) -> None:
    import os

    evaluate_shard(config(tmp_path), Shard(1, 6))
    theirs = tmp_path / "cells" / ".writing-0123456789ab-7-x"
    own = tmp_path / "cells" / f"{left_by()}x"
    for path in (theirs, own):
        path.write_bytes(b"half")
        os.utime(path, (0, 0))
    evaluate_shard(config(tmp_path), Shard(2, 6))
    assert theirs.exists()
    assert not own.exists()
