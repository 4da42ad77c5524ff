"""The command line that reproduces a manifest's configuration."""

import json
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from genlabel_robust.core.parts.named_again import part_option
from genlabel_robust.model_files import EXECUTED
from genlabel_robust.runs.config.run_config import SETTINGS, RunConfig
from genlabel_robust.runs.config.settings import EXECUTION, NOT_OF_AUDITS, option_of
from genlabel_robust.runs.plan.audit_files import AuditFiles

_DEFAULTS = RunConfig().as_dict()
#: Settings whose default differs from the behaviour before the setting existed.
_YOUNGER = ("search", "proofs")


def command(manifest: Mapping[str, Any], files: AuditFiles | None = None) -> str:
    """Return the command of the run with ``manifest``, on several lines.

    ``files``: those of an audit, else None. It leaves out settings at their defaults (except ε),
    the folder, and the number of processes. It names the parts of other packages, except for those
    in ``from_python``, which no command can name.
    """
    config = manifest["config"]
    words = ["python -m genlabel_robust evaluate"] if files is None else [*_audit(files)]
    values = {setting: entry["value"] for setting, entry in config.items()}
    before = {name: SETTINGS[name].before for name in _YOUNGER}
    for setting, value in (before | values).items():
        if setting in EXECUTION or setting not in _DEFAULTS:
            continue
        if files is not None and setting in NOT_OF_AUDITS:
            continue
        if value != _DEFAULTS[setting] or setting == "eps":
            words += _words(setting, value)
    words += part_options(manifest)
    return " \\\n    ".join(words)


def part_options(manifest: Mapping[str, Any]) -> list[str]:
    """Return the ``--part`` options for a run's parts of other packages."""
    named = map(part_option, manifest.get("parts", ()))
    return [f"--part {shlex.quote(spec)}" for spec in named if spec is not None]


def from_python(manifest: Mapping[str, Any]) -> list[str]:
    """Return the names of parts that were Python objects, which no command can name."""
    parts = manifest.get("parts", ())
    return [part["name"] for part in parts if part_option(part) is None]


def _audit(files: AuditFiles) -> Iterator[str]:
    yield f"python -m genlabel_robust audit {shlex.quote(files.model)}"
    for option, value in (
        ("data", files.data),
        ("target", files.target),
        ("reference", files.reference),
        ("arch", files.architecture),
        ("column-order", files.column_order),
        ("output", files.output),
    ):
        if value is not None:
            yield f"--{option} {shlex.quote(value)}"
    if files.random_model:
        yield "--random-model"
    if Path(files.model).suffix.lower() in EXECUTED:
        yield "--trust"
    for option, values in (("class", files.classes), ("trust-type", files.types)):
        for value in values:
            yield f"--{option} {shlex.quote(value)}"


def _words(setting: str, value: Any) -> Iterator[str]:
    option = option_of(setting)
    if setting in ("settings", "constraints"):
        prefix = "" if setting == "settings" else "constraints."
        for key, one in _flat(value, setting):
            yield f"--set {shlex.quote(f'{prefix}{key}={toml(one)}')}"
    elif value is True:
        yield option
    elif isinstance(value, list):
        for one in value:
            yield f"{option} {shlex.quote(str(one))}"
    elif value is not None:
        yield f"{option} {shlex.quote(str(value))}"


def _flat(tables: Mapping[str, Any], setting: str) -> Iterator[tuple[str, Any]]:
    """Yield the entries of nested tables, with names as for ``--set``."""
    for key, value in tables.items():
        nested = isinstance(value, Mapping)
        if nested and (setting != "settings" or key == "train"):
            yield from ((f"{key}.{inner}", one) for inner, one in value.items())
        elif nested:
            for middle, of in value.items():
                yield from ((f"{key}.{middle}.{inner}", one) for inner, one in of.items())
        else:
            yield key, value


def toml(value: Any) -> str:
    """Format ``value`` as TOML."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{json.dumps(k)} = {toml(v)}' for k, v in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml, value))}]"
    # JSON and TOML write numbers, booleans and strings in the same way
    return json.dumps(value)
