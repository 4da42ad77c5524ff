from __future__ import annotations

import pytest

from genlabel_robust.paper.tables.published import (
    datasets,
    measured_strategies,
    published,
    published_value,
    strategies,
)
from genlabel_robust.strategies import DEFAULT_STRATEGIES, STRATEGIES

ACCURACY_SETS = ("721", "777", "792", "830", "855", "913", "1413", "1498")
ROBUST_SETS = ("446", "468", "683", "755", "763", "1413")


def test_the_tables_have_56_and_36_cells_none_of_them_missing():
    for table, n_datasets, n_strategies in (("accuracy", 8, 7), ("robust_accuracy", 6, 6)):
        cells = published(table)
        assert len(cells) == n_datasets * n_strategies
        assert set(cells) == {(d, s) for d in datasets(table) for s in strategies(table)}
        assert all(0.0 < value < 1.0 for value in cells.values())


def test_the_order_is_that_of_the_tables():
    assert datasets("accuracy") == tuple(f"openml:{number}" for number in ACCURACY_SETS)
    assert set(datasets("robust_accuracy")) == {f"openml:{number}" for number in ROBUST_SETS}
    for table in ("accuracy", "robust_accuracy"):
        assert strategies(table)[:3] == ("vanilla", "adamixup", "mixup")


def test_every_strategy_is_registered():
    named = {*strategies("accuracy"), *strategies("robust_accuracy")}
    assert named <= set(STRATEGIES)
    assert named == set(DEFAULT_STRATEGIES)


@pytest.mark.parametrize(
    ("table", "number", "strategy", "percent"),
    [
        ("accuracy", 1413, "vanilla", 95.56),
        ("accuracy", 1413, "mixup", 88.00),
        ("accuracy", 1413, "genlabel-gm", 96.00),
        ("accuracy", 777, "genlabel-kde", 58.67),
        ("accuracy", 830, "genlabel-gm", 86.13),
        ("accuracy", 1498, "mixup", 66.76),
        ("robust_accuracy", 1413, "genlabel-nn", 77.33),
        ("robust_accuracy", 1413, "vanilla", 68.00),
    ],
)
def test_a_cell_is_the_fraction_of_the_printed_percent(table, number, strategy, percent):
    assert published(table)[f"openml:{number}", strategy] == pytest.approx(percent / 100)


@pytest.mark.parametrize("table", ["accuracy", "robust_accuracy"])
def test_adamixup_is_measured_as_the_authors_code_has_it_and_as_its_paper(table):
    found = measured_strategies(table)
    assert found[:4] == ("vanilla", "adamixup-fixed-policy", "adamixup", "mixup")
    assert set(found) == {*strategies(table), "adamixup-fixed-policy"} <= set(STRATEGIES)
    for dataset in datasets(table):
        cell = published(table)[dataset, "adamixup"]
        assert published_value(table, dataset, "adamixup-fixed-policy") == cell
        assert published_value(table, dataset, "adamixup") is None
        assert published_value(table, dataset, "mixup") == published(table)[dataset, "mixup"]
    assert published_value(table, "openml:187", "mixup") is None


def test_the_numbers_cannot_be_changed():
    with pytest.raises(TypeError, match="does not support item assignment"):
        published("accuracy")["openml:1413", "vanilla"] = 1.0
