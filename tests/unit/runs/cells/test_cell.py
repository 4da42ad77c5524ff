from __future__ import annotations

from jsonschema import Draft202012Validator

from genlabel_robust.runs.cells.cell import Cell
from genlabel_robust.runs.results.schema import results_schema
from genlabel_robust.threat.constraints.constraints import Constraints
from genlabel_robust.threat.threat_model import ThreatModel

LIMITS = (
    {"weights": {"age": 2.0}},
    {"immutable": ["age"]},
    {"increasing": ["age"]},
    {"decreasing": ["age"]},
    {"integer": ["age"]},
    {"one_hot": [["red", "green"]]},
)


def key(constraints: Constraints) -> str:
    threat = ThreatModel("linf", (0.1,), "range", constraints)
    return Cell("iris", "vanilla", "logistic", 0, "abc", threat, (), {}, "cpu").key


def test_threats_that_differ_in_a_constraint_share_no_cell() -> None:
    keys = {key(Constraints()), *(key(Constraints(**limits)) for limits in LIMITS)}
    assert len(keys) == 1 + len(LIMITS)
    assert key(Constraints()) == key(Constraints(weights={}, integer=[]))


def test_cells_keep_their_keys_but_where_constant_columns_once_stayed() -> None:
    """Under such a threat older cells may call rows proved that it breaks."""
    assert key(Constraints()) == "28cc3959c1b00cb70e698c60d8a28d8c"
    assert key(Constraints(increasing=["age"])) == "d1afddeb7e6a8d8f5491bd0d9eae7d75"
    assert key(Constraints(bounds={"age": {"low": 0.0}})) != "b7dfd388ff5d03b91a0850c80aac7def"
    assert key(Constraints(weights={"age is missing": 1.0})) != "f88c96b6a3ba5b950cce5c1cc6c7b6b2"


def test_a_threat_is_written_down_as_the_schema_says() -> None:
    validator = Draft202012Validator(
        results_schema()["properties"]["threat"] | {"$defs": results_schema()["$defs"]}
    )
    merged = Constraints(weights={"rent": 2}, one_hot=[["red", "green"]])
    for constraints in (Constraints(), merged, *(Constraints(**limits) for limits in LIMITS)):
        validator.validate(ThreatModel("l1", (0.1, 0.2), "raw", constraints).as_dict())
    assert not validator.is_valid({"norm": "l1", "eps": [0.1], "unit": "raw", "constraints": {}})
