"""Conversion of older versions' results to the current form."""

from collections.abc import Mapping
from typing import Any

#: Checks used to have sentences as names, which stated the expected outcome.
_CHECKS = {
    "claims confirmed": "claims",
    "attacks stay in the ball": "ball",
    "stored examples hold": "stored-examples",
    "robust only where correct": "robust-where-correct",
    "robust accuracy never rises with ε": "order-of-eps",
    "attacks not below the exact value": "exact-bound",
    "gap to the exact value": "exact-gap",
    "every attack finished": "time",
    "starting points found": "starting-points",
    "an attack with gradients ran": "white-box",
    "white-box not weaker than black-box": "white-box-against-black-box",
    "PGD not weaker than FGSM": "pgd-against-fgsm",
    "gradients usable": "gradients",
    "canary": "canary-affine",
    "no success is lost": "lost-successes",
    "broken at the full range": "full-range",
    "noise breaks nothing more": "noise",
    "other attacks not weaker than noise": "search-against-noise",
    "twice the budget changes little": "doubled-budget",
    "predictions repeat": "repeated-predictions",
    "scores are logits": "scores",
    "softmax not saturated": "softmax",
}


#: The beginning of the notice in audits without reference rows.
_NO_REFERENCE = "No reference rows were given"

#: The version of those results.
_OLDER = "1.0"
_CHECK_THEN: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "status", "value", "allowed"],
    "properties": {
        "name": {"$ref": "#/$defs/name"},
        "status": {"enum": ["pass", "warn", "fail"]},
        "value": {"type": "number"},
        "allowed": {"$ref": "#/$defs/name"},
    },
}


def is_older(results: Any) -> bool:
    """Say whether a document declares the previous version of the results."""
    return isinstance(results, dict) and results.get("schema_version") == _OLDER


def older_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of older results, derived from the current one."""
    properties = {key: value for key, value in schema["properties"].items() if key != "canaries"}
    canary = {"anyOf": [{"$ref": "#/$defs/canary"}, {"type": "null"}]}
    required = ["canary" if name == "canaries" else name for name in schema["required"]]
    dataset = schema["$defs"]["dataset"]
    # the number of columns was not stored then
    counted = [name for name in dataset["required"] if name != "n_columns"]
    return {
        **schema,
        "required": required,
        "properties": properties | {"schema_version": {"const": _OLDER}, "canary": canary},
        "$defs": {
            **schema["$defs"],
            "check": _CHECK_THEN,
            "dataset": {**dataset, "required": counted},
        },
    }


def renewed(results: Mapping[str, Any], version: str) -> dict[str, Any]:
    """Return older results in the form for gates and reports; ``version``: the current one.

    Older checks keep their words, marked as those of an older version, because their value
    counted violations under a name for the expected outcome.
    """
    record = results["canary"]
    new = {key: value for key, value in results.items() if key != "canary"}
    new |= {"schema_version": version, "canaries": None if record is None else {"affine": record}}
    new["rows"] = [row | {"checks": [*map(_check, row["checks"])]} for row in results["rows"]]
    return new


def with_ranges(results: Mapping[str, Any]) -> dict[str, Any]:
    """Return results with the ``ranges`` of an audit's data, which used to be in a notice only."""
    if "model" not in results:
        return dict(results)
    datasets = {
        name: {"ranges": "test" if any(map(_says_so, about["notices"])) else "reference", **about}
        for name, about in results["datasets"].items()
    }
    return {**results, "datasets": datasets}


def _says_so(notice: str) -> bool:
    return notice.startswith(_NO_REFERENCE)


def _check(old: Mapping[str, Any]) -> dict[str, Any]:
    verdict = {"pass": "passed", "warn": "warned", "fail": "failed"}[old["status"]]
    sentence = (
        f"In an older version the check “{old['name']}” {verdict}: it measured {old['value']:.4g}, "
        f"and allowed “{old['allowed']}”."
    )
    name = _CHECKS.get(old["name"], old["name"])
    return {"name": name, "status": old["status"], "sentence": sentence, "value": old["value"]}
