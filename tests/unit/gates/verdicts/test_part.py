"""Endpoints about a group of test rows: names, parsing, and matching on both sides."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genlabel_robust.core.errors import ConfigurationError, OutputError, UnknownNameError
from genlabel_robust.gates.verdicts.endpoint import parse_endpoint
from genlabel_robust.gates.verdicts.part import part_of, rows_of, unlike_parts
from genlabel_robust.runs.cells.cell import CellResult
from genlabel_robust.runs.folder.stored_run import Group, StoredRun

N = 60
ODD = ("rows where x=1.csv#y", "mlp", "mixup")
LEVELS = ("a where b", "c:d@0.1", "few")
CODES = np.repeat([0, 1, 2], [25, 25, 10])


def write(folder: Path, codes: Any, levels: tuple[str, ...] = LEVELS) -> None:
    column = {"name": "si te", "levels": levels, "codes": list(codes)}
    (folder / "inputs").mkdir(exist_ok=True)
    content = json.dumps({"ids": list(range(N)), "columns": [column]})
    (folder / "inputs" / "c.by.json").write_text(content)


@pytest.fixture
def run(
    make_run: Callable[..., StoredRun],
    make_result: Callable[..., CellResult],
    group: Group,
    tmp_path: Path,
) -> StoredRun:
    one = [make_result([[0.2] * N])]
    write(tmp_path, map(int, CODES))
    return replace(make_run({group: one, ODD: one}), path=tmp_path)


@pytest.mark.parametrize("subject", ["iris/vanilla/mlp", "rows where x=1.csv#y/mixup/mlp"])
@pytest.mark.parametrize("part", [None, "si te=a where b", "si te=c:d@0.1"])
def test_every_name_is_read_back_as_the_same_endpoint(
    run: StoredRun, subject: str, part: str | None
) -> None:
    text = f"robust@0.1:{subject}" + ("" if part is None else f" where {part}")
    endpoint = parse_endpoint(text, run)
    assert (endpoint.name, endpoint.part) == (text, part)
    assert parse_endpoint(endpoint.name, run) == endpoint


def test_the_rows_of_an_endpoint_are_those_of_its_group(run: StoredRun) -> None:
    endpoint = parse_endpoint("clean:iris/vanilla/mlp where si te=c:d@0.1", run)
    rows = rows_of(endpoint, run)
    assert rows is not None
    assert rows.tolist() == (CODES == 1).tolist()
    panel = part_of(run.panels[endpoint.group], rows)
    assert len(panel.labels) == 25
    whole = parse_endpoint("clean:iris/vanilla/mlp", run)
    assert rows_of(whole, run) is None
    assert len(part_of(run.panels[whole.group], None).labels) == N


def test_groups_that_cannot_be_judged_are_refused(run: StoredRun, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="the run has no group of test rows 'si te=e'"):
        parse_endpoint("clean:iris/vanilla/mlp where si te=e", run)
    with pytest.raises(ConfigurationError, match="'si te=few' has 10 test rows"):
        parse_endpoint("clean:iris/vanilla/mlp where si te=few", run)
    with pytest.raises(UnknownNameError, match="the gate has no measure 'cleen'"):
        parse_endpoint("cleen where si te=few", run)
    (tmp_path / "inputs" / "c.by.json").unlink()
    with pytest.raises(ConfigurationError, match="was made without --by"):
        parse_endpoint("clean:iris/vanilla/mlp where si te=few", run)


def test_a_group_of_other_rows_is_not_the_same_group(run: StoredRun, tmp_path: Path) -> None:
    endpoint = parse_endpoint("clean:iris/vanilla/mlp where si te=a where b", run)
    other = tmp_path / "other"
    other.mkdir()
    now = replace(run, path=other)
    assert unlike_parts(endpoint, run, run) is None
    assert unlike_parts(endpoint, run, now) == (
        "the run has no group 'si te=a where b'; make it anew with --by COLUMN"
    )
    write(other, map(int, np.roll(CODES, 1)))
    told = unlike_parts(endpoint, run, now)
    assert told == "group 'si te=a where b' has other rows in the baseline than now"
    assert unlike_parts(replace(endpoint, part=None), run, now) is None


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"ids": 3, "columns": []}',
        '{"ids": [], "columns": [{"name": "a", "numbers": [1]}]}',
        '{"ids": [0], "columns": [{"name": "a", "numbers": ["x"]}]}',
        '{"ids": [0], "columns": [{"name": "a", "levels": ["x"], "codes": [7]}]}',
        '{"ids": [0], "columns": "abc"}',
        '{"ids": [0], "columns": [{"name": "a", "numbers": [1]}]}',
    ],
)
def test_a_damaged_file_of_groups_is_one_error(
    run: StoredRun, tmp_path: Path, content: str
) -> None:
    (tmp_path / "inputs" / "c.by.json").write_text(content)
    with pytest.raises(OutputError):
        run.subgroup_rows("iris")
