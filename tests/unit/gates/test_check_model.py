from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import genlabel_robust
from genlabel_robust.core.errors import ConfigurationError, NotApplicableError, OutputError
from genlabel_robust.gates.baselines.baseline import read_baseline, save_baseline
from genlabel_robust.gates.check_model import check_model, keep_model
from genlabel_robust.gates.verdicts.figures import ComparedRates
from genlabel_robust.gates.verdicts.terms import Terms

pytestmark = pytest.mark.usefixtures("known_canaries")

RNG = np.random.default_rng(0)
X = RNG.uniform(-1, 1, (160, 2))
Y = (X[:, 0] > 0).astype(int)
TERMS = Terms(mode="checkpoint", max_drop=0.01)


def affine(turned: float = 0.0, factor: float = 3.0) -> nn.Linear:
    module = nn.Linear(2, 2, bias=False)
    with torch.no_grad():
        module.weight.copy_(factor * torch.tensor([[-1.0, -turned], [1.0, turned]]))
    return module


class Folder:
    """A baseline of ``affine()``, and folders for runs."""

    def __init__(self, path: Path) -> None:
        self.path, self.baseline, self._count = path, path / "b.zip", 0

    def how(self, **more: Any) -> dict[str, Any]:
        self._count += 1
        out = self.path / f"run{self._count}"
        fixed = {
            "suite": "quick",
            "eps": 0.05,
            "terms": TERMS,
            "baseline": self.baseline,
            "test": "test_it.py::test_mine",
        }
        return {**fixed, "out": out, **more}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory, known_canaries: None) -> Path:
    """The baseline of ``affine()``, which tests must not change."""
    kept = Folder(tmp_path_factory.mktemp("first"))
    keep_model(affine(), X, Y, name="mine", reason="first", **kept.how())
    return kept.baseline


@pytest.fixture
def folder(first: Path, tmp_path: Path) -> Folder:
    kept = Folder(tmp_path)
    shutil.copy(first, kept.baseline)
    return kept


def test_a_baseline_of_another_test_is_refused_before_anything_is_attacked(folder: Folder) -> None:
    told = r"b.zip belongs to the test test_it.py::test_mine, and b.py::t would be held to it"
    before = folder.baseline.read_bytes()
    for ask, more in ((check_model, {}), (keep_model, {"name": "mine", "reason": "again"})):
        how = folder.how(test="b.py::t", **more)
        with pytest.raises(ConfigurationError, match=told):
            ask(affine(1.0), X, Y, **how)
        assert not how["out"].exists()
    assert folder.baseline.read_bytes() == before


def test_the_same_model_is_identical_with_too_few_rows_for_statistics(folder: Folder) -> None:
    result = check_model(affine(), X, Y, **folder.how())
    (verdict,) = result.verdicts
    assert result.status == "pass"
    assert verdict.figures.identical
    assert verdict.figures.baseline == verdict.figures.candidate
    assert verdict.sentence.startswith("PASS mine linf 0.05 (checkpoint): identical weights")
    assert "No reference rows" in result.notes[0]


def test_other_weights_are_judged_by_statistics(folder: Folder) -> None:
    result = check_model(affine(0.001), X, Y, **folder.how())
    assert result.status == "inconclusive"
    assert check_model(affine(1.0), X, Y, **folder.how()).status == "fail"


def test_what_hides_from_gradients_meets_the_baseline_s_examples(folder: Folder) -> None:
    def labels(x: np.ndarray) -> np.ndarray:
        return (x[:, 0] > 0).astype(int)

    result = check_model(labels, X, Y, **folder.how())
    assert result.status == "not evaluated"
    assert "'fgsm' could not work on the candidate" in result.verdicts[0].sentence
    # stepped logits: no gradient anywhere, and it decides as the baseline does
    stepped = nn.Sequential(affine(), nn.Hardtanh(), nn.Softsign())
    stepped.append(nn.Threshold(0.0, -1.0)).append(nn.Hardtanh(-1.0, 1e-3))
    assert check_model(stepped, X, Y, **folder.how()).status != "pass"


