from __future__ import annotations

import pytest

from genlabel_robust.paper.published import datasets, published, strategies
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


def test_the_numbers_cannot_be_changed():
    with pytest.raises(TypeError, match="does not support item assignment"):
        published("accuracy")["openml:1413", "vanilla"] = 1.0
