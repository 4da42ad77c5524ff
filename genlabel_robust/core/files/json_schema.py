"""Validation against JSON Schema: the part of draft 2020-12 that the package's schemas use.

The schema of a file is the only place that defines its content, and code that reads the file relies
on it. Unknown properties are accepted: another version may have written them.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

Schema: TypeAlias = Mapping[str, Any]

#: Tests for the JSON types; True is not a number, and 5.0 is not an integer.
_TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
}
_WORDS = {
    "object": "a table",
    "array": "a list",
    "string": "a text",
    "boolean": "true or false",
    "null": "null",
    "integer": "a whole number",
    "number": "a number",
}
_BOUNDS: dict[str, tuple[Callable[[Any, Any], bool], str]] = {
    "minimum": (lambda value, bound: value >= bound, "at least"),
    "maximum": (lambda value, bound: value <= bound, "at most"),
    "exclusiveMinimum": (lambda value, bound: value > bound, "above"),
    "exclusiveMaximum": (lambda value, bound: value < bound, "below"),
}
_LENGTHS: dict[str, tuple[type[Any], bool, str]] = {
    "minLength": (str, True, "characters"),
    "minItems": (list, True, "entries"),
    "maxItems": (list, False, "entries"),
    "minProperties": (dict, True, "entries"),
    "maxProperties": (dict, False, "entries"),
}
#: Every keyword that is supported, including those that do not restrict the value.
KEYWORDS = frozenset(
    {
        "$schema",
        "$id",
        "$defs",
        "title",
        "description",
        "$ref",
        "type",
        "const",
        "enum",
        "anyOf",
        "oneOf",
        "allOf",
        "if",
        "then",
        "else",
        "pattern",
        "properties",
        "required",
        "items",
        "additionalProperties",
        "propertyNames",
        "uniqueItems",
        *_BOUNDS,
        *_LENGTHS,
    }
)
#: The longest name or value that a message shows whole.
_LONGEST = 60


def mismatch(value: Any, schema: Schema) -> str | None:
    """Return the first place where ``value`` violates ``schema``, None if it is valid.

    The text is a sentence such as "rows[0].eps is 'x'; it must be a number".
    """
    return next(_mismatches(value, schema, schema, ""), None)


def _mismatches(value: Any, schema: Schema, root: Schema, path: str) -> Iterator[str]:
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        yield from _mismatches(value, root["$defs"][name], root, path)
    for keyword in ("anyOf", "oneOf"):
        # oneOf is treated as anyOf: several may match, since unknown properties are accepted
        if keyword in schema:
            yield from _none_fits(value, schema[keyword], root, path)
    kinds = schema.get("type", ())
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(_TYPES[kind](value) for kind in kinds):
        yield _says(path, value, " or ".join(_WORDS[kind] for kind in kinds))
        return
    if "const" in schema and not _same(value, schema["const"]):
        yield _says(path, value, repr(schema["const"]))
    if "enum" in schema and not any(_same(value, one) for one in schema["enum"]):
        yield _says(path, value, " or ".join(repr(one) for one in schema["enum"]))
    yield from _sizes(value, schema, path)
    if isinstance(value, dict):
        yield from _of_table(value, schema, root, path)
    elif isinstance(value, list):
        if schema.get("uniqueItems") and len({repr(entry) for entry in value}) < len(value):
            yield f"{path or 'it'} has an entry twice"
        if "items" in schema:
            for index, entry in enumerate(value):
                yield from _mismatches(entry, schema["items"], root, f"{path}[{index}]")
    # last: these apply only to values that are valid so far
    for part in schema.get("allOf", ()):
        yield from _mismatches(value, part, root, path)
    if "if" in schema:
        fits = next(_mismatches(value, schema["if"], root, path), None) is None
        yield from _mismatches(value, schema.get("then" if fits else "else", {}), root, path)


def _none_fits(value: Any, options: list[Schema], root: Schema, path: str) -> Iterator[str]:
    """Yield the mismatch with the nearest of ``options``, unless one of them matches."""
    wrong = [next(_mismatches(value, option, root, path), None) for option in options]
    if all(wrong):
        # an option whose mismatch lies deeper has the same type as the value
        yield max(
            (problem for problem in wrong if problem),
            key=lambda problem: len(problem.split(" ", 1)[0]),
        )


def _sizes(value: Any, schema: Schema, path: str) -> Iterator[str]:
    if _TYPES["number"](value):
        for keyword, (fits, word) in _BOUNDS.items():
            if keyword in schema and not fits(value, schema[keyword]):
                yield _says(path, value, f"{word} {schema[keyword]:g}")
    for keyword, (kind, least, unit) in _LENGTHS.items():
        if keyword not in schema or not isinstance(value, kind):
            continue
        count, bound = len(value), schema[keyword]
        if count < bound if least else count > bound:
            word = "at least" if least else "at most"
            yield f"{path or 'it'} has {count} {unit}; it must have {word} {bound}"
    if "pattern" in schema and isinstance(value, str) and not re.search(schema["pattern"], value):
        yield _says(path, value, f"of the form {schema['pattern']}")


def _of_table(value: dict[str, Any], schema: Schema, root: Schema, path: str) -> Iterator[str]:
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{path or 'it'} has no {name!r}"
    known, others = schema.get("properties", {}), schema.get("additionalProperties")
    names = schema.get("propertyNames")
    for name, entry in value.items():
        label = name if len(name) <= _LONGEST else f"{name[:_LONGEST]}..."
        here = f"{path}.{label}" if path else label
        if names is not None:
            yield from _mismatches(name, names, root, f"the name {here}")
        if name in known:
            yield from _mismatches(entry, known[name], root, here)
        elif isinstance(others, Mapping):
            yield from _mismatches(entry, others, root, here)


def _same(one: Any, other: Any) -> bool:
    """Compare two values as JSON does: 1 and true differ."""
    return type(one) is type(other) and bool(one == other)


def _says(path: str, value: Any, wanted: str) -> str:
    text = (
        repr(value)
        if not isinstance(value, dict | list)
        else _WORDS["object" if isinstance(value, dict) else "array"]
    )
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
    return f"{path or 'it'} is {text}; it must be {wanted}"
