"""Replacement of parts from outside in settings by plain names."""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar

from genlabel_robust.core.admitted import Part, admitted
from genlabel_robust.core.parts.kinds import registry_of
from genlabel_robust.core.parts.naming import named_part, parts_named, refuse_two_of_one_name
from genlabel_robust.core.parts.offers import offers
from genlabel_robust.runs.config.attack_config import AttackConfig

Config = TypeVar("Config", bound=AttackConfig)

#: The settings that name parts: their kind, and the table for the settings of instances.
_SETTINGS = {
    "strategies": ("strategies", "strategy"),
    "architectures": ("architectures", "architecture"),
    "attacks": ("attacks", "attack"),
}
#: Prefixes of names that are not parts: scikit-learn's models.
_NO_PARTS = ("sklearn:",)


def named_parts(
    settings: Mapping[str, Any], parts: Iterable[Any] = ()
) -> tuple[dict[str, Any], tuple[Part, ...]]:
    """Return ``settings`` with parts from outside replaced by their names, and these parts.

    The user named all of them; only they are imported here. ``parts``: as for ``parts_named``.
    The tables of settings receive the settings of instances. Raises ``UnknownNameError`` and
    ``ConfigurationError``, in one sentence.
    """
    found = [part for spec in _several(parts) for part in parts_named(spec)]
    plain = dict(settings)
    for setting, (kind, table) in _SETTINGS.items():
        if plain.get(setting) is None:
            continue
        entries = _several(plain[setting])
        names: list[Any] = []
        for entry in entries:
            part = _part(kind, entry, found)
            names.append(entry if part is None else part.name)
            if part is None:
                continue
            found.append(part)
            if part.settings:
                plain["settings"] = _with_settings(plain.get("settings"), table, part)
        plain[setting] = tuple(names)
    return plain, refuse_two_of_one_name(found)


def of_admitted(config: Config) -> Config:
    """Return ``config`` with each "module:Name" of an admitted part replaced by the part's name.

    A file may contain them as the user wrote them; nothing is imported for it.
    """
    changed: dict[str, Any] = {
        name: tuple(_admitted_name(kind, entry) for entry in getattr(config, name))
        for name, (kind, _) in _SETTINGS.items()
        if getattr(config, name, None)
    }
    return replace(config, **changed)


def _admitted_name(kind: str, entry: str) -> str:
    module, colon, path = entry.partition(":")
    if not colon:
        return entry
    there: Any = sys.modules.get(module)
    for step in path.split("."):  # without getattr, which may run code
        there = getattr(there, "__dict__", {}).get(step)
    for part in admitted():
        if part.kind == kind and (part.qualified == entry or part.target is there):
            return part.name
    return entry


def format_of(model: Any) -> list[Part]:
    """Return the reader that an installed package offers for the suffix of ``model``, if any.

    Naming a file counts as naming its reader. Empty if this package itself reads the format.
    """
    if not isinstance(model, str | PathLike):
        return []
    ending, registry = Path(model).suffix.lower(), registry_of("formats")
    if ending in registry or ending not in offers(registry):
        return []
    part = named_part(registry, ending)
    return [] if part is None else [part]


def _part(kind: str, entry: Any, found: list[Part]) -> Part | None:
    """Return the part for ``entry``, None for a name within the package or an unknown name."""
    if isinstance(entry, str):
        if entry.startswith(_NO_PARTS):
            return None
        known = [p for p in found if p.kind == kind and p.name == entry]
        return known[0] if known else named_part(registry_of(kind), entry)
    return None if isinstance(entry, PathLike) else named_part(registry_of(kind), entry)


def _several(value: Any) -> tuple[Any, ...]:
    several = isinstance(value, Iterable) and not isinstance(value, str | PathLike | Mapping)
    return tuple(value) if several else (value,)


def _with_settings(tables: Any, table: str, part: Part) -> dict[str, Any]:
    """Return the tables with the settings of ``part``; settings by the user take precedence."""
    all_tables = dict(tables or {})
    of_kind = dict(all_tables.get(table, {}))
    own = {**part.settings, **of_kind.get(part.name, {})}
    return all_tables | {table: of_kind | {part.name: own}}
