"""``baseline.json``: the endpoints that later gates judge, and the history of the baseline."""

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
    """An entry in the history of a baseline.

    ``what``: the action. ``at``: the time in UTC, ISO 8601. ``replaces``: the digest of the
    baseline before, if any.
    """

    what: str
    reason: str
    at: str
    replaces: str | None = None

    @classmethod
    def now(cls, what: str, reason: str, replaces: str | None = None) -> Self:
        """Return an entry with the current time."""
        return cls(what, reason, datetime.now(UTC).isoformat(timespec="seconds"), replaces)

    def as_dict(self) -> dict[str, Any]:
        """Return it as ``baseline.json`` has it."""
        return json_fields(self)


@dataclass(frozen=True)
class BaselineRecord:
    """The content of ``baseline.json``.

    ``endpoints``: what gates judge, in the form of ``parse_endpoint``. ``history``: the last
    entry is the newest. ``test``: the pytest node id of the test that owns the baseline, or None.
    ``genlabel_robust``: the version that wrote it, or None if not stored.
    """

    endpoints: tuple[str, ...]
    history: tuple[HistoryEntry, ...]
    test: str | None = None
    genlabel_robust: str | None = __version__

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Self:
        """Build the record from what ``as_dict`` returned."""
        keys = ("what", "reason", "at", "replaces")
        history = [HistoryEntry(*map(entry.get, keys)) for entry in found["history"]]
        made = found.get("genlabel_robust")
        return cls(tuple(found["endpoints"]), tuple(history), found.get("test"), made)

    def as_dict(self) -> dict[str, Any]:
        """Return it as ``baseline.json`` has it."""
        values = json_fields(self, where_set=("test", "genlabel_robust"))
        return {"schema_version": SCHEMA_VERSION, **values}


def read_record(path: Path, file: Path) -> BaselineRecord:
    """Read ``file``, the ``baseline.json`` of the baseline ``path``, as messages call it.

    Raises ``OutputError`` if it cannot be read, or has another schema version.
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
