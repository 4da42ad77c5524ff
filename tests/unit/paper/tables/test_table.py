from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from genlabel_robust.models.nets.chain import LINEAR3
from genlabel_robust.paper.tables.table import (
    chosen,
    markdown_table,
    missing_lines,
    percent,
    points,
    released_lines,
    standard_error,
    summary,
    summary_line,
    table_row,
    trials_text,
)
from genlabel_robust.reports.tables.table import Column
from genlabel_robust.trainers.grid import Candidate

GM = [Candidate(0.1, "gaussian", gamma) for gamma in (0.2, 0.8, 0.8)]


def task(name="openml:1413"):
    return SimpleNamespace(name=name, y_test=np.zeros(45))


def row(name, strategy, values, candidates=GM):
    trained = [SimpleNamespace(chosen=one) for one in candidates]
    return table_row("accuracy", task(name), strategy, trained, np.array(values))


def test_a_row_stands_beside_its_published_number():
    found = row("openml:1413", "mixup", [0.86, 0.88, 0.93])
    assert found["published"] == pytest.approx(0.88)
    assert found["measured"] == pytest.approx(0.89)
    assert found["difference"] == pytest.approx(0.01)
    assert found["standard_error"] == pytest.approx(np.std([0.86, 0.88, 0.93], ddof=1) / 3**0.5)
    assert (found["n_examples"], found["n_seeds"], found["architecture"]) == (45, 3, "logistic")
    assert found["trials"] == [0.86, 0.88, 0.93]
    assert [one["gamma"] for one in found["hyper_parameters"]] == [0.2, 0.8, 0.8]


def test_what_was_not_published_has_no_difference():
    found = row("openml:187", "mixup", [0.9, 0.9])
    assert found["published"] is None
    assert found["difference"] is None
    assert percent(found["published"]) == points(found["difference"]) == "n/a"


def test_a_row_of_a_table_that_was_not_published_stands_alone():
    trained = [SimpleNamespace(chosen=one) for one in GM]
    values = np.array([0.9, 0.8, 0.7])
    found = table_row(None, task(), "mixup", trained, values, LINEAR3)
    assert found["published"] is found["difference"] is None
    assert (found["architecture"], found["measured"]) == ("linear3", pytest.approx(0.8))


def test_a_published_cell_of_adamixup_is_that_of_the_authors_code():
    cells = [
        row("openml:1413", "adamixup-fixed-policy", [0.92]),
        row("openml:1413", "adamixup", [0.95]),
    ]
    assert [one["published"] for one in cells] == [pytest.approx(0.9244), None]
    (line, empty) = released_lines(cells)
    assert "published cells stand: mean absolute difference 0.44 points." in line
    assert "from the same cells it is 2.56 points away." in line
    assert empty == ""
    assert released_lines(cells[:1]) == []
    assert trials_text(cells) == "1 trial"


def test_a_single_trial_has_no_standard_error():
    assert standard_error(np.array([0.9])) is None
    assert standard_error(np.array([0.9, 0.9])) == 0.0


def test_the_summary_counts_published_cells_and_those_that_are_far():
    cells = [{"difference": d} for d in (0.01, -0.05, None, 0.03)]
    found = summary(cells)
    assert found == {
        "n_cells": 3,
        "mean_absolute_difference": pytest.approx(0.03),
        "n_far": 1,
    }
    assert summary_line(found) == (
        "3 published cells, mean absolute difference 3.00 points; 1 of them differ by more than 3."
    )
    assert summary_line(summary([{"difference": None}])) == "None of these cells was published."


def test_hyper_parameters_are_listed_with_the_frequent_first():
    assert chosen(row("openml:1413", "genlabel-gm", [1, 1, 1])) == (
        "0.1 gaussian γ 0.8 (2); 0.1 gaussian γ 0.2 (1)"
    )
    plain = [Candidate(0.001, None, None)] * 2
    assert chosen(row("openml:1413", "vanilla", [1, 1], plain)) == "0.001"


def test_numbers_are_in_percent_and_points_with_a_true_minus():
    assert percent(0.88) == "88.00"
    assert points(0.01333) == "+1.33"
    assert points(-0.05) == "−5.00"


def test_text_is_left_and_numbers_are_right_in_a_table():
    assert markdown_table(("a", Column("b")), [("x", "1"), ("y", "2")]) == [
        "| a | b |",
        "| --- | ---: |",
        "| x | 1 |",
        "| y | 2 |",
        "",
    ]


def test_every_missing_set_is_told():
    assert missing_lines({"openml:1": "no network", "openml:2": "gone"}) == [
        "Missing: no network\n",
        "Missing: gone\n",
    ]
