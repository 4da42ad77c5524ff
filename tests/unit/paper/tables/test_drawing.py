from __future__ import annotations

from xml.etree import ElementTree

import pytest

from genlabel_robust.paper.tables.drawing import ACCURACY, ROBUSTNESS, draw_table
from genlabel_robust.paper.tables.published import datasets, published, strategies

#: Measured for minutes, and seldom changed.
pytestmark = pytest.mark.nightly

SERIES = {"accuracy": ACCURACY, "robust_accuracy": ROBUSTNESS}


def rows(table):
    """Return the published cells, with measured numbers that differ a little from cell to cell."""
    found = []
    for number, ((dataset, strategy), value) in enumerate(published(table).items()):
        off = 0.002 * (number % 7)
        found.append(
            {
                "dataset": dataset,
                "strategy": strategy,
                "published": value,
                "measured": value - off,
                "standard_error": off or None,
                "strongest": value - off - 0.003,
                "exact": value - off - 0.005,
            }
        )
    return found


def drawn(folder, table="accuracy", cells=None):
    what = table.replace("_", " ")
    draw_table(folder, "table", rows(table) if cells is None else cells, SERIES[table], what)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def texts(files):
    root = ElementTree.fromstring(files["table.svg"])  # noqa: S314  our own
    return [node.text.strip() for node in root.iter() if node.text and node.text.strip()]


@pytest.mark.nightly(but=["robust_accuracy"])
@pytest.mark.parametrize("table", SERIES)
def test_drawing_twice_gives_the_same_small_files(table, tmp_path):
    one, other = drawn(tmp_path / "one", table), drawn(tmp_path / "other", table)
    assert set(one) == {"table.svg", "table.png"}
    assert one == other
    assert all(len(content) < 150_000 for content in one.values())


@pytest.mark.parametrize("table", SERIES)
def test_every_data_set_strategy_and_series_is_named_once_and_as_text(table, tmp_path):
    found = texts(drawn(tmp_path, table))
    for name in (*datasets(table), *(one.label for one in SERIES[table])):
        assert found.count(name) == 1, name
    # once for each line of panels: the others share it
    for name in strategies(table):
        assert found.count(name) == 2, name


def test_the_picture_is_900_pixels_wide_and_says_what_is_seen(tmp_path):
    files = drawn(tmp_path)
    width = int.from_bytes(files["table.png"][16:20], "big")
    assert width == 900
    said = " ".join(texts(files))
    assert "Accuracy in percent: published, and measured again" in said
    assert "A panel per data set" in said


def markers(files):
    """Return the number of markers in the SVG."""
    root = ElementTree.fromstring(files["table.svg"])  # noqa: S314  our own
    return sum(node.tag.endswith("use") for node in root.iter())


def test_what_was_not_published_has_no_marker_and_one_trial_no_error(tmp_path):
    cells = [row for row in rows("accuracy") if row["dataset"] == "openml:1413"]
    # the same place at the ends, so that the ticks stay
    less = [*cells[:3], cells[3] | {"published": None}, *cells[4:]]
    whole = markers(drawn(tmp_path / "whole", cells=cells))
    assert markers(drawn(tmp_path / "less", cells=less)) == whole - 1
    nothing = [row | {"published": None, "standard_error": None} for row in cells]
    assert "openml:1413" in texts(drawn(tmp_path / "nothing", cells=nothing))


def test_a_name_with_markup_signs_is_drawn_as_it_is(tmp_path):
    cells = [row | {"dataset": "a$b$.csv#y"} for row in rows("accuracy")[:7]]
    assert "a$b$.csv#y" in texts(drawn(tmp_path, cells=cells))
