"""Resolution of options, variables and TOML files to a ``RunConfig`` with sources."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genlabel_robust.core import ConfigurationError, UnknownNameError, unknown_name
from genlabel_robust.runs.config.run_config import SETTINGS, RunConfig
from genlabel_robust.runs.config.settings import EXECUTION, KNOWN
from genlabel_robust.runs.config.sources import Layer, lower_layers, toml_or_text
from genlabel_robust.runs.config.tables import TABLES
from genlabel_robust.threat.constraints.constraints import BY_FEATURE

OPTION, DEFAULT = "option", "default"


@dataclass(frozen=True)
class Sourced:
    """The value of a setting or a table of settings, with its source."""

    name: str
    value: Any
    source: str


def resolve(
    options: Mapping[str, Any],
    folder: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> tuple[RunConfig, dict[str, str]]:
    """Return the configuration, and the source of each value that is not a default.

    ``options``: the options of ``evaluate``, with ``config_file``, ``threat_file`` and
    ``assignments``. ``folder``: where to look for the project's files, by default the working
    directory; ``environ``: by default that of the process. A higher layer replaces values and adds
    to tables: pyproject.toml, genlabel-robust.toml, --config, --threat, variables, options, --set.
    Raises ``UnknownNameError`` and ``ConfigurationError``.
    """
    config, sources = _resolve(options, folder, environ)
    # the manifest stores all tables as one setting, whose source is the highest layer's
    return config, {name: source for name, source in sources.items() if name not in TABLES}


def resolve_over(base: RunConfig, options: Mapping[str, Any]) -> tuple[RunConfig, dict[str, str]]:
    """Return a baseline's configuration ``base`` with options on top; sources as ``resolve``.

    Settings of its execution are left out, because the baseline ran elsewhere.
    """
    unused = ("settings", *EXECUTION)
    plain = {n: v for n, v in base.as_dict().items() if n not in unused and v is not None}
    lower = Layer("baseline", "the baseline", {**plain, **base.settings})
    values, sources = _merged((lower, *_options(options)))
    tables = {name: values.pop(name) for name in TABLES if name in values}
    config = RunConfig(**values, settings=tables)
    return config, {name: source for name, source in sources.items() if name not in TABLES}


def sourced_values(
    options: Mapping[str, Any],
    folder: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> list[Sourced]:
    """Return every setting and every table, as resolved by ``resolve``."""
    config, sources = _resolve(options, folder, environ)
    values = config.as_dict()
    tables = values.pop("settings")
    values |= {name: tables.get(name, {}) for name in TABLES}
    return [Sourced(name, values[name], sources.get(name, DEFAULT)) for name in values]


def _resolve(
    options: Mapping[str, Any], folder: Path | None, environ: Mapping[str, str] | None
) -> tuple[RunConfig, dict[str, str]]:
    lower = lower_layers(
        options.get("config_file"),
        options.get("threat_file"),
        Path.cwd() if folder is None else folder,
        os.environ if environ is None else environ,
    )
    values, sources = _merged((*lower, *_options(options)))
    tables = {name: values.pop(name) for name in TABLES if name in values}
    return RunConfig(**values, settings=tables), sources


def _merged(layers: Iterable[Layer]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return all settings, and their sources, with one for "settings" (all tables)."""
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for layer in layers:
        for name, value in layer.values.items():
            checked = _checked(name, value, layer.where)
            if depth := KNOWN[name].depth:
                checked = _combined(values.get(name, {}), checked, depth)
            values[name] = checked
            sources["settings" if name in TABLES else name] = sources[name] = layer.source
    return values, sources


def _combined(lower: Mapping[str, Any], higher: Mapping[str, Any], depth: int) -> dict[str, Any]:
    """Return ``lower`` updated by ``higher``; nested tables are merged to ``depth``."""
    combined = dict(lower)
    for name, value in higher.items():
        inner = combined.get(name)
        if depth > 1 and isinstance(value, Mapping):
            value = _combined(inner if isinstance(inner, Mapping) else {}, value, depth - 1)  # noqa: PLW2901
        combined[name] = value
    return combined


def _checked(name: str, value: Any, where: str) -> Any:
    """Return the checked value of a setting; errors say where it was set."""
    if name not in KNOWN:
        raise unknown_name("setting", name, KNOWN, where=f"({where})")
    if where == OPTION:
        # already typed, and ``RunConfig`` names it in its own errors
        return value
    setting = KNOWN[name]
    try:
        checked = setting.checked(name, value)
    except (ConfigurationError, UnknownNameError) as error:
        # the option has the same name as the table
        wanted = setting.chosen_by if isinstance(value, str | list) else None
        hint = f"; which ones are run is set by {wanted!r}" if wanted else ""
        raise type(error)(f"{where}: {error}{hint}") from error
    # tables stay unchecked here, because an empty list cancels the limits of a lower layer
    return value if setting.depth else checked


def _options(options: Mapping[str, Any]) -> Iterator[Layer]:
    chosen = {n: v for n, v in options.items() if n in SETTINGS and v not in (None, ())}
    yield Layer(OPTION, OPTION, chosen)
    for assignment in options.get("assignments", ()):
        yield Layer(OPTION, "--set", _assigned(assignment))


def _assigned(assignment: str) -> dict[str, Any]:
    """Parse one ``--set KEY=VALUE``; VALUE is read as TOML, or else as text."""
    key, equals, text = assignment.partition("=")
    head, *rest = key.strip().split(".")
    if not equals or not key.strip():
        raise ConfigurationError(f"--set {assignment}: must be KEY=VALUE, such as train.epochs=50")
    value = toml_or_text(text, f"--set {key.strip()}")
    if head == "constraints":
        return {head: _constraint(assignment, rest, value)}
    depth = KNOWN[head].depth if head in KNOWN else 0
    if len(rest) != depth:
        form = {0: head, 1: f"{head}.SETTING", 2: f"{head}.NAME.SETTING"}[depth]
        raise ConfigurationError(f"--set {assignment}: {head!r} is set as {form}=VALUE")
    for name in reversed(rest):
        value = {name: value}
    return {head: value}


def _constraint(assignment: str, rest: list[str], value: Any) -> dict[str, Any]:
    """Return the table of one kind of constraints, or of one feature in such a table."""
    kind, *feature = rest or [""]
    if not kind or (feature and kind not in BY_FEATURE):
        first, *others = BY_FEATURE
        raise ConfigurationError(
            f"--set {assignment}: 'constraints' is set as constraints.KIND=[NAMES] or "
            f"constraints.{first}.NAME=NUMBER, and {' and '.join(others)} likewise"
        )
    # a feature's name may contain dots
    return {kind: {".".join(feature): value} if feature else value}
