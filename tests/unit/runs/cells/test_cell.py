from __future__ import annotations

from dataclasses import replace

from jsonschema import Draft202012Validator

from genlabel_robust.runs.cells.cell import Cell
from genlabel_robust.runs.results.schema import results_schema
from genlabel_robust.threat.constraints.constraints import Constraints
from genlabel_robust.threat.threat_model import ThreatModel
from genlabel_robust.trainers.short_search import SCHEDULE

LIMITS = (
    {"weights": {"age": 2.0}},
    {"immutable": ["age"]},
    {"increasing": ["age"]},
    {"decreasing": ["age"]},
    {"integer": ["age"]},
    {"one_hot": [["red", "green"]]},
)


def key(constraints: Constraints, architecture: str = "model") -> str:
    threat = ThreatModel("linf", (0.1,), "range", constraints)
    return Cell("iris", "vanilla", architecture, 0, "abc", threat, (), {}, "cpu").key


def test_threats_that_differ_in_a_constraint_share_no_cell() -> None:
    keys = {key(Constraints()), *(key(Constraints(**limits)) for limits in LIMITS)}
    assert len(keys) == 1 + len(LIMITS)
    assert key(Constraints()) == key(Constraints(weights={}, integer=[]))


def test_cells_keep_their_keys_but_where_constant_columns_once_stayed() -> None:
    """Under such a threat older cells may call rows proved that it breaks."""
    assert key(Constraints()) == "41215bcfc64f29a461d655a1343af44a"
    assert key(Constraints(increasing=["age"])) == "156f167c3e9b5a53d92aeb0c9f6729c8"
    assert key(Constraints(bounds={"age": {"low": 0.0}})) != "9fadc1e904ec460d217c5554d3d19998"
    assert key(Constraints(weights={"age is missing": 1.0})) != "3c5f6df1e2d12a95fa3ffad3560276ee"


def test_cells_of_nets_that_are_trained_in_another_way_than_before_are_not_reused() -> None:
    assert key(Constraints(), "mlp") != "0823b3b3329ef671516d7e85dc038337"
    assert key(Constraints(), "logistic") != "28cc3959c1b00cb70e698c60d8a28d8c"
    forest = key(Constraints(), "sklearn:RandomForestClassifier")
    assert forest == "7123ef6f096ff256b2ee3d5b377720da"


def test_a_threat_is_written_down_as_the_schema_says() -> None:
    validator = Draft202012Validator(
        results_schema()["properties"]["threat"] | {"$defs": results_schema()["$defs"]}
    )
    merged = Constraints(weights={"rent": 2}, one_hot=[["red", "green"]])
    for constraints in (Constraints(), merged, *(Constraints(**limits) for limits in LIMITS)):
        validator.validate(ThreatModel("l1", (0.1, 0.2), "raw", constraints).as_dict())
    assert not validator.is_valid({"norm": "l1", "eps": [0.1], "unit": "raw", "constraints": {}})


def test_a_cell_knows_the_keys_that_earlier_versions_gave_it() -> None:
    threat = ThreatModel("linf", (0.1,), "range", Constraints())
    plain = Cell("iris", "vanilla", "mlp", 0, "abc", threat, (), {}, "cpu")
    assert [cell.key for cell in plain.earlier()] == ["0823b3b3329ef671516d7e85dc038337"]
    settings = {"train": {"folds": 5}, "search": dict(SCHEDULE)}
    searched = Cell("iris", "genlabel-cv", "mlp", 0, "abc", threat, (), settings, "cpu")
    in_full, then = searched.earlier()
    assert in_full.settings == {"train": {"folds": 5}}
    assert then.settings["search"]["kept"] == [12, 6]
    assert then.settings["train"] == {"folds": 5}
    now = replace(then, training=searched.training)
    assert len({searched.key, in_full.key, then.key, now.key}) == 4
