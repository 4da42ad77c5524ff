"""Adversarial examples of one model, tried on the others."""

from __future__ import annotations

import json

import numpy as np
import pytest

from genlabel_robust import evaluate
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.folder.store import RunFolder
from genlabel_robust.runs.folder.weights import read_model
from genlabel_robust.runs.plan.recipe_plan import make_plan
from genlabel_robust.threat.threat_model import within

SETTINGS = {
    "datasets": "iris",
    "strategies": ("vanilla", "mixup"),
    "eps": 0.1,
    "seeds": 1,
    "jobs": 1,
    "attacks": ("fgsm", "pgd"),
    "architectures": ("logistic", "sklearn:random-forest"),
    "checks": "off",
    "settings": {"architecture": {"sklearn:random-forest": {"n_estimators": 5}}},
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return evaluate(**SETTINGS, transfer=True, out=str(tmp_path_factory.mktemp("transfer") / "r"))


def test_models_read_back_predict_the_same(run) -> None:
    plan = make_plan(RunConfig(**SETTINGS, transfer=True, out=str(run.path)))
    folder = RunFolder(run.path)
    for cell in plan.cells:
        task = plan.tasks[cell.dataset]
        model = read_model(folder.weights(cell.key), cell, task.n_features, task.n_classes)
        stored = folder.load_cell(cell.key).predictions
        assert (model.predict(task.x_test) == stored).all()


def test_transfer_is_stored_apart_and_counts_what_it_alone_broke(run) -> None:
    rows = json.loads((run.path / "transfer.json").read_text())["rows"]
    by_name = {(r["strategy"], r["architecture"]): r for r in rows}
    assert len(by_name) == len(rows) == 4
    for row in rows:
        assert 0 <= row["broken_by_transfer_only"] <= row["robust_accuracy"] <= 1
    # two logistic regressions on the same rows have much the same boundary
    assert by_name["vanilla", "logistic"]["sources"]["mixup/logistic"] > 0.1
    # no gradient attack works on a forest: it has no examples of its own to transfer
    assert by_name["vanilla", "logistic"]["sources"]["mixup/sklearn:random-forest"] == 0.0


def test_what_transfer_broke_is_broken(run) -> None:
    """By hand: the other model's perturbation, drawn out to ε inside the box, predicted again."""
    plan = make_plan(RunConfig(**SETTINGS, transfer=True, out=str(run.path)))
    folder, task = RunFolder(run.path), plan.tasks["iris"]
    cells = {c.strategy: c for c in plan.cells if c.architecture == "logistic"}
    source, victim = (folder.load_cell(cells[s].key) for s in ("mixup", "vanilla"))
    model = read_model(
        folder.weights(cells["vanilla"].key), cells["vanilla"], task.n_features, task.n_classes
    )
    extent = task.x_train.max(axis=0) - task.x_train.min(axis=0)
    low = np.minimum(task.x_train.min(axis=0), task.x_test)
    high = np.maximum(task.x_train.max(axis=0), task.x_test)
    found = source.adversarial[source.distances.argmin(axis=0), np.arange(len(task.y_test))]
    delta = (found - task.x_test) / extent
    delta *= 0.1 / np.abs(delta).max(axis=1, keepdims=True).clip(1e-12)
    moved = np.clip(task.x_test + delta * extent, low, high)
    clean = victim.predictions == victim.labels
    usable = np.isfinite(found).all(axis=1) & clean
    broken = usable.copy()
    broken[usable] = model.predict(moved[usable]) != task.y_test[usable]
    rows = json.loads((run.path / "transfer.json").read_text())["rows"]
    row = next(r for r in rows if (r["strategy"], r["architecture"]) == ("vanilla", "logistic"))
    assert row["sources"]["mixup/logistic"] == pytest.approx(broken.sum() / clean.sum(), abs=0.03)
    assert within(source.distances.min(axis=0), np.inf).any()


def test_weights_that_name_foreign_types_are_refused(tmp_path) -> None:
    import skops.io

    from genlabel_robust.core.errors import GenlabelRobustError
    from genlabel_robust.data.task import Scaling

    path = tmp_path / "x.skops"
    path.write_bytes(
        skops.io.dumps({"estimator": Scaling("range", np.zeros(1), np.ones(1)), "offset": 0})
    )
    cell = make_plan(RunConfig(**SETTINGS)).cells[-1]
    with pytest.raises(GenlabelRobustError, match="not trusted"):
        read_model(path, cell, 4, 3)