def test_a_callable_is_held_to_the_baseline_s_own_examples(tmp_path: Path) -> None:
    kept = Folder(tmp_path)
    how = {"terms": Terms(mode="checkpoint", max_drop=0.05)}
    keep_model(_Labels(0.0), X, Y, name="mine", reason="r", **kept.how(**how))
    result = check_model(_Labels(0.0), X, Y, **kept.how(**how))
    assert result.status == "pass"
    assert isinstance(result.verdicts[0].figures, ComparedRates)


class _Labels:
    def __init__(self, at: float) -> None:
        self.at = at

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return (x[:, 0] > self.at).astype(int)


def test_an_update_keeps_the_history(folder: Folder) -> None:
    result = keep_model(affine(1.0), X, Y, name="mine", reason="better", **folder.how())
    assert result.verdicts[0].sentence.startswith("SAVED mine linf 0.05: robust ")
    with read_baseline(folder.baseline) as known:
        assert [entry.reason for entry in known.about.history] == ["first", "better"]
    assert check_model(affine(1.0), X, Y, **folder.how()).status == "pass"


def test_what_no_attack_can_work_on_is_not_kept(tmp_path: Path) -> None:
    kept = Folder(tmp_path)
    with pytest.raises(NotApplicableError, match="no attack of suite quick-1 can work here"):
        keep_model(_Labels(0.0), X, Y, name="mine", reason="r", **kept.how(suite="quick-1"))
    assert not kept.baseline.exists()


def test_a_floor_is_judged_with_the_baseline_and_before_one_is_kept(folder: Folder) -> None:
    floor = Terms(mode="checkpoint", max_drop=0.01, min_robust=0.5)
    result = check_model(affine(), X, Y, **folder.how(terms=floor))
    assert [v.status for v in result.verdicts] == ["pass", "pass"]
    high = Terms(mode="checkpoint", max_drop=0.01, min_robust=0.999)
    before = folder.baseline.read_bytes()
    result = keep_model(affine(1.0), X, Y, name="mine", reason="r", **folder.how(terms=high))
    assert result.status == "fail"
    assert folder.baseline.read_bytes() == before


def test_a_missing_baseline_is_told_before_anything_is_attacked(tmp_path: Path) -> None:
    kept = Folder(tmp_path)
    with pytest.raises(OutputError, match="there is no baseline"):
        check_model(affine(), X, Y, **kept.how())
    assert list(tmp_path.iterdir()) == []


def test_a_model_takes_the_names_of_a_baseline_that_a_run_made(tmp_path: Path) -> None:
    from genlabel_robust.data.load import load_task
    from genlabel_robust.data.splitting.splits import SplitConfig
    from genlabel_robust.runs.folder.stored_run import read_run

    run = genlabel_robust.evaluate(
        datasets="iris",
        strategies="vanilla",
        architectures="logistic",
        seeds=1,
        suite="quick",
        settings={"train": {"epochs": 5}},
        jobs=1,
        out=tmp_path / "run",
    )
    save_baseline(run.path, tmp_path / "b.zip")
    task = load_task("iris", SplitConfig(), "range")
    stored = read_run(run.path)
    trained = stored.model(next(iter(stored.cells.values()))[0])
    frame_like = {"classes": [0, 1, 2], "reference": task.x_train, "suite": "quick"}
    result = check_model(
        lambda x: trained.scores(x),
        task.x_test,
        task.y_test,
        baseline=tmp_path / "b.zip",
        terms=TERMS,
        out=tmp_path / "now",
        test="t.py::t",
        **frame_like,
    )
    assert result.status == "not comparable"  # an array has no names of features
    assert "iris/vanilla/logistic" in result.verdicts[0].sentence
    assert "the names of the features" in result.verdicts[0].sentence
