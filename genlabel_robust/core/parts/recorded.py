"""Descriptions of the stored record of a part from outside."""

from collections.abc import Mapping
from typing import Any

from genlabel_robust.core.parts.kinds import KINDS, registry_of

_SHOWN = 12


def kind_word(record: Mapping[str, Any]) -> str:
    """Return the noun for the kind of part in ``record``, such as "strategy"."""
    kind = str(record.get("kind"))
    return registry_of(kind).kind if kind in KINDS else "part"


def recorded_origin(record: Mapping[str, Any]) -> str:
    """Return its origin: "noise:Noise", or "noise:Noise of noise-package 1.0"."""
    where = f"{record.get('object')}"
    if record.get("distribution") is None:
        return where
    return f"{where} of {record.get('distribution')} {record.get('version')}"


def with_source(record: Mapping[str, Any]) -> str:
    """Return its origin and the beginning of its source's digest.

    Without a digest, the mark that distinguishes this use from all others: two uses may differ.
    """
    source = record.get("source")
    known = f"source {short(source)}" if source else f"no source, use {short(record.get('unique'))}"
    return f"{known} of {recorded_origin(record)}"


def short(digest: Any) -> str:
    """Return the beginning of a digest, enough to compare sources; "unknown" without a digest."""
    return "unknown" if digest is None else str(digest)[:_SHOWN]
