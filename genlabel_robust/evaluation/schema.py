"""The JSON Schemas of what a run folder holds; that of ``results.json`` is public and versioned."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

from genlabel_robust.core.errors import UsageError
from genlabel_robust.core.parsing import read_json
from genlabel_robust.core.schema import mismatch

SCHEMA_VERSION = "1.0"

Document: TypeAlias = Literal["results", "manifest", "cell"]


def results_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) that every ``results.json`` satisfies."""
    return _schema("results")


def read_document(path: Path, kind: Document, *, error: type[UsageError]) -> dict[str, Any]:
    """Return the JSON file at ``path``, which is what the schema of ``kind`` says.

    Raises ``error``, in one sentence that names the file and what is wrong in it.
    """
    value = read_json(path, error=error)
    wrong = mismatch(value, _schema(kind))
    if wrong is not None:
        raise error(f"{path} is not as a run writes it: {wrong}")
    found: dict[str, Any] = value
    return found


@cache
def _schema(kind: Document) -> dict[str, Any]:
    schema: dict[str, Any] = read_json(Path(__file__).with_name(f"{kind}.schema.json"))
    return schema
