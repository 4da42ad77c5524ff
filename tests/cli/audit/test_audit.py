"""Audits of models of five libraries, compared with the libraries' own predictions."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from genlabel_robust.cli.main import run as command

if TYPE_CHECKING:
    from tests.cli.audit.conftest import Native, Table

EPS = 0.05
ROWS = 60
FORMATS = ("onnx", "skops", "xgboost", "lightgbm", "torch")


@pytest.fixture(scope="module")
def audits(
    cancer: Table, natives: dict[str, Native], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """One audit of each model, with the default suite and checks."""
    folder = tmp_path_factory.mktemp("audits")
    _asked(cancer).to_csv(folder / "asked.csv", index=False)
    for name in FORMATS:
        native = natives[name]
        code = command(
            [
                "audit",
                str(native.path),
                "--data",
                str(folder / "asked.csv"),
                "--target",
                "diagnosis",
                "--reference",
                str(cancer.train_file),
                "--eps",
                str(EPS),
                *native.options,
                "-q",
                "--format",
                "json",
                "--out",
                str(folder / name),
            ]
        )
        assert code == 0
    return {name: folder / name for name in FORMATS}


def _asked(cancer: Table) -> pd.DataFrame:
    """Return the rows that the audits attack."""
    return cancer.test[:ROWS]


def _results(run: Path) -> Any:
    return json.loads((run / "results.json").read_text(encoding="utf-8"))


def _stored_attacks(run: Path) -> list[str]:
    """Return the attacks of the only cell, in the order of its arrays.

    Results list fewer, without those that the suite reserves for other models.
    """
    (file,) = (run / "cells").glob("*.json")
    names: list[str] = json.loads(file.read_text(encoding="utf-8"))["attacks"]
    return names


@pytest.mark.parametrize("name", FORMATS)
def test_clean_accuracy_is_that_of_the_library(
    name: str, audits: dict[str, Path], natives: dict[str, Native], cancer: Table
) -> None:
    asked = _asked(cancer)
    x, y = asked.drop(columns="diagnosis").to_numpy(), asked["diagnosis"].to_numpy()
    (row,) = _results(audits[name])["rows"]
    assert row["clean_accuracy"]["value"] == (natives[name].predict(x) == y).mean()
    assert row["clean_accuracy"]["value"] > 0.9


@pytest.mark.parametrize("name", FORMATS)
def test_robust_accuracies_follow_from_the_stored_examples_and_the_library(
    name: str,
    audits: dict[str, Path],
    natives: dict[str, Native],
    cancer: Table,
    arrays: Callable[[Path], dict[str, Any]],
) -> None:
    asked = _asked(cancer)
    x, y = asked.drop(columns="diagnosis").to_numpy(), asked["diagnosis"].to_numpy()
    results, stored = _results(audits[name]), arrays(audits[name])
    (row,) = results["rows"]
    span = cancer.x.max(axis=0) - cancer.x.min(axis=0)
    robust, names = {}, _stored_attacks(audits[name])
    broken_by = [*zip(names, stored["adversarial"], strict=True)]
    broken_by += [("a proof", stored["certified_witness"])]
    for attack, examples in broken_by:
        standing = natives[name].predict(x) == y
        for i in np.flatnonzero(np.isfinite(examples).all(axis=1) & standing):
            near = np.abs((examples[i] - x[i]) / span).max() <= EPS * (1 + 1e-5)
            standing[i] = not (near and natives[name].predict(examples[i : i + 1])[0] != y[i])
        robust[attack] = standing
    told = {a: rate["value"] for a, rate in row["attacks"].items() if rate is not None}
    assert told
    assert told == {attack: robust[attack].mean() for attack in told}
    # an attack without a figure has no example either
    clean = row["clean_accuracy"]["value"]
    assert all(robust[attack].mean() == clean for attack in names if attack not in told)
    worst = np.all([robust[attack] for attack in (*told, "a proof")], axis=0).mean()
    assert row["robust_accuracy"]["value"] == worst < row["clean_accuracy"]["value"]


@pytest.mark.parametrize("name", FORMATS)
def test_the_examples_mislead_the_library_in_one_batch_as_well(
    name: str,
    audits: dict[str, Path],
    natives: dict[str, Native],
    cancer: Table,
    arrays: Callable[[Path], dict[str, Any]],
) -> None:
    y, stored = _asked(cancer)["diagnosis"].to_numpy(), arrays(audits[name])
    for examples, distances in zip(stored["adversarial"], stored["distances"], strict=True):
        found = np.isfinite(distances) & (distances > 0)
        if found.any():
            assert (natives[name].predict(examples[found]) != y[found]).all()


@pytest.mark.nightly(but=["onnx"])
@pytest.mark.parametrize("name", FORMATS)
def test_a_fresh_audit_can_be_verified(name: str, audits: dict[str, Path], call: Any) -> None:
    done = call("verify", audits[name])
    assert done.code == 0, done.stdout + done.stderr
    assert "SHA-256 of the model file: " in done.stdout


def test_white_box_attacks_ran_where_there_are_gradients(audits: dict[str, Path]) -> None:
    for name, run in audits.items():
        results = _results(run)
        (row,) = results["rows"]
        # the skops file is of a linear classifier, whose weights are its gradients
        ran = name in ("onnx", "skops", "torch")
        assert (row["attacks"]["pgd"] is not None) is ran
        assert (results["model"]["knowledge"] == "gradients") is ran
        text = (run / "report.md").read_text(encoding="utf-8")
        assert ("White-box attacks (fgsm, pgd) did not run" in text) is not ran
        page = (run / "report.html").read_text(encoding="utf-8")
        assert ("White-box attacks (fgsm, pgd) did not run" in page) is not ran
        assert results["model"]["sha256"] in page
