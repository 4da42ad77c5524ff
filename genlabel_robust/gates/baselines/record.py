"""``baseline.json``: what later gates judge, and how the baseline came to be."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from genlabel_robust.core import OutputError
from genlabel_robust.core.files.json_schema import mismatch
from genlabel_robust.core.files.json_values import json_fields
from genlabel_robust.core.files.parsing import read_json
from genlabel_robust.core.version import __version__

SCHEMA_VERSION = "1.0"


@dataclass(frozen=True)
class HistoryEntry:
    """What was done to a baseline, why and when; ``replaces``: the digest of the one before."""

    what: str
    reason: str
    at: str
    replaces: str | None = None

    @classmethod
    def now(cls, what: str, reason: str, replaces: str | None = None) -> Self:
        """Return the entry of what is done now."""
        return cls(what, reason, datetime.now(UTC).isoformat(timespec="seconds"), replaces)

    def as_dict(self) -> dict[str, Any]:
        """Return it as ``baseline.json`` has it."""
        return json_fields(self)


@dataclass(frozen=True)
class BaselineRecord:
    """The content of ``baseline.json``.

    ``endpoints``: what gates judge, as ``parse_endpoint`` reads it; ``history``: the last entry
    is the newest; ``test``: pytest's id of the test that it belongs to, None if to no test;
    ``genlabel_robust``: the version that wrote it, None if it does not say.
    """

    endpoints: tuple[str, ...]
    history: tuple[HistoryEntry, ...]
    test: str | None = None
    genlabel_robust: str | None = __version__

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Self:
        """Return what ``as_dict`` wrote."""
        keys = ("what", "reason", "at", "replaces")
        history = [HistoryEntry(*map(entry.get, keys)) for entry in found["history"]]
        made = found.get("genlabel_robust")
        return cls(tuple(found["endpoints"]), tuple(history), found.get("test"), made)

    def as_dict(self) -> dict[str, Any]:
        """Return it as ``baseline.json`` has it."""
        values = json_fields(self, where_set=("test", "genlabel_robust"))
        return {"schema_version": SCHEMA_VERSION, **values}


def read_record(path: Path, file: Path) -> BaselineRecord:
    """Return what ``file`` holds, of the baseline that the user calls ``path``.

    Raises ``OutputError`` if it cannot be read, or is of another version.
    """
    found = read_json(file, error=OutputError)
    made = found.get("schema_version") if isinstance(found, dict) else None
    if isinstance(made, str) and made != SCHEMA_VERSION:
        raise OutputError(
            f"{path}: format {made[:40]!r} of a baseline; this version reads {SCHEMA_VERSION}: "
            "install the one that made it, or save the baseline again"
        )
    wrong = mismatch(found, read_json(Path(__file__).with_name("baseline.schema.json")))
    if wrong is not None:
        raise OutputError(f"{file} is not as it was saved: {wrong}")
    return BaselineRecord.from_dict(found)
