"""Rows and differences from made-up cells; every expected number was computed by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.attacks.suite import build_attack
from genlabel_robust.certify.certificate import Certificate
from genlabel_robust.data.task import Scaling, Task
from genlabel_robust.runs.cells.cell import Cell, CellResult, empty_result
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.plan.origin import Recipes
from genlabel_robust.runs.plan.plan import Plan
from genlabel_robust.runs.results.aggregate import aggregate
from genlabel_robust.runs.results.frame import results_frame
from genlabel_robust.runs.results.results import Results
from genlabel_robust.threat.threat_model import ThreatModel

Build = Callable[..., CellResult]
INF = np.inf

TASK = Task(
    name="two",
    x_train=np.array([[0.0, 5.0], [4.0, 5.0], [1.0, 5.0], [2.0, 5.0]]),
    y_train=np.array([0, 1, 0, 1]),
    x_test=np.array([[0.0, 5.0], [1.0, 5.0], [3.0, 5.0], [4.0, 5.0]]),
    y_test=np.array([0, 0, 1, 1]),
    test_ids=np.arange(4),
    feature_names=("u", "v"),
    classes=("no", "yes"),
    scaling=Scaling("range", np.array([0.0, 5.0]), np.array([4.0, 1.0])),
    notices=("A notice.",),
)
#: Distances of four examples under an attack.
EXAMPLES = (0.2, INF, 0.3, INF)
#: Wilson's 95 % intervals of k correct of 4, to five digits (Brown, Cai & DasGupta's formula).
WILSON = {
    0: (0.0, 0.48989),
    1: (0.04559, 0.69936),
    2: (0.15004, 0.84996),
    3: (0.30064, 0.95441),
    4: (0.51011, 1.0),
}


@pytest.fixture
def aggregated() -> Callable[..., dict[str, Any]]:
    """Aggregate the cells of one data set, given by strategy in the order of their seeds.

    Returns the results after writing and reading them.
    """

    def run(
        cells: dict[str, list[CellResult]],
        eps: tuple[float, ...] = (0.25,),
        attacks: tuple[str, ...] = ("fgsm", "pgd"),
        max_seconds: float | None = None,
        when: dict[str, tuple[str, ...]] | None = None,
    ) -> dict[str, Any]:
        threat = ThreatModel("linf", eps)
        built = tuple(build_attack(name, {}) for name in attacks)
        named = [
            (Cell("two", strategy, "mlp", seed, "hash", threat, built, {}, "cpu"), cell)
            for strategy, members in cells.items()
            for seed, cell in enumerate(members)
        ]
        plan = Plan(
            RunConfig(max_seconds=max_seconds),
            threat,
            "quick-1",
            "quick-1",
            built,
            {"two": TASK},
            tuple(c for c, _ in named),
            when=when or {},
            origin=Recipes(),
        )
        results = Results(aggregate(plan, named))
        assert [row.as_dict() for row in results.rows] == results["rows"]
        assert [one.as_dict() for one in results.differences] == results["differences"]
        return results

    return run


def estimate(value: float, correct: int) -> dict[str, Any]:
    low, high = WILSON[correct]
    return {
        "value": value,
        "low": pytest.approx(low, abs=1e-5),
        "high": pytest.approx(high, abs=1e-5),
        "level": 0.95,
        "method": "wilson",
    }


def test_one_row_of_one_seed(aggregated: Callable[..., Any], result: Build) -> None:
    # row 1 is misclassified; 0 is broken at 0.2 by pgd only, 2 at 0.3, 3 never
    cell = result({"fgsm": (INF, 0, INF, INF), "pgd": (0.2, 0, 0.3, INF)}, predictions=(0, 1, 1, 1))
    results = aggregated({"vanilla": [cell]})
    (row,) = results["rows"]
    assert (row["n_examples"], row["n_seeds"], row["eps"], row["unit"]) == (4, 1, 0.25, "range")
    assert row["clean_accuracy"] == estimate(0.75, 3)
    assert row["robust_accuracy"] == estimate(0.5, 2)
    assert row["attacks"] == {"fgsm": estimate(0.75, 3), "pgd": estimate(0.5, 2)}
    assert row["balanced_clean_accuracy"]["value"] == 0.75
    assert row["exact_robust_accuracy"] is None
    assert row["certified_accuracy"] is None
    assert row["reason"] is None
    # at ε = 0.25 the row that is broken at 0.3 has survived
    assert row["outcomes"]["pgd"] == {
        "broken": 1,
        "survived": 2,
        "no_start": 0,
        "not_applicable": 0,
        "misclassified": 1,
        "skipped": 0,
        "mean_queries": 3.0,
    }
    # sorted distances 0, 0.2, 0.3, inf; logit margins -1, 1, 3, 4
    margin = row["margin"]
    assert (margin["kind"], margin["norm"]) == ("attack", "linf")
    assert (margin["q05"], margin["q25"], margin["median"]) == (0.0, 0.0, 0.2)
    assert (margin["q75"], margin["censored"]) == (0.3, 0.25)
    assert row["logit_margin"] == {"q05": -1.0, "q25": -1.0, "median": 1.0, "q75": 3.0}
    no, yes = row["per_class"]
    assert (no["class"], no["n_examples"], no["clean_accuracy"]["value"]) == ("no", 2, 0.5)
    assert (no["robust_accuracy"]["value"], yes["robust_accuracy"]["value"]) == (0.0, 1.0)
    assert results["differences"] == []


def test_margins_between_what_is_proved_and_found(
    aggregated: Callable[..., Any], result: Build
) -> None:
    # row 1 is misclassified, 0 broken, 2 proved up to 0.25, 3 neither
    cell = result({"fgsm": (INF, 0, INF, INF), "pgd": (0.2, 0, 0.3, INF)}, predictions=(0, 1, 1, 1))
    proved = Certificate(
        np.array([0.1, 0, 0.26, 0]),
        np.array([0.2, 0, 0.3, INF]),
        np.full((4, 2), np.nan),
        np.zeros(4, dtype=np.int64),
    )
    results = aggregated({"vanilla": [replace(cell, certificate=proved)]})
    margin = results["rows"][0]["margin"]
    assert margin["kind"] == "interval-censored"
    # what is open is shared out: half of it broken at 0.25, half of it not
    assert (margin["at_least"]["q25"], margin["q25"]) == (0.0, 0.0)
    assert (margin["at_least"]["median"], margin["median"]) == (0.0, 0.2)
    assert (margin["at_least"]["q75"], margin["q75"]) == (0.25, 0.3)
    assert margin["median_bounds"] == {"low": 0.0, "high": 0.2}
    assert (margin["known"], margin["censored"]) == (0.25, 0.25)
    row = results_frame(results).iloc[0]
    assert (row["margin_median"], row["margin_median_at_least"]) == (0.2, 0.0)


LATE = int(Outcome.OUT_OF_TIME)


def test_an_attack_that_ran_out_of_time_has_no_own_rate_and_leaves_the_worst_case(
    aggregated: Callable[..., Any], result: Build
) -> None:
    # pgd broke row 0, row 1 survived it, and it never got to rows 2 and 3
    cell = result(
        {"fgsm": (INF, INF, 0.2, INF), "pgd": (0.2, INF, INF, INF)},
        outcomes={"pgd": (0, 1, LATE, LATE)},
    )
    (row,) = aggregated({"vanilla": [cell]}, max_seconds=5)["rows"]
    assert row["attacks"] == {"fgsm": estimate(0.75, 3), "pgd": None}
    assert row["robust_accuracy"] == estimate(0.5, 2)
    assert row["outcomes"]["pgd"]["survived"] == 1
    assert row["outcomes"]["pgd"]["out_of_time"] == 2
    assert row["outcomes"]["fgsm"]["out_of_time"] == 0
    (finished,) = [c for c in row["checks"] if c["name"] == "time"]
    assert (finished["status"], finished["value"]) == ("fail", 2 / 8)


def test_what_no_attack_got_to_is_no_survival(
    aggregated: Callable[..., Any], result: Build
) -> None:
    late = {"fgsm": (0, LATE, 1, LATE), "pgd": (1, LATE, LATE, LATE)}
    cell = result({"fgsm": (0.2, INF, INF, INF), "pgd": (INF, INF, INF, INF)}, outcomes=late)
    results = aggregated({"vanilla": [cell], "mixup": [cell]}, max_seconds=5)
    row = results["rows"][0]
    assert row["clean_accuracy"] == estimate(1.0, 4)
    assert row["robust_accuracy"] is row["balanced_robust_accuracy"] is row["margin"] is None
    assert row["reason"] == "no attack had the time to try 2 of the examples (max_seconds)"
    assert [d["measure"] for d in results["differences"]] == ["clean_accuracy"]


def test_time_that_ran_out_at_a_larger_budget_leaves_the_rates_at_the_smaller(
    aggregated: Callable[..., Any], result: Build
) -> None:
    cell = result({"pgd": (0.1, INF, INF, INF)}, outcomes={"pgd": (0, 1, LATE, LATE)})
    cell = replace(cell, tried=np.array([[INF, INF, 0.1, 0.1]]))
    rows = aggregated({"vanilla": [cell]}, (0.1, 0.2), ("pgd",), max_seconds=5)["rows"]
    smaller, larger = rows
    assert smaller["attacks"]["pgd"] == smaller["robust_accuracy"] == estimate(0.75, 3)
    assert smaller["outcomes"]["pgd"]["survived"] == 3
    assert smaller["outcomes"]["pgd"]["out_of_time"] == 0
    assert larger["attacks"]["pgd"] is larger["robust_accuracy"] is None
    assert larger["outcomes"]["pgd"]["out_of_time"] == 2


def test_a_quantile_beyond_what_was_broken_is_null(
    aggregated: Callable[..., Any], result: Build
) -> None:
    cell = result({"fgsm": (INF,) * 4, "pgd": (0.1, INF, INF, INF)})
    margin = aggregated({"vanilla": [cell]})["rows"][0]["margin"]
    assert (margin["q25"], margin["median"], margin["q75"]) == (0.1, None, None)
    assert margin["censored"] == 0.75


def test_each_budget_has_its_row_and_the_clean_side_stays(
    aggregated: Callable[..., Any], result: Build
) -> None:
    cell = result({"fgsm": (INF,) * 4, "pgd": (0.1, 0.2, 0.3, INF)})
    rows = aggregated({"vanilla": [cell]}, eps=(0.05, 0.15, 0.25, 0.35))["rows"]
    assert [row["eps"] for row in rows] == [0.05, 0.15, 0.25, 0.35]
    assert [row["robust_accuracy"]["value"] for row in rows] == [1.0, 0.75, 0.5, 0.25]
    assert {row["clean_accuracy"]["value"] for row in rows} == {1.0}


def test_seeds_are_pooled_and_the_rows_stay_four(
    aggregated: Callable[..., Any], result: Build
) -> None:
    one = result({"fgsm": (INF,) * 4, "pgd": (0.1, INF, INF, INF)})
    two = result({"fgsm": (INF,) * 4, "pgd": (0.1, 0.1, 0.1, INF)})
    (row,) = aggregated({"vanilla": [one, two]})["rows"]
    assert (row["n_examples"], row["n_seeds"]) == (4, 2)
    assert row["robust_accuracy"]["value"] == 0.5  # (3 + 1) of 8
    assert row["robust_accuracy"]["method"] == "two-level (seeds, rows)"
    assert row["outcomes"]["pgd"]["broken"] == 4


def test_exact_distances_give_the_exact_accuracy_and_margin(
    aggregated: Callable[..., Any], result: Build
) -> None:
    cell = result({"fgsm": (INF,) * 4, "pgd": (0.2, INF, INF, INF)}, exact=(0.15, 0.2, 0.3, 0.4))
    (row,) = aggregated({"vanilla": [cell]})["rows"]
    assert row["robust_accuracy"]["value"] == 0.75
    assert row["exact_robust_accuracy"] == estimate(0.5, 2)
    assert row["margin"]["kind"] == "exact"
    assert (row["margin"]["median"], row["margin"]["censored"]) == (0.2, 0.0)
    gap = next(c for c in row["checks"] if c["name"] == "exact-gap")
    assert (gap["status"], gap["value"]) == ("warn", 0.25)


def test_attacks_that_cannot_work_are_null_and_not_survival(
    aggregated: Callable[..., Any], result: Build
) -> None:
    (row,) = aggregated({"vanilla": [result({"fgsm": None, "pgd": None})]})["rows"]
    assert row["clean_accuracy"] == estimate(1.0, 4)
    assert row["robust_accuracy"] is row["balanced_robust_accuracy"] is row["margin"] is None
    assert row["attacks"] == {"fgsm": None, "pgd": None}
    assert row["reason"] == "no attack of the suite can work on this model"
    assert row["outcomes"]["pgd"]["not_applicable"] == 4


def test_a_strategy_that_could_not_train_has_its_reason_and_no_number(
    aggregated: Callable[..., Any], result: Build
) -> None:
    reason = empty_result("it needs gradients", np.arange(4), TASK.y_test)
    fine = result({"fgsm": (INF,) * 4, "pgd": (INF,) * 4})
    results = aggregated({"vanilla": [fine], "adamixup": [reason]})
    row = results["rows"][1]
    assert row["reason"] == "it needs gradients"
    assert row["clean_accuracy"] is row["robust_accuracy"] is row["logit_margin"] is None
    assert row["outcomes"] == {}
    assert results["differences"] == []


def test_a_difference_is_paired_and_signed(aggregated: Callable[..., Any], result: Build) -> None:
    first = result({"fgsm": (INF,) * 4, "pgd": (0.1, 0.1, INF, INF)})
    second = result({"fgsm": (INF,) * 4, "pgd": (INF, 0.1, INF, 0)}, predictions=(0, 0, 1, 0))
    third = result({"fgsm": (INF,) * 4, "pgd": (INF,) * 4})
    found = aggregated({"a": [first], "b": [second], "c": [third]}, eps=(0.05, 0.25))["differences"]
    by_name = {
        (d["strategy"], d["reference"], d["measure"], d["eps"]): d["difference"] for d in found
    }
    assert len(by_name) == len(found) == 9  # three pairs, clean and two budgets
    assert by_name["b", "a", "clean_accuracy", None]["value"] == -0.25
    assert by_name["b", "a", "robust_accuracy", 0.05]["value"] == -0.25
    assert by_name["b", "a", "robust_accuracy", 0.25]["value"] == 0.0
    assert by_name["c", "a", "robust_accuracy", 0.25]["value"] == 0.5
    assert by_name["c", "b", "robust_accuracy", 0.25]["value"] == 0.5
    for difference in by_name.values():
        assert -1 <= difference["low"] <= difference["value"] <= difference["high"] <= 1
        assert difference["method"] == "tango"


def test_a_data_set_is_described_in_its_own_units(
    aggregated: Callable[..., Any], result: Build
) -> None:
    cell = result({"fgsm": (INF,) * 4, "pgd": (INF,) * 4})
    about = aggregated({"vanilla": [cell]}, eps=(0.1, 0.25))["datasets"]["two"]
    assert about["features"] == [
        {"name": "u", "mutable": True, "raw_eps": [0.4, 1.0]},
        # constant in the training part
        {"name": "v", "mutable": False, "raw_eps": [0.1, 0.25]},
    ]
    assert (about["n_train"], about["n_test"], about["classes"]) == (4, 4, ["no", "yes"])
    assert about["notices"] == ["A notice."]
    assert about["content_hash"] == TASK.content_hash


def test_the_table_has_a_line_for_each_row_and_fractions(
    aggregated: Callable[..., Any], result: Build
) -> None:
    cell = result({"fgsm": None, "pgd": (0.1, INF, INF, INF)})
    reason = empty_result("it needs gradients", np.arange(4), TASK.y_test)
    frame = results_frame(aggregated({"vanilla": [cell], "adamixup": [reason]}, eps=(0.05, 0.25)))
    assert len(frame) == 4
    first, second = frame.iloc[0], frame.iloc[1]
    assert (first["robust_accuracy"], second["robust_accuracy"]) == (1.0, 0.75)
    assert second["robust_accuracy_pgd_low"] == pytest.approx(WILSON[3][0], abs=1e-5)
    assert np.isnan(second["robust_accuracy_fgsm"])
    assert np.isnan(second["exact_robust_accuracy"])
    assert (second["margin_kind"], second["margin_q25"]) == ("attack", 0.1)
    assert np.isnan(second["margin_q25_at_least"])
    assert second["reason"] == ""
    missing = frame.iloc[2]
    assert missing["reason"] == "it needs gradients"
    assert np.isnan(missing["clean_accuracy"])
    assert list(frame["strategy"]) == ["vanilla"] * 2 + ["adamixup"] * 2


def test_an_attack_kept_for_other_models_leaves_no_empty_column(
    aggregated: Callable[..., Any], result: Build
) -> None:
    kept = replace(result({"fgsm": EXAMPLES, "pgd": None}), not_chosen=("pgd",))
    when = {"pgd": ("no gradients", "discrete features")}
    reason = (
        "the suite keeps it for models without gradients, or tables with whole numbers or "
        "categories that may change"
    )
    alone = aggregated({"vanilla": [kept]}, when=when)
    assert alone["attacks"] == ["fgsm"]
    assert alone["not_chosen"] == {"pgd": reason}
    assert list(alone["rows"][0]["attacks"]) == list(alone["rows"][0]["outcomes"]) == ["fgsm"]
    # beside a model that it ran on it has a column, and says why it has no figure
    ran = result({"fgsm": EXAMPLES, "pgd": EXAMPLES})
    both = aggregated({"vanilla": [kept], "mixup": [ran]}, when=when)
    assert both["attacks"] == ["fgsm", "pgd"]
    assert "not_chosen" not in both
    first, second = both["rows"]
    assert first["attacks"]["pgd"] is None
    assert first["not_chosen"] == {"pgd": reason}
    assert second["attacks"]["pgd"] is not None
    assert "not_chosen" not in second


def test_an_attack_that_needs_more_than_the_model_gives_says_so(
    aggregated: Callable[..., Any], result: Build
) -> None:
    (row,) = aggregated({"vanilla": [result({"fgsm": None, "pgd": EXAMPLES})]})["rows"]
    assert row["attacks"]["fgsm"] is None
    assert row["not_applicable"] == {"fgsm": "it needs gradients, which the model does not give"}
