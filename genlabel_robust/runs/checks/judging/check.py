"""The result of a check: its name, a sentence with its figure, the limit, and the status."""

from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

Status: TypeAlias = Literal["pass", "warn", "fail"]
Bound: TypeAlias = Literal["at most", "at least"]


@dataclass(frozen=True)
class Check:
    """The result of a check.

    ``name``: an identifier of the subject, independent of the result. ``sentence``: a true
    statement with the figure and its unit. ``value`` must be ``bound`` ("at most" or "at least")
    ``limit``, in fractions or counts.
    """

    name: str
    status: Status
    sentence: str
    value: float
    bound: Bound
    limit: float

    def as_dict(self) -> dict[str, Any]:
        """Return the check as ``results.json`` has it."""
        return asdict(self)


def at_most(
    name: str, value: float, limit: float, sentence: str, *, otherwise: Literal["warn", "fail"]
) -> Check:
    """Return the check that ``value`` is at most ``limit``."""
    status: Status = "pass" if value <= limit else otherwise
    return Check(name, status, sentence, float(value), "at most", float(limit))


def at_least(
    name: str, value: float, limit: float, sentence: str, *, otherwise: Literal["warn", "fail"]
) -> Check:
    """Return the check that ``value`` is at least ``limit``."""
    status: Status = "pass" if value >= limit else otherwise
    return Check(name, status, sentence, float(value), "at least", float(limit))


def percent(share: float) -> str:
    """Format a fraction in percent: "10.3 %"."""
    return f"{100 * share:.3g} %"


def of(count: float, total: float, noun: str) -> str:
    """Format a count of a total: "3 of 29 rows (10.3 %)"."""
    return f"{count:.0f} of {total:.0f} {noun} ({percent(count / max(total, 1.0))})"
