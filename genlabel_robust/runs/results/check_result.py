"""The result of a check of a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from genlabel_robust.core.files.json_values import json_fields
from genlabel_robust.runs.checks.judging.check import Bound, Check, Status


@dataclass(frozen=True)
class CheckResult:
    """A ``Check`` as in the results; older versions store no ``bound`` and ``limit``."""

    name: str
    status: Status
    sentence: str
    value: float
    bound: Bound | None = None
    limit: float | None = None

    @classmethod
    def of(cls, check: Check) -> CheckResult:
        """Return the part of ``check`` that results store."""
        return cls(**check.as_dict())

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as in ``results.json``."""
        return json_fields(self, where_set=("bound", "limit"))
