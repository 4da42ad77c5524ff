from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from genlabel_robust.core.errors import UnknownNameError
from genlabel_robust.runs.folder.stored_run import StoredRun
from genlabel_robust.runs.results.differences import differences
from genlabel_robust.side_by_side import strategy_differences

Make = Callable[..., Any]
COLUMNS = ["difference", "low", "high"]


@pytest.fixture
def three(make_run: Make, make_cell: Make) -> StoredRun:
    """Three strategies on 100 rows; the last is robust on 60 rows more than the first."""
    weak = np.full(100, 0.05)
    strong = np.where(np.arange(100) < 60, 0.25, 0.05)
    unknown = np.where(np.arange(100) < 60, np.inf, 0.05)
    cells = {"weak": weak, "unknown": unknown, "strong": strong}
    run = make_run({("iris", "mlp", name): [make_cell(of)] for name, of in cells.items()})
    run.results["differences"] = [
        one.as_dict() for one in differences(run.panels, run.results.threat)
    ]
    found: StoredRun = run
    return found


def test_every_pair_is_there_once_in_the_order_of_the_run(three: StoredRun) -> None:
    table = strategy_differences(three)
    pairs = table[["strategy", "reference"]].drop_duplicates().to_numpy().tolist()
    assert pairs == [["unknown", "weak"], ["strong", "weak"], ["strong", "unknown"]]
    rates = table[table["unit"] == "fraction of test rows"]
    stored = three.results.differences
    assert len(rates) == len(stored) == 6
    by_names = rates.set_index(["strategy", "reference", "measure"])
    for one in stored:
        row = by_names.loc[(one.strategy, one.reference, one.measure)]
        found = one.difference
        assert row[COLUMNS].tolist() == [found.value, found.low, found.high]


def test_a_difference_beyond_chance_excludes_zero_and_no_other_does(three: StoredRun) -> None:
    table = strategy_differences(three).set_index(["strategy", "reference", "measure"])
    robust = table.loc[("strong", "weak", "robust_accuracy")]
    assert robust["difference"] == pytest.approx(0.6)
    assert robust["eps"] == 0.1
    assert robust["excludes_zero"]
    assert robust["note"] == "60 answers are open"
    assert not table.loc[("strong", "weak", "clean_accuracy"), "excludes_zero"]
    assert not table.loc[("strong", "unknown", "robust_accuracy"), "excludes_zero"]


def test_margins_differ_by_the_median_row_where_both_medians_are_known(three: StoredRun) -> None:
    table = strategy_differences(three)
    (row,) = table[table["measure"] == "margin"].to_dict("records")
    assert (row["strategy"], row["reference"]) == ("strong", "weak")
    assert row["difference"] == pytest.approx(0.2)
    assert row["unit"] == "distance in the unit of ε"
    assert row["note"] == "of the nearest examples found"
    assert np.isnan(row["eps"])


def test_of_one_strategy_each_pair_is_that_strategy_minus_the_other(three: StoredRun) -> None:
    every = strategy_differences(three)
    table = strategy_differences(three, "weak")
    assert set(table["strategy"]) == {"weak"}
    assert set(table["reference"]) == {"unknown", "strong"}
    keys = ["reference", "measure"]
    turned = table.set_index(keys)[COLUMNS]
    there = every[every["reference"] == "weak"].drop(columns="reference")
    there = there.rename(columns={"strategy": "reference"}).set_index(keys)[COLUMNS]
    assert (turned["difference"] == -there["difference"]).all()
    assert (turned["low"] == -there["high"]).all()
    assert (turned["high"] == -there["low"]).all()


def test_another_strategy_is_an_error_that_names_those_of_the_run(three: StoredRun) -> None:
    with pytest.raises(UnknownNameError, match="'stron'; did you mean 'strong'"):
        strategy_differences(three, "stron")


def test_one_model_has_no_differences(make_run: Make, make_cell: Make) -> None:
    run = make_run({("iris", "mlp", "only"): [make_cell([0.1, 0.2])]})
    run.results["differences"] = []
    table = strategy_differences(run)
    assert len(table) == 0
    assert "excludes_zero" in table
