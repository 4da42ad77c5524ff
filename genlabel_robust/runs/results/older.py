"""Results of older versions, in the form that they have now."""

from collections.abc import Mapping
from typing import Any

#: Checks had sentences for names once, which said how they should come out.
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


#: How the notice of an audit without reference rows began, however it went on.
_NO_REFERENCE = "No reference rows were given"

#: The version of results that had them.
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
    """Say whether a document is, by its own word, the results of the version before."""
    return isinstance(results, dict) and results.get("schema_version") == _OLDER


def older_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of older results, given that of today's."""
    properties = {key: value for key, value in schema["properties"].items() if key != "canaries"}
    canary = {"anyOf": [{"$ref": "#/$defs/canary"}, {"type": "null"}]}
    required = ["canary" if name == "canaries" else name for name in schema["required"]]
    dataset = schema["$defs"]["dataset"]
    # columns were not counted then
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
    """Return older results as gates and reports read them; ``version``: today's.

    What an older check says keeps its words, and is said to be of an older version: its
    value counted what must not be, under a name for what must.
    """
    record = results["canary"]
    new = {key: value for key, value in results.items() if key != "canary"}
    new |= {"schema_version": version, "canaries": None if record is None else {"affine": record}}
    new["rows"] = [row | {"checks": [*map(_check, row["checks"])]} for row in results["rows"]]
    return new


def with_ranges(results: Mapping[str, Any]) -> dict[str, Any]:
    """Return results with the ``ranges`` of an audit's data, which once were told by a notice."""
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
