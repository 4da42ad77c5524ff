"""From options and a TOML file to one ``RunConfig``, with the source of each value."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from genlabel_robust.cli.epsilon import parse_eps
from genlabel_robust.core.errors import ConfigurationError, unknown_name
from genlabel_robust.evaluation.config import SETTINGS, TABLES, RunConfig

_PLURAL = {"datasets", "strategies", "architectures", "eps", "attacks", "drop"}
_KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("seeds", "seed", "split_seed", "max_examples", "jobs"), (int,)),
    **dict.fromkeys(
        ("norm", "unit", "suite", "split", "test_file", "group", "scaling", "device", "out"), (str,)
    ),
    "test_share": (int, float),
    "tune": (bool,),
}


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
                tables[name] = _table(name, value, path)
            else:
                values[name] = _checked(name, value, path)
            sources["settings" if name in TABLES else name] = f"file {Path(path).name}"
    for name, value in given.items():
        if name in SETTINGS and value not in (None, ()):
            values[name], sources[name] = value, "option"
    for assignment in given.get("assignments", ()):
        _assign(assignment, values, tables, sources)
    if "eps" in values:
        values["eps"] = tuple(number for entry in values["eps"] for number in parse_eps(entry))
    return RunConfig(**values, settings=tables), sources


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"configuration file {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"configuration file {path} is not valid TOML: {error}") from error


def _checked(name: str, value: Any, where: str) -> Any:
    """Check a value that did not pass through an option's own type."""
    if name not in _PLURAL and name not in _KINDS:
        raise unknown_name(f"setting ({where})", name, (*_PLURAL, *_KINDS, *TABLES))
    if name in _PLURAL:
        entries = tuple(value) if isinstance(value, list) else (value,)
        allowed = (int, float, str) if name == "eps" else (str,)
        if any(isinstance(e, bool) or not isinstance(e, allowed) for e in entries):
            raise ConfigurationError(f"{where}: {name} is {value!r}; it must be a list of "
                                     f"{'numbers' if name == 'eps' else 'names'}")  # fmt: skip
        return entries
    kinds = _KINDS[name]
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        wanted = {int: "a whole number", str: "a text", bool: "true or false"}[kinds[0]]
        wanted = "a number" if float in kinds else wanted
        raise ConfigurationError(f"{where}: {name} is {value!r}; it must be {wanted}")
    return value


def _table(name: str, value: Any, where: str) -> dict[str, Any]:
    nested = name != "train"
    if not isinstance(value, dict) or (
        nested and not all(isinstance(entry, dict) for entry in value.values())
    ):
        example = f"[{name}]" if not nested else f"[{name}.NAME]"
        raise ConfigurationError(f"{where}: {name!r} must be a table, {example}")
    return value


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
