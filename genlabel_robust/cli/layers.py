"""Where settings come from besides options: the project's files, a file of one's own, variables."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genlabel_robust.core.errors import ConfigurationError, unknown_name
from genlabel_robust.evaluation.threat_file import read_threat
from genlabel_robust.evaluation.values import PLURAL, SINGULAR, TABLES

PYPROJECT, PROJECT_FILE = "pyproject.toml", "genlabel-robust.toml"
_TABLE = "genlabel_robust"

PREFIX = "GENLABEL_ROBUST_"
#: Variables that are no settings of a run, without their prefix.
OTHER_VARIABLES = ("OPENML_DIR",)

#: The table of limits on single features: a setting of its own, not one of ``TABLES``.
CONSTRAINTS = "constraints"
#: Every name that a layer may set.
KNOWN = (*PLURAL, *SINGULAR, *TABLES, CONSTRAINTS)


@dataclass(frozen=True)
class Layer:
    """Settings of one origin, as they were given: nothing in ``values`` is checked yet.

    ``source``: what the manifest says of them; ``where``: what an error says.
    """

    source: str
    where: str
    values: Mapping[str, Any]


def lower_layers(
    config_file: str | None,
    threat_file: str | None,
    folder: Path,
    environ: Mapping[str, str],
) -> Iterator[Layer]:
    """Yield what lies under the options, the lowest first.

    ``folder``: where the search for the project's files begins. Raises
    ``ConfigurationError`` on files that cannot be read, ``UnknownNameError`` on
    variables that mean nothing.
    """
    yield from _project(folder)
    if config_file is not None:
        path = Path(config_file)
        yield Layer(f"file {path.name}", str(path), _read(path))
    if threat_file is not None:
        path = Path(threat_file)
        yield Layer(f"file {path.name}", str(path), read_threat(path))
    yield from _variables(environ)


def toml_or_text(text: str) -> Any:
    """Return the value that ``text`` is in TOML, or ``text`` itself if it is none."""
    try:
        document = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text
    # a line break in the text could set more than the one value
    return document["value"] if len(document) == 1 else text


def _project(folder: Path) -> Iterator[Layer]:
    """Yield the settings of the nearest folder, upward from ``folder``, with a project file."""
    for place in (folder, *folder.parents):
        pyproject, own = place / PYPROJECT, place / PROJECT_FILE
        found = [os.path.isfile(path) for path in (pyproject, own)]
        if found[0]:
            yield Layer(f"file {PYPROJECT}", f"{pyproject} [tool.{_TABLE}]", _tool_table(pyproject))
        if found[1]:
            yield Layer(f"file {PROJECT_FILE}", str(own), _read(own))
        if any(found):
            return


def _tool_table(path: Path) -> Mapping[str, Any]:
    tools = _read(path).get("tool", {})
    if not isinstance(tools, Mapping):
        return {}
    for name in tools:
        # the name of the distribution is easily taken for that of the table
        if name != _TABLE and re.sub(r"[-_.]+", "_", name).lower() == _TABLE:
            raise ConfigurationError(
                f"{path} has a table [tool.{name}]; it must be named [tool.{_TABLE}]"
            )
    table = tools.get(_TABLE, {})
    if not isinstance(table, Mapping):
        raise ConfigurationError(
            f"{path}: tool.{_TABLE} must be a table, [tool.{_TABLE}]; it is {table!r}"
        )
    return table


def _variables(environ: Mapping[str, str]) -> Iterator[Layer]:
    names = {name.upper(): name for name in KNOWN}
    for variable in sorted(environ):
        upper = variable.removeprefix(PREFIX)
        if upper == variable or upper in OTHER_VARIABLES:
            continue
        if upper not in names:
            raise unknown_name(
                f"environment variable {PREFIX}...", upper, (*names, *OTHER_VARIABLES)
            )
        name = names[upper]
        value = _variable_value(name, environ[variable])
        yield Layer(f"variable {variable}", variable, {name: value})


def _variable_value(name: str, text: str) -> Any:
    """Read a variable as TOML; a list may be parted by commas, and a text goes without quotes."""
    value = toml_or_text(text)
    if name in PLURAL:
        if isinstance(value, list):
            return value
        if isinstance(value, str) and value != text:
            return [value]
        return [part.strip() for part in text.split(",") if part.strip()]
    if name in SINGULAR and SINGULAR[name][0] == "text" and not isinstance(value, str):
        return text
    return value


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"configuration file {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"configuration file {path} is not valid TOML: {error}") from error
