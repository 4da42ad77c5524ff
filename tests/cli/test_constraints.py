"""Runs with constraints on single features; stored examples are checked from raw rows alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from jsonschema import Draft202012Validator
from safetensors.numpy import load_file
from scipy.optimize import linprog

import genlabel_robust
from genlabel_robust.attacks.training.step import training_step
from genlabel_robust.data.sources.files import read_frame
from genlabel_robust.runs.results.schema import results_schema

if TYPE_CHECKING:
    from tests.cli.conftest import Call

EPS = 0.4
WEIGHTS = {"score": 0.5, "north": 4.0, "south": 4.0, "west": 4.0}
REGIONS = ["north", "south", "west"]

CONTINUOUS = """
immutable = ["sex"]
increasing = ["age"]
decreasing = ["debt"]
[constraints.weights]
score = 0.5
"""
MIXED = """
immutable = ["sex"]
increasing = ["age"]
decreasing = ["debt"]
integer = ["age", "children"]
one_hot = [["north", "south", "west"]]
[constraints.weights]
score = 0.5
north = 4.0
south = 4.0
west = 4.0
"""


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of 100 people in two classes that depend a little on every kind of feature."""
    rng = np.random.default_rng(0)
    y = np.arange(100) % 2
    frame = pd.DataFrame(
        {
            "age": rng.integers(20, 60, 100) + 8 * y,
            "income": rng.normal(30e3, 8e3, 100) + 9e3 * y,
            "debt": rng.normal(5e3, 2e3, 100) - 2e3 * y,
            "children": rng.integers(0, 4, 100) + y,
            "score": rng.normal(0.0, 1.0, 100) + y,
            "sex": rng.integers(0, 2, 100),
            **dict(zip(REGIONS, np.eye(3, dtype=int)[rng.integers(0, 3, 100)].T, strict=True)),
            "paid": np.where(y == 1, "yes", "no"),
        }
    )
    path = tmp_path_factory.mktemp("people") / "people.csv"
    frame.to_csv(path, index=False)
    return path


@dataclass(frozen=True)
class Stored:
    """The files of a run of one cell: rows of the table, and arrays of the cell."""

    results: Any
    manifest: Any
    arrays: dict[str, np.ndarray]
    weights: dict[str, np.ndarray]
    clean: pd.DataFrame
    train: pd.DataFrame

    @property
    def row(self) -> Any:
        return self.results["rows"][0]


@pytest.fixture
def run(call: Callable[..., Call], people: Path, tmp_path: Path) -> Callable[..., Stored]:
    """Evaluate one model of people under the TOML ``constraints``."""

    def evaluate(
        constraints: str, *options: str, strategy: str = "vanilla", eps: float = EPS
    ) -> Stored:
        config, out = tmp_path / "run.toml", tmp_path / "run"
        config.write_text(f"[train]\nepochs = 30\n[constraints]\n{constraints}")
        done = call(
            "evaluate",
            "--dataset",
            f"{people}#paid",
            "--strategy",
            strategy,
            "--seeds",
            "1",
            "--eps",
            str(eps),
            "--jobs",
            "1",
            "-q",
            "--config",
            config,
            "--out",
            out,
            *options,
        )
        assert done.code == 0, done.stderr
        results, manifest = (
            json.loads((out / f"{n}.json").read_bytes()) for n in ("results", "manifest")
        )
        assert list(Draft202012Validator(results_schema()).iter_errors(results)) == []
        (cell,) = (out / "cells").glob("*.npz")
        (weights,) = (out / "models").iterdir()
        with np.load(cell) as arrays:
            content = dict(arrays)
        table = read_frame(people).drop(columns="paid")
        train = table.drop(index=content["ids"])
        assert len(train) == 70
        return Stored(
            results, manifest, content, load_file(weights), table.loc[content["ids"]], train
        )

    return evaluate


def moves(stored: Stored) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
    """Return every stored adversarial row, its perturbation, and its stated distance."""
    adversarial, moved, stated = [], [], []
    arrays = stored.arrays
    found = [*zip(arrays["adversarial"], arrays["distances"], strict=True)]
    # a proof's witnesses are held to the same
    found.append((arrays["certified_witness"], arrays["certified_upper"]))
    for rows, distances in found:
        kept = np.isfinite(distances) & (distances > 0)
        changed = pd.DataFrame(rows[kept], columns=stored.clean.columns)
        adversarial.append(changed)
        moved.append(changed - stored.clean[kept].to_numpy())
        stated.append(distances[kept])
    return pd.concat(adversarial), pd.concat(moved), np.concatenate(stated)


