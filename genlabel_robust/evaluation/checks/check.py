"""One check: a name, a figure, what is allowed, and the verdict."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from genlabel_robust.evaluation.panel import Panel

Check: TypeAlias = dict[str, Any]


def check(
    name: str, value: float, most: float, allowed: str, *, otherwise: Literal["warn", "fail"]
) -> Check:
    """Return the check that ``value`` is at most ``most``; ``allowed`` says so in words."""
    status = "pass" if value <= most else otherwise
    return {"name": name, "status": status, "value": float(value), "allowed": allowed}


def evidence(panel: Panel, key: str) -> float:
    """Return what the attacks put on record under ``key``, summed over attacks and seeds."""
    return float(sum(found.get(key, 0.0) for r in panel.results for found in r.evidence.values()))


def probed(panel: Panel, name: str, key: str) -> float:
    """Return a count of the probe ``name``, summed over seeds; 0 where it was not made."""
    return float(sum(r.probes.get(name, {}).get(key, 0.0) for r in panel.results))


def probed_rows(panel: Panel, name: str) -> int:
    """Return the number of test rows, over the seeds in which the probe ``name`` was made."""
    return sum(len(r.labels) for r in panel.results if name in r.probes)
