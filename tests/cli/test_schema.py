"""The JSON Schema is strict, and real results of every kind conform to it."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from genlabel_robust.runs.results.schema import SCHEMA_VERSION, results_schema

if TYPE_CHECKING:
    from tests.cli.conftest import Call, Finished

VALIDATOR = Draft202012Validator(results_schema())


def errors(results: Any) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(results)]


@pytest.fixture
def results_of(call: Callable[..., Call], tmp_path: Path) -> Callable[..., Any]:
    """Run on a few rows of iris and return the results, which must satisfy the schema."""

    def run(*options: str) -> Any:
        base = ("--dataset", "iris", "--seeds", "1", "--max-examples", "9", "--jobs", "1")
        out = tmp_path / f"run-{len(list(tmp_path.iterdir()))}"
        done = call("evaluate", *base, *options, "--set", "train.epochs=2", "-q", "--out", out)
        assert done.code == 0, done.stderr
        assert done.stderr == ""
        results = json.loads((out / "results.json").read_bytes())
        assert errors(results) == []
        return results

    return run


def test_the_schema_is_printed_and_valid(call: Callable[..., Call]) -> None:
    done = call("schema")
    assert done.code == 0
    printed = json.loads(done.stdout)
    assert printed == results_schema()
    Draft202012Validator.check_schema(printed)
    assert printed["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert printed["properties"]["schema_version"] == {"const": SCHEMA_VERSION}


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield schema
        for value in schema.values():
            yield from objects(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from objects(value)


def test_no_object_takes_properties_that_the_schema_does_not_name() -> None:
    described = [s for s in objects(results_schema()) if "additionalProperties" in s]
    assert len(described) >= 12
    open_ = [s for s in described if s["additionalProperties"] is not False]
    # maps from names: data sets and their fingerprints, attacks, outcomes, a canary's attacks, why
    # an attack did not run, weights, units, bounds, costs, shares and own ε of features,
    # diagnostics of strategies, which way single columns go and how few suffice
    assert len(open_) == 15
    assert all("properties" not in s for s in open_)


#: Of what is in a record only where there is something to say.
OPTIONAL = {
    "outcomes": {"out_of_time"},
    "row": {"not_applicable", "not_chosen", "certification", "subgroups", "few_features"},
    "difference": {"open"},
    "margin": {"at_least", "median_bounds", "known"},
    "dataset": {"checks_sample", "column_order", "concerns", "ranges"},
}


def test_every_property_of_a_row_is_required() -> None:
    for name in (
        "row",
        "estimate",
        "margin",
        "difference",
        "dataset",
        "check",
        "outcomes",
        "diagnostics",
    ):
        about = results_schema()["$defs"][name]
        needed = set(about["properties"]) - OPTIONAL.get(name, set())
        assert set(about["required"]) == needed, name


def test_affine_models_satisfy_it_with_the_exact_value(finished: Finished) -> None:
    assert errors(finished.results) == []
    for row in finished.results["rows"]:
        assert row["exact_robust_accuracy"] is not None
        assert row["margin"]["kind"] == "exact"
    clean, robust = finished.results["differences"]
    assert (clean["measure"], clean["eps"]) == ("clean_accuracy", None)
    assert (robust["measure"], robust["eps"]) == ("robust_accuracy", 0.1)
    assert (robust["strategy"], robust["reference"]) == ("mixup", "vanilla")


def test_the_mixing_strategies_of_a_run_have_diagnostics(finished: Finished) -> None:
    found = finished.results["datasets"]["iris"]["diagnostics"]
    assert set(found) == {"vanilla", "mixup"}
    assert found["vanilla"] is None
    assert 0 < found["mixup"]["intrusion_rate"] < 0.5
    assert "| iris | mixup |" in (finished.path / "report.md").read_text(encoding="utf-8")


def test_a_net_under_several_budgets_satisfies_it(results_of: Callable[..., Any]) -> None:
    results = results_of(
        "--strategy",
        "vanilla",
        "--strategy",
        "genlabel-gm",
        "--arch",
        "mlp",
        "--suite",
        "quick",
        "--eps",
        "0.01:0.3:3",
        "--norm",
        "l2",
    )
    assert len(results["rows"]) == 6
    assert len(results["differences"]) == 4
    for row in results["rows"]:
        assert row["certification"]["kind"] == "relu-net"
        assert row["certified_accuracy"]["value"] <= row["robust_accuracy"]["value"]
        margin = row["margin"]
        assert margin["kind"] == "interval-censored"
        # at some ε a row is proved to be robust, and at the next it is broken
        assert 0 < margin["at_least"]["q75"] < (margin["q75"] or math.inf)
        assert row["hyper_parameters"][0]["learning_rate"] == 0.01


def test_a_time_budget_that_ends_at_once_leaves_no_number_of_survival(
    results_of: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    # the first look at the clock of each attack is already past its budget
    clock = SimpleNamespace(perf_counter=lambda: float("inf"))
    monkeypatch.setattr("genlabel_robust.attacks.blocks.time", clock)
    results = results_of(
        "--strategy",
        "vanilla",
        "--strategy",
        "mixup",
        "--arch",
        "mlp",
        "--suite",
        "quick",
        "--eps",
        "0.1",
        "--eps",
        "0.2",
        "--max-seconds",
        "1e9",
        "--certify",
        "off",
    )
    assert results["max_seconds"] == 1e9
    for row in results["rows"]:
        assert row["attacks"] == {"fgsm": None, "pgd": None, "noise": None}
        assert row["robust_accuracy"] is row["margin"] is None
        assert "no attack had the time" in row["reason"]
        for counts in row["outcomes"].values():
            assert counts["survived"] == counts["broken"] == 0
            assert counts["out_of_time"] + counts["misclassified"] == 9
        (finished,) = [c for c in row["checks"] if c["name"] == "time"]
        assert finished["status"] == "fail"
        assert finished["value"] == pytest.approx(row["clean_accuracy"]["value"])
    assert [d["measure"] for d in results["differences"]] == ["clean_accuracy"]


def test_a_time_budget_that_is_not_used_up_changes_no_number(
    results_of: Callable[..., Any],
) -> None:
    options = ("--strategy", "vanilla", "--arch", "mlp", "--suite", "standard")
    free, timed = results_of(*options), results_of(*options, "--max-seconds", "1e6")
    assert "max_seconds" not in free
    assert timed.pop("max_seconds") == 1e6
    for row in timed["rows"]:
        assert {counts.pop("out_of_time") for counts in row["outcomes"].values()} == {0}
    assert timed == free


def test_a_forest_that_no_attack_can_work_on_is_decided_by_proof(
    results_of: Callable[..., Any],
) -> None:
    row, _ = results_of(
        "--strategy",
        "vanilla",
        "--arch",
        "sklearn:random-forest",
        "--arch",
        "mlp",
        "--suite",
        "quick-1",
    )["rows"]
    assert row["attacks"] == {"fgsm": None, "pgd": None}
    assert row["certification"]["kind"] == "trees"
    assert row["certification"]["outcomes"]["open"] == 0
    assert row["robust_accuracy"] == row["exact_robust_accuracy"] == row["certified_accuracy"]
    assert row["robust_accuracy"]["value"] <= row["clean_accuracy"]["value"]
    assert row["reason"] is None


def test_attacks_that_cannot_work_on_a_forest_are_a_reason_and_never_survival(
    results_of: Callable[..., Any],
) -> None:
    results = results_of(
        "--strategy",
        "vanilla",
        "--strategy",
        "adamixup",
        "--arch",
        "sklearn:random-forest",
        "--arch",
        "mlp",
        "--suite",
        "quick-1",
        "--certify",
        "off",
    )
    forest = "sklearn:random-forest"
    vanilla, adamixup = (row for row in results["rows"] if row["architecture"] == forest)
    assert vanilla["clean_accuracy"]["value"] > 0
    assert vanilla["robust_accuracy"] is None
    assert vanilla["margin"] is None
    assert vanilla["attacks"] == {"fgsm": None, "pgd": None}
    assert vanilla["reason"] == "no attack of the suite can work on this model"
    for counts in vanilla["outcomes"].values():
        assert counts["survived"] == counts["broken"] == 0
        assert counts["not_applicable"] + counts["misclassified"] == 9
    assert adamixup["clean_accuracy"] is None
    assert "'adamixup' needs gradients" in adamixup["reason"]
    assert not [d for d in results["differences"] if d["architecture"] == forest]


def test_a_forest_is_attacked_by_labels(results_of: Callable[..., Any]) -> None:
    results = results_of(
        "--strategy",
        "vanilla",
        "--strategy",
        "mixup",
        "--arch",
        "sklearn:random-forest",
        "--attack",
        "hopskipjump",
        "--set",
        "attack.hopskipjump.iterations=2",
        "--set",
        "architecture.sklearn:random-forest.n_estimators=5",
        "--eps",
        "0.3",
    )
    assert results["suite"].startswith("custom (from standard-")
    for row in results["rows"]:
        assert row["outcomes"]["hopskipjump"]["broken"] > 0
        assert row["robust_accuracy"] == row["attacks"]["hopskipjump"]
        assert row["robust_accuracy"]["value"] < row["clean_accuracy"]["value"]


def test_a_net_and_a_forest_in_one_run_leave_out_only_what_cannot_work(
    results_of: Callable[..., Any],
) -> None:
    results = results_of(
        "--strategy",
        "vanilla",
        "--arch",
        "mlp",
        "--arch",
        "sklearn:decision-tree",
        "--attack",
        "fgsm",
        "--attack",
        "hopskipjump",
        "--set",
        "attack.hopskipjump.iterations=1",
        "--set",
        "attack.hopskipjump.max_queries=200",
    )
    net, tree = results["rows"]
    assert net["attacks"]["fgsm"] is not None
    assert tree["attacks"]["fgsm"] is None
    assert tree["robust_accuracy"] == tree["attacks"]["hopskipjump"]
    assert tree["reason"] is None


def edited(results: Any, path: str, value: Any) -> Any:
    results = copy.deepcopy(results)
    *parents, last = path.split(".")
    target = results
    for key in parents:
        target = target[int(key)] if key.isdigit() else target[key]
    if value is ...:
        del target[last]
    else:
        target[int(last) if last.isdigit() else last] = value
    return results


ESTIMATE = {"value": 0.5, "low": 0.4, "high": 0.6, "level": 0.95, "method": "wilson"}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("schema_version", "1.0"),
        ("extra", 1),
        ("threat.eps", []),
        ("threat.eps", [0]),
        ("threat.norm", "l3"),
        ("rows", []),
        ("rows.0.extra", 1),
        ("rows.0.eps", 0),
        ("rows.0.n_seeds", 0),
        ("rows.0.n_examples", 2.5),
        ("rows.0.robust_accuracy", ...),
        ("rows.0.robust_accuracy", None),
        ("rows.0.robust_accuracy", 0.5),
        ("rows.0.robust_accuracy.value", 1.01),
        ("rows.0.robust_accuracy.low", -0.01),
        ("rows.0.robust_accuracy.level", 1),
        ("rows.0.robust_accuracy.n", 45),
        ("rows.0.attacks.pgd", 1),
        ("rows.0.reason", "for no reason"),
        ("rows.0.margin.kind", "certified"),
        ("rows.0.margin.median", -0.1),
        ("rows.0.margin.censored", 1.5),
        ("rows.0.margin.median_interval.high", "inf"),
        ("rows.0.checks.0.status", "skipped"),
        ("rows.0.outcomes.pgd.broken", -1),
        ("rows.0.per_class.0.n_examples", 0),
        ("rows.0.hyper_parameters.0.gamma", 2),
        ("datasets.iris.content_hash", "abc"),
        ("datasets.iris.n_columns", ...),
        ("datasets.iris.n_columns", 0),
        ("datasets.iris.features.0.raw_eps", []),
        ("datasets.iris.diagnostics", ...),
        ("datasets.iris.diagnostics.mixup.intrusion_rate", 1.5),
        ("datasets.iris.diagnostics.mixup.intrusion_rate", None),
        ("datasets.iris.diagnostics.mixup.kl_divergence", "inf"),
        ("datasets.iris.diagnostics.mixup.n_points", 0),
        ("datasets.iris.diagnostics.mixup.extra", 1),
        ("differences.0.eps", 0.1),
        ("differences.1.eps", None),
        ("differences.0.difference.value", -1.01),
        ("differences.0.measure", "margin"),
    ],
)
def test_a_planted_fault_does_not_satisfy_it(path: str, value: Any, finished: Finished) -> None:
    assert errors(edited(finished.results, path, value)) != []


def test_a_row_without_clean_accuracy_has_no_other_number_either(
    results_of: Callable[..., Any],
) -> None:
    results = results_of(
        "--strategy", "adamixup", "--arch", "sklearn:decision-tree", "--suite", "quick"
    )
    for name in ("exact_robust_accuracy", "balanced_clean_accuracy", "certified_accuracy"):
        assert errors(edited(results, f"rows.0.{name}", ESTIMATE)) != []
