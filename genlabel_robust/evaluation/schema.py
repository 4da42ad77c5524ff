"""The JSON Schema of ``results.json``: a public, versioned format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SCHEMA_VERSION = "1.0"


def results_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) that every ``results.json`` satisfies."""
    path = Path(__file__).with_name("results.schema.json")
    schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return schema
