"""Line numbers of keys in a TOML file, for error messages."""

import json
from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from genlabel_robust.core import ConfigurationError, UsageError
from genlabel_robust.core.files.opening import file_text
from genlabel_robust.core.files.parsing import parsed_toml_or_none


def line_of(text: str, *keys: str) -> int | None:
    """Return the number of the line in ``text`` that sets ``keys``, from the outermost table in.

    None if no single line sets it, as inside a list of several lines.
    """
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        found = _document(line)
        if found is None:
            continue
        if line.lstrip().startswith("["):
            table = _path(found)
            if table == keys:
                return number
        elif _sets(found, table, keys):
            return number
    return None


def line_of_any(places: Iterable[tuple[str, ...]], path: str | PathLike[str]) -> str:
    """Return "line 12: " for the first of ``places`` that the threat file sets, or ""."""
    try:
        text = file_text(Path(path))
    except UsageError:
        return ""
    lines = [line for keys in places if (line := line_of(text, *keys)) is not None]
    return f"line {lines[0]}: " if lines else ""


def line_with(relation: str, path: str | PathLike[str]) -> str:
    """Return "line 12: " for the line of a threat file with ``relation``, "" if none is found."""
    try:
        lines = file_text(Path(path)).splitlines()
    except UsageError:
        return ""
    written = {relation, json.dumps(relation, ensure_ascii=False)[1:-1]}
    for number, line in enumerate(lines, start=1):
        if relation and any(text in line for text in written):
            return f"line {number}: "
    return ""


def _document(line: str) -> Mapping[str, Any] | None:
    """Return a single line parsed as TOML, None if it is not TOML by itself."""
    try:
        return parsed_toml_or_none(line, "a line") or None
    except ConfigurationError:
        return None


def _path(header: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the keys of the table that ``header`` opens."""
    keys: tuple[str, ...] = ()
    inner: Any = header
    while isinstance(inner, Mapping) and inner:
        ((key, inner),) = inner.items()
        keys = (*keys, key)
    return keys


def _sets(found: Any, table: tuple[str, ...], keys: tuple[str, ...]) -> bool:
    if keys[: len(table)] != table or len(keys) == len(table):
        return False
    for key in keys[len(table) :]:
        if not isinstance(found, Mapping) or key not in found:
            return False
        found = found[key]
    return True