@pytest.mark.nightly(but=["standard-linf", "standard-l2"])
@pytest.mark.parametrize("norm", ["linf", "l2"])
@pytest.mark.parametrize("suite", ["standard", "strongest"])
def test_every_stored_example_respects_the_constraints(
    suite: str, norm: str, run: Callable[..., Stored]
) -> None:
    stored = run(MIXED, "--arch", "mlp", "--suite", suite, "--norm", norm)
    changed, moved, stated = moves(stored)
    assert len(changed) > 20
    assert (moved["sex"] == 0).all()
    assert (moved["age"] >= 0).all()
    assert (moved["age"] > 0).any()
    assert (moved["debt"] <= 0).all()
    assert (changed[["age", "children"]] % 1 == 0).all().all()
    assert changed[REGIONS].isin([0, 1]).all().all()
    assert (changed[REGIONS].sum(axis=1) == 1).all()
    # a category is switched where the norm affords it: by 1/4 in each of two columns
    assert (moved[REGIONS] != 0).any().any()

    low, high = stored.train.min(), stored.train.max()
    scale = (high - low) * pd.Series(WEIGHTS).reindex(moved.columns).fillna(1.0)
    share = (moved / scale).to_numpy()
    by_hand = np.abs(share).max(axis=1) if norm == "linf" else np.sqrt((share**2).sum(axis=1))
    np.testing.assert_allclose(by_hand, stated, rtol=1e-6)
    assert (stated <= EPS * (1 + 1e-5)).any()
    grown = (moved > 0) & (changed > high * (1 + 1e-12))
    shrunk = (moved < 0) & (changed < low - 1e-12 * low.abs())
    assert not (grown | shrunk).any().any()

    certified = stored.row["certified_accuracy"]["value"]
    assert certified <= stored.row["robust_accuracy"]["value"]
    assert [c["name"] for c in stored.row["checks"] if c["status"] == "fail"] == []
    assert stored.results["threat"]["constraints"]["one_hot"] == [REGIONS]
    value = stored.row["robust_accuracy"]["value"]
    assert value < stored.row["clean_accuracy"]["value"]


def exact_by_hand(stored: Stored) -> np.ndarray:
    """Return the smallest L∞ budget (n,) that breaks each row of an affine model.

    Solves linear programs whose unknowns are the moves of the features, in training ranges, and the
    budget.
    """
    weight = stored.weights["0.weight"].astype(np.float64)
    bias = stored.weights["0.bias"].astype(np.float64)
    low, high = stored.train.min().to_numpy(), stored.train.max().to_numpy()
    names, d = list(stored.clean.columns), len(low)
    own = np.array([0.5 if name == "score" else 1.0 for name in names])
    found = []
    for raw, label in zip(stored.clean.to_numpy(), stored.arrays["labels"], strict=True):
        u = (raw - low) / (high - low)
        edges = [[min(0.0, v) - v, max(1.0, v) - v] for v in u]
        edges[names.index("sex")] = [0.0, 0.0]
        edges[names.index("age")][0] = 0.0
        edges[names.index("debt")][1] = 0.0
        toward = weight[1 - label] - weight[label]
        lead = toward @ u + bias[1 - label] - bias[label]
        # toward·δ >= -lead, |δ_i| <= own_i t
        rows = np.vstack([np.append(-toward, 0.0), np.c_[np.eye(d), -own], np.c_[-np.eye(d), -own]])
        solved = linprog(
            np.append(np.zeros(d), 1.0),
            rows,
            np.append(lead, np.zeros(2 * d)),
            bounds=[*edges, (0, None)],
        )
        found.append(solved.fun if solved.success else np.inf)
    return np.array(found)


def test_the_exact_value_of_an_affine_model_is_that_under_the_constraints(
    run: Callable[..., Stored],
) -> None:
    eps = 0.1
    stored = run(
        CONTINUOUS,
        "--arch",
        "logistic",
        "--suite",
        "standard",
        "--whole-numbers",
        "continuous",
        eps=eps,
    )
    by_hand = exact_by_hand(stored)
    clean = stored.arrays["predictions"] == stored.arrays["labels"]
    np.testing.assert_allclose(stored.arrays["exact"][clean], by_hand[clean], rtol=1e-5)
    expected = float((clean & (by_hand > eps)).mean())
    assert stored.row["exact_robust_accuracy"]["value"] == pytest.approx(expected)
    assert stored.row["margin"]["kind"] == "exact"
    assert 0 < expected < clean.mean()
    assert [c["name"] for c in stored.row["checks"] if c["status"] == "fail"] == []


