"""From options and a TOML file to one ``RunConfig``, with the source of each value."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from genlabel_robust.core.constraints import Constraints
from genlabel_robust.core.errors import ConfigurationError, UnknownNameError, unknown_name
from genlabel_robust.evaluation.config import SETTINGS, RunConfig
from genlabel_robust.evaluation.values import (
    PLURAL,
    SINGULAR,
    TABLES,
    check_table,
    plural_entries,
    single_value,
)

#: The table of limits on single features: a setting of its own, not one of ``TABLES``.
_CONSTRAINTS = "constraints"


def resolve(given: Mapping[str, Any]) -> tuple[RunConfig, dict[str, str]]:
    """Return the configuration, and where each setting came from: default, file, option.

    ``given``: the options of ``evaluate``, with ``config_file`` and ``assignments``.
    Raises ``UnknownNameError`` and ``ConfigurationError``.
    """
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    tables: dict[str, dict[str, Any]] = {}
    path = given.get("config_file")
    if path is not None:
        for name, value in _read(Path(path)).items():
            if name in TABLES:
                tables[name] = _checked(name, value, path)
            else:
                values[name] = _checked(name, value, path)
            sources["settings" if name in TABLES else name] = f"file {Path(path).name}"
    for name, value in given.items():
        if name in SETTINGS and value not in (None, ()):
            values[name], sources[name] = value, "option"
    for assignment in given.get("assignments", ()):
        _assign(assignment, values, tables, sources)
    return RunConfig(**values, settings=tables), sources


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"configuration file {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"configuration file {path} is not valid TOML: {error}") from error


def _checked(name: str, value: Any, where: str) -> Any:
    """Return the checked value of a setting; an error says where it was set."""
    known = (*PLURAL, *SINGULAR, *TABLES, _CONSTRAINTS)
    if name not in known:
        raise unknown_name(f"setting ({where})", name, known)
    try:
        if name in TABLES:
            check_table(name, value)
            return value
        if name == _CONSTRAINTS:
            return Constraints.of(value).as_dict()
        if name in PLURAL:
            return plural_entries(name, value)
        return single_value(name, value, SINGULAR[name][0])
    except (ConfigurationError, UnknownNameError) as error:
        raise type(error)(f"{where}: {error}") from error


def _assign(
    assignment: str,
    values: dict[str, Any],
    tables: dict[str, dict[str, Any]],
    sources: dict[str, str],
) -> None:
    """Apply one ``--set KEY=VALUE``; VALUE is read as TOML, or as text if it is none."""
    key, equals, text = assignment.partition("=")
    head, *rest = key.strip().split(".")
    if not equals or not key.strip():
        raise ConfigurationError(f"--set {assignment}: must be KEY=VALUE, such as train.epochs=50")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text
    if head == _CONSTRAINTS:
        _constrain(assignment, rest, value, values)
        sources[head] = "option"
        return
    depth = {"train": 1}.get(head, 2) if head in TABLES else 0
    if len(rest) != depth:
        form = {0: head, 1: f"{head}.SETTING", 2: f"{head}.NAME.SETTING"}[depth]
        raise ConfigurationError(f"--set {assignment}: {head!r} is set as {form}=VALUE")
    if depth == 0:
        values[head], sources[head] = _checked(head, value, "--set"), "option"
        return
    table = tables.setdefault(head, {})
    if depth == 2:
        table = table.setdefault(rest[0], {})
    table[rest[-1]] = value
    sources["settings"] = "option"


def _constrain(assignment: str, rest: list[str], value: Any, values: dict[str, Any]) -> None:
    """Set one kind of constraints in ``values``, or the weight of one feature."""
    kind, *feature = rest or [""]
    if not kind or (feature and kind != "weights"):
        raise ConfigurationError(
            f"--set {assignment}: {_CONSTRAINTS!r} is set as constraints.KIND=[NAMES] or "
            "constraints.weights.NAME=NUMBER"
        )
    table = dict(values.get(_CONSTRAINTS, {}))
    if feature:
        # a name may hold dots itself
        value = {**table.get(kind, {}), ".".join(feature): value}
    # by itself: what contradicts another kind may be on its way out
    checked = _checked(_CONSTRAINTS, {kind: value}, "--set")
    values[_CONSTRAINTS] = {k: v for k, v in table.items() if k != kind} | checked
