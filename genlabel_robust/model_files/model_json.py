"""Parsing of models in JSON, which are larger than this package's own JSON documents."""

import json
from typing import Any

from genlabel_robust.model_files.checked_values import MOST_VALUES, UnfitError


def parsed_json(content: bytes) -> Any:
    """Return the parsed JSON.

    Raises ``UnfitError`` for invalid JSON, for too many lists and objects, and for an object that
    has the same key twice.
    """
    if content.count(b"{") + content.count(b"[") > MOST_VALUES:
        raise UnfitError(f"it contains more than {MOST_VALUES:,} lists and objects")
    try:
        return json.loads(content, object_pairs_hook=_once)
    except (UnicodeDecodeError, RecursionError, ValueError) as error:
        reason = (
            str(error) if isinstance(error, UnfitError) else "it is not a complete JSON document"
        )
        raise UnfitError(reason) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise UnfitError("one of its objects has the same key twice")
    return found