@pytest.mark.nightly(but=["linf", "l2"])
@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_with_whole_numbers_an_affine_model_has_an_exact_value(
    norm: str, run: Callable[..., Stored]
) -> None:
    suite = "standard" if norm != "l1" else "strongest"
    stored = run(MIXED, "--arch", "logistic", "--suite", suite, "--norm", norm)
    exact, nearest = stored.arrays["exact"], stored.arrays["distances"].min(axis=0)
    assert (nearest >= exact * (1 - 1e-5)).all()
    assert stored.row["exact_robust_accuracy"]["value"] == (exact > EPS).mean()
    assert stored.row["margin"]["kind"] == "exact"
    robust = stored.row["robust_accuracy"]["value"]
    assert 0 <= robust - (exact > EPS).mean() <= 0.005


def test_adversarial_training_keeps_to_the_constraints(
    run: Callable[..., Stored], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[np.ndarray, np.ndarray]] = []

    def recorded(space: Any, scaling: Any, *threat: Any) -> Any:
        step = training_step(space, scaling, *threat)

        def attack(module: Any, x: Any, *rest: Any) -> Any:
            attacked = step(module, x, *rest)
            seen.append(tuple(p.numpy() * scaling.scale + scaling.offset for p in (x, attacked)))
            return attacked

        return attack

    monkeypatch.setattr("genlabel_robust.runs.execute.train.training_step", recorded)
    stored = run(MIXED, "--arch", "mlp", "--suite", "quick", strategy="adversarial")
    names = stored.clean.columns
    clean, changed = (
        pd.DataFrame(np.concatenate(rows), columns=names) for rows in zip(*seen, strict=True)
    )
    moved = changed - clean
    assert len(moved) > 1000
    # the net sees float32: to a part in a million of each feature's range
    slack = 1e-6 * (stored.train.max() - stored.train.min())
    assert (moved["sex"] == 0).all()
    assert (moved["age"] >= -slack["age"]).all()
    assert (moved["debt"] <= slack["debt"]).all()
    for name in ("age", "children", *REGIONS):
        assert (np.abs(moved[name] - moved[name].round()) <= slack[name]).all()
        assert (moved[name].round() != 0).any()
    assert (changed[REGIONS].round(3).isin([0, 1])).all().all()
    assert (changed[REGIONS].sum(axis=1).round(3) == 1).all()
    own = pd.Series(WEIGHTS).reindex(names).fillna(1.0)
    assert (moved.abs() <= EPS * 1e6 * slack * own + slack).all().all()


def test_what_was_asked_is_on_record_with_its_source(run: Callable[..., Stored]) -> None:
    stored = run(
        CONTINUOUS,
        "--arch",
        "logistic",
        "--suite",
        "quick",
        "--set",
        'constraints.immutable=["sex", "income"]',
    )
    about = stored.manifest["config"]["constraints"]
    assert about["source"] == "option"
    assert about["value"]["immutable"] == ["sex", "income"]
    assert about["value"]["weights"] == {"score": 0.5}
    assert stored.manifest["threat"]["constraints"] == about["value"]
    features = {f["name"]: f for f in next(iter(stored.results["datasets"].values()))["features"]}
    assert not features["income"]["mutable"]
    assert not features["sex"]["mutable"]
    assert features["debt"]["mutable"]
    spread = stored.train["score"].max() - stored.train["score"].min()
    assert features["score"]["raw_eps"] == [pytest.approx(EPS * 0.5 * spread)]


def test_python_takes_the_same_table(people: Path, tmp_path: Path) -> None:
    results = genlabel_robust.evaluate(
        datasets=f"{people}#paid",
        strategies="vanilla",
        architectures="logistic",
        seeds=1,
        suite="quick",
        jobs=1,
        out=str(tmp_path / "run"),
        settings={"train": {"epochs": 2}},
        constraints={"integer": ["children"]},
    ).results
    assert results["threat"]["constraints"] == {"integer": ["children"]}
