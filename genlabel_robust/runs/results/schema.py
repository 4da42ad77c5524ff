"""The JSON Schemas of a run folder; that of ``results.json`` is public and versioned."""

from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

from genlabel_robust.core import UsageError
from genlabel_robust.core.files.json_schema import mismatch
from genlabel_robust.core.files.parsing import parsed_json, read_json
from genlabel_robust.runs.results.older import is_older, older_schema, renewed, with_ranges
from genlabel_robust.threat.constraints.constraints import KINDS

SCHEMA_VERSION = "2.0"

Document: TypeAlias = Literal["results", "manifest", "cell"]


def results_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) that every ``results.json`` satisfies."""
    return _schema("results")


def read_document(
    path: Path, kind: Document, *, error: type[UsageError], content: bytes | None = None
) -> dict[str, Any]:
    """Return the JSON file at ``path``, checked against the schema of ``kind``.

    ``content``: used instead of the file's content. Results of the previous version are checked
    against their own schema and converted to the current form. Raises ``error``, in one sentence
    that names the file and the problem.
    """
    if content is None:
        value = read_json(path, error=error)
    else:
        value = parsed_json(content, str(path), error=error)
    older = kind == "results" and is_older(value)
    wrong = mismatch(value, older_schema(_schema(kind)) if older else _schema(kind))
    if wrong is not None:
        raise error(f"{path} is not as a run writes it: {wrong}")
    found: dict[str, Any] = renewed(value, SCHEMA_VERSION) if older else value
    return with_ranges(found) if kind == "results" else found


@cache
def _schema(kind: Document) -> dict[str, Any]:
    schema: dict[str, Any] = read_json(Path(__file__).with_name(f"{kind}.schema.json"))
    if kind == "results":
        constraints = schema["properties"]["threat"]["properties"]["constraints"]
        constraints["properties"] = {name: declared.schema for name, declared in KINDS.items()}
    return schema
