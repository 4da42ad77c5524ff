"""The package's own schema validation gives the same results as jsonschema."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import genlabel_robust
from genlabel_robust.core.files.json_schema import KEYWORDS, mismatch

PACKAGE = Path(genlabel_robust.__file__).parent
SCHEMAS = sorted(PACKAGE.rglob("*.schema.json"))

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["n", "rows"],
    "properties": {
        "n": {"type": "integer", "minimum": 0, "maximum": 9},
        "share": {"anyOf": [{"$ref": "#/$defs/share"}, {"type": "null"}]},
        "rows": {
            "type": "array",
            "minItems": 1,
            "maxItems": 3,
            "uniqueItems": True,
            "items": {"type": "object", "minProperties": 1, "maxProperties": 2},
        },
        "kind": {"enum": ["a", 1]},
        "one": {"const": 1},
        "name": {"type": "string", "minLength": 1, "pattern": "^[a-z]*$"},
    },
    "propertyNames": {"pattern": "^[a-z]+$"},
    "additionalProperties": {"type": ["number", "boolean"]},
    "allOf": [
        {
            "if": {"properties": {"n": {"const": 0}}, "required": ["n"]},
            "then": {"properties": {"kind": {"const": "a"}}},
            "else": {"properties": {"kind": {"const": 1}}},
        }
    ],
    "$defs": {"share": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}},
}
GOOD: dict[str, Any] = {
    "n": 0,
    "rows": [{"a": 1}],
    "share": 0.5,
    "kind": "a",
    "one": 1,
    "name": "x",
}


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_every_keyword_of_a_schema_is_looked_at(path: Path) -> None:
    def keywords(schema: Any) -> set[str]:
        found = set(schema)
        for keyword in ("properties", "$defs"):
            for inner in schema.get(keyword, {}).values():
                found |= keywords(inner)
        for keyword in ("items", "additionalProperties", "propertyNames", "if", "then", "else"):
            if isinstance(schema.get(keyword), dict):
                found |= keywords(schema[keyword])
        for keyword in ("anyOf", "oneOf", "allOf"):
            for inner in schema.get(keyword, []):
                found |= keywords(inner)
        return found

    assert keywords(json.loads(path.read_text(encoding="utf-8"))) <= KEYWORDS


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, None),
        ({"n": "x"}, "n is 'x'; it must be a whole number"),
        ({"n": True}, "n is True; it must be a whole number"),
        ({"n": -1}, "n is -1; it must be at least 0"),
        ({"n": 10}, "n is 10; it must be at most 9"),
        ({"share": 0}, "share is 0; it must be above 0"),
        ({"share": 1}, "share is 1; it must be below 1"),
        ({"share": None}, None),
        ({"share": "x"}, "share is 'x'; it must be a number"),
        ({"rows": []}, "rows has 0 entries; it must have at least 1"),
        ({"rows": [{"a": i} for i in range(4)]}, "rows has 4 entries; it must have at most 3"),
        ({"rows": [{"a": 1}, {"a": 1}]}, "rows has an entry twice"),
        ({"rows": [{}]}, "rows[0] has 0 entries; it must have at least 1"),
        ({"rows": {}}, "rows is a table; it must be a list"),
        ({"kind": "b"}, "kind is 'b'; it must be"),
        ({"kind": 1}, "kind is 1; it must be 'a'"),
        ({"n": 1, "kind": 1}, None),
        ({"one": True}, "one is True; it must be 1"),
        ({"name": ""}, "name has 0 characters; it must have at least 1"),
        ({"name": "X"}, "name is 'X'; it must be of the form"),
        ({"other": "x"}, "other is 'x'; it must be a number or true or false"),
        ({"O": 1}, "the name O is 'O'; it must be of the form"),
    ],
)
def test_the_first_mismatch_is_told_where_jsonschema_finds_one(
    change: dict[str, Any], told: str | None
) -> None:
    value = {**copy.deepcopy(GOOD), **change}
    found = mismatch(value, SCHEMA)
    assert jsonschema.Draft202012Validator(SCHEMA).is_valid(value) == (found is None)
    assert found == told or (found is not None and told is not None and found.startswith(told))


def test_what_is_missing_is_named() -> None:
    assert mismatch({"n": 1}, SCHEMA) == "it has no 'rows'"
