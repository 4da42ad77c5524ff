"""A repeated command that computes nothing leaves the run's date unchanged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from genlabel_robust.core.files.writing import write_text
from genlabel_robust.runs.evaluate import evaluate
from genlabel_robust.runs.folder.changes.unchanged import Ended

ASK: dict[str, Any] = {
    "datasets": "iris",
    "strategies": "vanilla",
    "architectures": "logistic",
    "seeds": 1,
    "suite": "quick",
    "checks": "off",
    "train": {"epochs": 5},
    "jobs": 1,
}


def test_only_a_run_that_computes_something_gets_a_new_date(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    evaluate(**ASK, out=folder)
    path = folder / "manifest.json"
    first = json.loads(path.read_text())
    dated = first | {
        "started": "2026-01-02T03:04:05+00:00",
        "finished": "2026-01-02T03:04:09+00:00",
    }
    path.write_text(json.dumps(dated | {"seconds": 4.0}))
    evaluate(**ASK, out=folder)
    again = json.loads(path.read_text())
    assert (again["finished"], again["seconds"]) == (dated["finished"], 4.0)
    (key,) = again["cells"]
    (folder / f"cells/{key}.npz").unlink()
    evaluate(**ASK, out=folder)
    assert json.loads(path.read_text())["finished"] != dated["finished"]


@pytest.mark.parametrize("lacks", ["manifest.json", "results.json", "cells/k.json", "end", None])
def test_a_run_that_did_not_end_has_no_date(lacks: str | None, tmp_path: Path) -> None:
    finished = None if lacks == "end" else "2026-01-02T03:04:05+00:00"
    times = {"started": "2026-01-02T03:04:00+00:00", "finished": finished, "seconds": 5.0}
    for name in ("results.json", "cells/k.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        write_text(tmp_path / name, "{}")
    write_text(tmp_path / "manifest.json", json.dumps(times))
    if lacks not in ("end", None):
        (tmp_path / str(lacks)).unlink()
    ended = Ended.of(tmp_path, ["k"])
    assert bool(ended.times) is (lacks is None)
    if lacks is None:
        assert ended.still(tmp_path, ["k"])
        write_text(tmp_path / "results.json", "[]")
        assert not ended.still(tmp_path, ["k"])
