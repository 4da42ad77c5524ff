from __future__ import annotations

import json
from pathlib import Path

import pytest

from genlabel_robust.core.files.json_schema import mismatch
from genlabel_robust.runs.results.schema import results_schema
from genlabel_robust.threat.constraints.constraints import KINDS, Constraints
from genlabel_robust.threat.threat_file.read import read_threat

#: A value of each kind.
VALUES = {
    "weights": {"age": 2.0},
    "units": {"age": "std"},
    "costs": {"age": 3.0},
    "own_eps": {"age": 0.2},
    "shares": {"age": 0.03},
    "bounds": {"age": {"low": 1.0}},
    "one_hot": [["red", "blue"]],
    "relations": ["age <= 3"],
} | {name: ["age"] for name, kind in KINDS.items() if kind.when is not None}


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.when is not None])
def test_a_threat_file_says_it_as_declared(name: str, tmp_path: Path) -> None:
    (key,) = KINDS[name].keys
    path = tmp_path / "threat.toml"
    path.write_text(f"[features.age]\n{key} = {json.dumps(KINDS[name].when)}\n")
    assert read_threat(path)["constraints"] == {name: ["age"]}


@pytest.mark.parametrize("name", KINDS)
def test_the_schema_of_results_takes_what_is_written_of_it(name: str) -> None:
    schema = results_schema()["properties"]["threat"]["properties"]["constraints"]
    written = Constraints(**{name: VALUES[name]}).as_dict()
    assert written == {name: VALUES[name]}
    assert mismatch(written, schema) is None
    assert mismatch({name: 3}, schema) is not None


def test_what_excludes_another_kind_names_one() -> None:
    assert {other for kind in KINDS.values() for other in kind.excludes} <= {*KINDS}
