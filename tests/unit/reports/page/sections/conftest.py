"""A consistent made-up run, as its folder would contain it, for the report sections."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genlabel_robust.core.files.writing import json_text, sha256
from genlabel_robust.core.seeds import generator
from genlabel_robust.data.task import Scaling, Task
from genlabel_robust.runs.cells.cell import Cell, CellResult
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.folder.inputs import save_inputs
from genlabel_robust.runs.folder.manifest import manifest
from genlabel_robust.runs.folder.stored_run import StoredCell, StoredRun
from genlabel_robust.runs.plan.recipe_plan import make_plan
from genlabel_robust.runs.results.aggregate import aggregate
from genlabel_robust.runs.results.results import Results

MakeRun = Callable[..., StoredRun]

CHECKS = (
    {
        "name": "claims",
        "status": "pass",
        "sentence": "All claims held.",
        "value": 0.0,
        "bound": "at most",
        "limit": 0.01,
    },
    {
        "name": "canary-affine",
        "status": "pass",
        "sentence": "All of it was broken.",
        "value": 1.0,
        "bound": "at least",
        "limit": 0.99,
    },
)
TIMES = {
    "started": "1970-01-01T00:00:00+00:00",
    "finished": "1970-01-01T00:01:00+00:00",
    "seconds": 60.0,
}
CANARIES = {
    "affine": {
        "eps": 0.107,
        "broken": 1.0,
        "attacks": {
            "fgsm": {"broken": 0.6, "median_ratio": 1.338, "lost": 0, "outside": 0},
            "pgd": {"broken": 1.0, "median_ratio": None, "lost": 0, "outside": 0},
        },
    },
    "forest": {
        "eps": 0.05,
        "broken": None,
        "attacks": {"fgsm": {"broken": None, "median_ratio": None, "lost": 0, "outside": 0}},
    },
}


def _task(name: str, features: Sequence[str], classes: Sequence[str], n: int) -> Task:
    rng = generator(0, name)
    x = rng.uniform(0, 10, (2 * n, len(features)))
    y = np.arange(2 * n) % len(classes)
    scaling = Scaling("range", x[:n].min(axis=0), np.ptp(x[:n], axis=0))
    return Task(
        name,
        x[:n],
        y[:n],
        x[n:],
        y[n:],
        np.arange(n, 2 * n),
        tuple(features),
        tuple(classes),
        scaling,
        notices=("Dropped 1 column.",),
    )


def _result(cell: Cell, task: Task, exact: bool) -> CellResult:
    n, attacks = len(task.y_test), [attack.name for attack in cell.attacks]
    rng = generator(cell.seed, cell.strategy, cell.dataset)
    predictions = np.where(rng.random(n) < 0.1, (task.y_test + 1) % task.n_classes, task.y_test)
    true = rng.exponential(0.12, n)
    far = rng.random((len(attacks), n)) < 0.2
    distances = np.where(far, np.inf, true * rng.uniform(1.0, 1.3, (len(attacks), n)))
    wrong = predictions != task.y_test
    distances[:, wrong] = 0.0
    reach = np.where(np.isfinite(distances), distances, np.nan)[:, :, None]
    adversarial = task.x_test + reach * task.scaling.scale
    outcomes = np.where(far, 1, 0)
    outcomes[:, wrong] = 4
    return CellResult(
        ids=task.test_ids,
        labels=task.y_test,
        predictions=predictions,
        logit_margin=np.ones(n),
        attacks=tuple(attacks),
        needs=tuple(attack.needs for attack in cell.attacks),
        distances=distances,
        outcomes=outcomes,
        queries=np.ones_like(outcomes),
        adversarial=adversarial,
        exact=np.where(wrong, 0.0, true) if exact else None,
        hyper_parameters={"learning_rate": 0.01},
    )


@pytest.fixture
def make_run(tmp_path: Path) -> MakeRun:
    """Return a function that makes a run; its arguments are settings of ``RunConfig``."""

    def make(
        datasets: Sequence[str] = ("two",),
        features: Sequence[str] = ("height", "weight"),
        classes: Sequence[str] = ("no", "yes"),
        exact: bool = False,
        n: int = 20,
        changes: Mapping[str, Any] | None = None,
        **settings: Any,
    ) -> StoredRun:
        given = {"strategies": ("vanilla", "mixup"), "seeds": 2, "suite": "quick-1", **settings}
        tasks = {name: _task(name, features, classes, n) for name in datasets}
        config = RunConfig(datasets=tuple(datasets), checks="off", **given)
        plan = make_plan(config, tasks)
        found = [(cell, _result(cell, tasks[cell.dataset], exact)) for cell in plan.cells]
        results = json.loads(json_text(aggregate(plan, found)))
        results |= {"checks": "quick", "canaries": copy.deepcopy(CANARIES), **(changes or {})}
        for row in results["rows"]:
            row["checks"] = copy.deepcopy(list(CHECKS))
        groups: dict[tuple[str, str, str], list[tuple[Cell, CellResult]]] = {}
        for cell, result in found:
            key = (cell.dataset, cell.architecture, cell.strategy)
            groups.setdefault(key, []).append((cell, result))
        save_inputs(tmp_path, tasks.values())
        (tmp_path / "results.json").write_text(json_text(results), encoding="utf-8")
        return StoredRun(
            tmp_path,
            json.loads(json_text(manifest(plan, {"eps": "option"}, TIMES))),
            Results(results),
            {key: Panel([result for _, result in members]) for key, members in groups.items()},
            {
                key: tuple(
                    StoredCell(cell.key, *key[:2], key[2], cell.seed, {}) for cell, _ in members
                )
                for key, members in groups.items()
            },
            sha256((tmp_path / "results.json").read_bytes()),
        )

    return make


def multiplied(run: StoredRun, times: int) -> StoredRun:
    """Return ``run`` with its one data set repeated under several names."""
    (first,) = run.results["datasets"]
    names = [f"{first}-{index}" for index in range(times)]
    results = dict(run.results)
    results["datasets"] = dict.fromkeys(names, run.results["datasets"][first])
    for part in ("rows", "differences"):
        results[part] = [one | {"dataset": name} for name in names for one in run.results[part]]
    panels = {(name, *key[1:]): panel for name in names for key, panel in run.panels.items()}
    cells = {(name, *key[1:]): cell for name in names for key, cell in run.cells.items()}
    return replace(run, results=Results(results), panels=panels, cells=cells)


@pytest.fixture
def multiply() -> Callable[[StoredRun, int], StoredRun]:
    return multiplied


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # none of our own elements has them: they would come out of a name
        assert not [key for key, _ in attrs if key.startswith("on") or key in ("src", "style")]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture
def words() -> Callable[[str], str]:
    """Return a function that gives the text of well-formed HTML, with whitespace collapsed."""

    def text(markup: str) -> str:
        parser = _Words()
        parser.feed(markup)
        parser.close()
        assert parser.open == []
        return " ".join(" ".join(parser.words).split())

    return text
