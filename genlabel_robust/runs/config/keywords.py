"""Settings as keywords from Python, spelled as people guess them."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any

from genlabel_robust.core import ConfigurationError, UnknownNameError, shown, unknown_name
from genlabel_robust.core.errors import no_such
from genlabel_robust.runs.config.tables import TABLES
from genlabel_robust.threat import Constraints, read_threat

#: What ``threat=`` takes: a threat file, or what ``read_threat`` returns of one.
Threat = str | os.PathLike[str] | Mapping[str, Any]


def of_threat(threat: Threat | None) -> dict[str, Any]:
    """Return the settings that ``threat`` states; none of None. Raises as ``read_threat``."""
    if threat is None:
        return {}
    return dict(threat) if isinstance(threat, Mapping) else read_threat(threat)


def of_keywords(keywords: Mapping[str, Any], known: Collection[str], kind: str) -> dict[str, Any]:
    """Return ``keywords`` with tables, such as ``train={"epochs": 20}``, where settings have them.

    ``known``: the settings that there are; ``kind``: what one of them is called. Raises
    ``UnknownNameError`` for another name, with the spelling of what belongs into a table, and
    ``ConfigurationError`` for a table that is there twice.
    """
    plain = {name: value for name, value in keywords.items() if name not in TABLES}
    tables = {name: value for name, value in keywords.items() if name in TABLES}
    for name, value in plain.items():
        if name not in known:
            raise _unknown(kind, name, value, known)
    if not tables:
        return plain
    settings = plain.get("settings", {})
    if twice := [name for name in tables if name in settings]:
        raise ConfigurationError(
            f"{twice[0]} is given twice, as {twice[0]}= and in settings=; give it only once"
        )
    return {**plain, "settings": {**settings, **tables}}


def _unknown(kind: str, name: str, value: Any, known: Collection[str]) -> UnknownNameError:
    from genlabel_robust.trainers.config import TrainConfig

    for table, holder in (("train", TrainConfig), ("constraints", Constraints)):
        if name in {field.name for field in fields(holder)}:
            spelled = f"{table}={{{name!r}: {shown(value)}}}"
            return UnknownNameError(
                f"{no_such(kind, name)}; it belongs to {table}: write {spelled}"
            )
    return unknown_name(kind, name, [*known, *TABLES])
