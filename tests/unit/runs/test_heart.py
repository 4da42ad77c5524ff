"""A case in which checks once contradicted a run: boosted trees on openml:1498, ε = 0.03."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.model_selection import train_test_split

from genlabel_robust.runs.audit import audit

Row = dict[str, Any]


@pytest.fixture(scope="module")
def row_of(real_data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Row]:
    table = pd.read_csv(real_data_folder / "1498_sa-heart.csv").astype(float)
    x, y = table.iloc[:, :-1].to_numpy(), table.iloc[:, -1].to_numpy()
    train, test, y_train, y_test = train_test_split(x, y, test_size=0.3, random_state=0, stratify=y)
    test, _, y_test, _ = train_test_split(
        test, y_test, train_size=100, random_state=0, stratify=y_test
    )
    model = GradientBoostingClassifier(random_state=0).fit(train, y_train)

    def run(suite: str, certify: str = "off") -> Row:
        (row,) = audit(
            model,
            test,
            y_test,
            reference=train,
            eps=0.03,
            norm="linf",
            suite=suite,
            max_examples=60,
            certify=certify,
            out=str(tmp_path_factory.mktemp("heart") / "run"),
        ).results["rows"]
        return row

    return run


def status(row: Row) -> dict[str, str]:
    return {check["name"]: check["status"] for check in row["checks"]}


def test_labels_along_lines_alone_do_not_pass_as_an_attack(row_of: Callable[..., Row]) -> None:
    row = row_of("standard-1")
    # 23.3 % is right
    assert row["attacks"]["sign-bisect"]["value"] == pytest.approx(0.483, abs=0.02)
    # what changes of one column break counts as well, and is not all that can be broken
    assert row["robust_accuracy"]["value"] == pytest.approx(0.417, abs=0.02)
    assert status(row)["search-against-single-features"] == "warn"
    assert status(row)["canary-forest"] == "fail"


def test_the_worst_case_holds_what_noise_breaks(row_of: Callable[..., Row]) -> None:
    row = row_of("standard")
    assert row["robust_accuracy"]["value"] <= row["attacks"]["noise"]["value"] < 0.35
    # never below what is right
    assert row["robust_accuracy"]["value"] >= 0.233 - 0.02


def test_proofs_give_what_is_right_whatever_the_attacks(row_of: Callable[..., Row]) -> None:
    row = row_of("standard-1", certify="auto")
    assert row["exact_robust_accuracy"]["value"] == pytest.approx(0.233, abs=0.02)
    assert row["robust_accuracy"] == row["exact_robust_accuracy"] == row["certified_accuracy"]
    gap = next(c for c in row["checks"] if c["name"] == "exact-gap")
    assert gap["value"] == pytest.approx(0.25, abs=0.03)
    assert "25 points above the exact value" in gap["sentence"]
    assert "fail" not in status(row).values()
