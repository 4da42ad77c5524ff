from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.runs.folder.frames.margin_rows import margin_rows
from tests.unit.side_by_side.conftest import cell, run

EPS = 0.1
FOUND = [0.0, 0.05, np.inf, np.inf, 0.3, 0.3]
PROVED = [0.0, 0.0, EPS * 1.001, 0.0, EPS * 1.001, 0.0]
STATES = ["misclassified", "broken", "certified", "open", "certified", "open"]


def test_each_answer_has_its_state_and_the_ends_of_its_distance() -> None:
    table = margin_rows(run({("iris", "mlp", "vanilla"): [cell(FOUND, PROVED)]}))
    assert table["state"].tolist() == STATES
    assert table["correct"].tolist() == [state != "misclassified" for state in STATES]
    assert table["at_most"].tolist() == FOUND
    assert table["at_least"].tolist() == pytest.approx(PROVED)


def test_bounds_that_are_nearly_equal_are_not_taken_for_each_other() -> None:
    found, proved = [0.10005, 0.0999], [0.1, 0.09985]
    table = margin_rows(run({("iris", "mlp", "vanilla"): [cell(found, proved)]}))
    assert table["at_least"].tolist() == proved
    assert table["at_most"].tolist() == found
    assert table["state"].tolist() == ["open", "broken"]


def test_the_state_is_that_at_the_largest_eps() -> None:
    group = ("iris", "mlp", "vanilla")
    table = margin_rows(run({group: [cell(FOUND, PROVED)]}, threat={"eps": [EPS, 0.4]}))
    states = ["misclassified", "broken", "open", "open", "broken", "broken"]
    assert table["state"].tolist() == states


def test_where_nothing_is_proved_no_answer_is_certified() -> None:
    table = margin_rows(run({("iris", "mlp", "vanilla"): [cell(FOUND)]}))
    assert table["state"].tolist() == ["misclassified", "broken", *["open"] * 4]
    assert (table["at_least"] == 0).all()
