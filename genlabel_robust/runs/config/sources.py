"""The sources of settings besides options: project files, a configuration file, variables."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genlabel_robust.core import ConfigurationError, shown, unknown_name
from genlabel_robust.core.files.parsing import parsed_toml_or_none, read_toml
from genlabel_robust.runs.config.kinds import SEVERAL
from genlabel_robust.runs.config.settings import KNOWN
from genlabel_robust.threat import read_threat

PYPROJECT, PROJECT_FILE = "pyproject.toml", "genlabel-robust.toml"
_TABLE = "genlabel_robust"

PREFIX = "GENLABEL_ROBUST_"
#: Environment variables that are not settings of a run, without their prefix.
OTHER_VARIABLES = ("OPENML_DIR", "DEBUG")


@dataclass(frozen=True)
class Layer:
    """The settings from one source; nothing in ``values`` is checked yet.

    ``source``: its name in the manifest; ``where``: its name in errors.
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
    """Yield the layers below the options, the lowest first.

    ``folder``: where the search for the project's files begins. Raises
    ``ConfigurationError`` for unreadable files, ``UnknownNameError`` for unknown variables.
    """
    yield from _project(folder)
    if config_file is not None:
        path = Path(config_file)
        yield Layer(f"file {path.name}", str(path), _read(path))
    if threat_file is not None:
        path = Path(threat_file)
        yield Layer(f"file {path.name}", str(path), read_threat(path))
    yield from _variables(environ)


def toml_or_text(text: str, name: str = "the value") -> Any:
    """Return ``text`` parsed as a TOML value, or ``text`` itself if it is not TOML.

    ``name``: its name in errors. Raises ``ConfigurationError`` for values that no setting
    has: whole numbers beyond 64 bits, or very deeply nested lists.
    """
    document = parsed_toml_or_none(f"value = {text}", name)
    # a line break in the text could set more than one value
    return document["value"] if document is not None and len(document) == 1 else text


def _project(folder: Path) -> Iterator[Layer]:
    """Yield the settings of the nearest folder, upward from ``folder``, with a project file."""
    for place in (folder, *folder.parents):
        pyproject, own = place / PYPROJECT, place / PROJECT_FILE
        # a path that is not a regular file is an error, not skipped
        found = [path.exists() and not path.is_dir() for path in (pyproject, own)]
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
        # the name of the distribution is easily mistaken for that of the table
        if name != _TABLE and re.sub(r"[-_.]+", "_", name).lower() == _TABLE:
            raise ConfigurationError(
                f"{path} has a table [tool.{name}]; it must be named [tool.{_TABLE}]"
            )
    table = tools.get(_TABLE, {})
    if not isinstance(table, Mapping):
        raise ConfigurationError(
            f"{path}: tool.{_TABLE} must be a table, [tool.{_TABLE}]; it is {shown(table)}"
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
                "setting",
                upper,
                (*names, *OTHER_VARIABLES),
                where=f"for an environment variable {PREFIX}...",
            )
        name = names[upper]
        value = _variable_value(name, variable, environ[variable])
        yield Layer(f"variable {variable}", variable, {name: value})


def _variable_value(name: str, variable: str, text: str) -> Any:
    """Read a variable as TOML; lists may be separated by commas, and text needs no quotes."""
    value = toml_or_text(text, f"variable {variable}")
    kind = KNOWN[name].kind
    if kind in SEVERAL:
        if isinstance(value, list):
            return value
        if isinstance(value, str) and value != text:
            return [value]
        return [part.strip() for part in text.split(",") if part.strip()]
    if kind == "text" and not isinstance(value, str):
        return text
    return value


def _read(path: Path) -> dict[str, Any]:
    return read_toml(path, name=f"configuration file {path}", error=ConfigurationError)
