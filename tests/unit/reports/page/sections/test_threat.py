"""The report on the box: its source, and the bounds that a threat states instead."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from genlabel_robust.reports.page.sections.threat import threat
from genlabel_robust.runs.cells.model_record import ModelRecord
from genlabel_robust.runs.folder.stored_run import StoredRun

MakeRun = Callable[..., StoredRun]
Words = Callable[[str], str]
FEATURES = ("height", "weight", "age", "sex")


def test_without_bounds_the_box_is_the_range_and_has_no_column(
    make_run: MakeRun, words: Words
) -> None:
    said = words(threat(make_run()))
    assert "Box the range of the training rows, widened to hold the row itself Knowledge" in said
    assert "feature may be changed ε = 0.1" in said
    assert "bounds" not in said


def test_bounds_are_counted_and_listed_in_raw_units(make_run: MakeRun, words: Words) -> None:
    bounds = {
        "height": {"low": -1.25, "high": 12345.678},
        "weight": {"low": 0.0},
        "age": {"high": 18.0},
    }
    run = make_run(features=FEATURES, constraints={"bounds": bounds})
    said = words(threat(run))
    assert (
        "widened to hold the row itself; for 3 features the bounds stated in the threat, as listed"
        in said
    )
    assert "ε of each feature of two and its bounds, in its own unit" in said
    assert "feature may be changed bounds ε = 0.1" in said
    for shown in (
        "height yes -1.25 to 12346 ",
        "weight yes at least 0 ",
        "age yes at most 18 ",
        "sex yes its range ",
    ):
        assert shown in said


def test_one_bounded_feature_is_one(make_run: MakeRun, words: Words) -> None:
    said = words(threat(make_run(constraints={"bounds": {"height": {"high": 9.0}}})))
    assert "; for 1 feature the bounds stated" in said


@pytest.mark.parametrize(
    ("ranges", "box"),
    [
        ("reference", "the range of the reference rows, widened to hold the row itself"),
        ("test", "the range of the test rows"),
    ],
)
def test_an_audited_model_has_the_box_of_its_reference_rows_or_of_the_test_rows(
    ranges: str, box: str, make_run: MakeRun, words: Words
) -> None:
    run = make_run()
    run.results["model"] = ModelRecord("net.onnx", "ONNX", "0" * 64, "scores").as_dict()
    run.results["datasets"]["two"]["ranges"] = ranges
    assert f"Box {box} Knowledge" in words(threat(run))


def test_whole_numbers_and_categories_show_what_an_attacker_can_really_do(
    make_run: MakeRun, words: Words
) -> None:
    run = make_run(features=FEATURES, constraints={"increasing": ["age"]})
    shown = {f["name"]: f for f in run.results["datasets"]["two"]["features"]}
    shown["weight"].update(raw_eps=[6.5], moves="whole", reach=[6.0])
    shown["age"].update(raw_eps=[0.7], moves="whole", reach=[0.0])
    shown["sex"].update(raw_eps=[1.0], moves="category", reach=[1.0])
    said = words(threat(run))
    assert "Whole numbers move by whole steps: 6.5 allows 6, and 0.7 allows none." in said
    assert "weight yes, by whole numbers 6 " in said
    assert "age yes, by whole numbers, up only 0 (0.7 is under one step) " in said
    assert "sex yes, to another category 1" in said
    assert "whole steps" not in words(threat(make_run()))
