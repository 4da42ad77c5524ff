"""Settings as Python keywords, in the spellings that people try."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any

from genlabel_robust.core import ConfigurationError, UnknownNameError, shown, unknown_name
from genlabel_robust.core.errors import no_such
from genlabel_robust.runs.config.tables import TABLES
from genlabel_robust.threat import Constraints, read_threat

#: The values of ``threat=``: a threat file, or the result of ``read_threat``.
Threat = str | os.PathLike[str] | Mapping[str, Any]


def of_threat(threat: Threat | None) -> dict[str, Any]:
    """Return the settings in ``threat``, none for None. Raises the errors of ``read_threat``."""
    if threat is None:
        return {}
    return dict(threat) if isinstance(threat, Mapping) else read_threat(threat)


def of_keywords(keywords: Mapping[str, Any], known: Collection[str], kind: str) -> dict[str, Any]:
    """Return ``keywords`` with tables, such as ``train={"epochs": 20}``, moved into the settings.

    ``known``: the names of the settings; ``kind``: the word for one of them. Raises
    ``UnknownNameError`` for another name, with a hint for settings that belong into a table, and
    ``ConfigurationError`` for a table that is given twice.
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
