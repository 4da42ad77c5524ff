"""What a check of a row found, as results have it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from genlabel_robust.core.files.json_values import json_fields
from genlabel_robust.runs.checks.judging.check import Bound, Check, Status


@dataclass(frozen=True)
class CheckResult:
    """A ``Check`` as results have it; those of older versions say no ``bound`` and ``limit``."""

    name: str
    status: Status
    sentence: str
    value: float
    bound: Bound | None = None
    limit: float | None = None

    @classmethod
    def of(cls, check: Check) -> CheckResult:
        """Return what results say of ``check``."""
        return cls(**check.as_dict())

    def as_dict(self) -> dict[str, Any]:
        """Return it as ``results.json`` has it."""
        return json_fields(self, where_set=("bound", "limit"))
