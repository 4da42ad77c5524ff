"""The result of a gate: a verdict on each endpoint, and an overall one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from genlabel_robust.core.files.json_values import json_value

if TYPE_CHECKING:
    from genlabel_robust.gates.baselines.record import HistoryEntry
    from genlabel_robust.gates.verdicts.figures import Figures
    from genlabel_robust.threat import ThreatModel

Status: TypeAlias = Literal[
    "pass", "fail", "inconclusive", "not comparable", "attack not valid", "not evaluated"
]
#: How an inconclusive endpoint counts in the overall verdict.
Policy: TypeAlias = Literal["fail", "warn", "pass"]
POLICIES: tuple[Policy, ...] = ("fail", "warn", "pass")

#: Status -> exit code of the command line, from the least to the most severe.
EXIT_CODES: Mapping[Status, int] = {
    "pass": 0,
    "inconclusive": 5,
    "fail": 1,
    "attack not valid": 6,
    "not comparable": 4,
    "not evaluated": 3,
}


@dataclass(frozen=True)
class Verdict:
    """The verdict on one endpoint.

    ``name``: the endpoint's name. ``text``: the sentence without its first word. ``figures``: the
    numbers behind the verdict. ``word``: the first word, None for the status.
    """

    name: str
    status: Status
    text: str
    figures: Figures | None = None
    word: str | None = None

    @property
    def sentence(self) -> str:
        """The verdict as one sentence."""
        return f"{self.word or self.status.upper()} {self.text}"

    def as_dict(self) -> dict[str, Any]:
        """Return the verdict as ``gate.json`` has it."""
        figures = {} if self.figures is None else self.figures.as_dict()
        return {"name": self.name, "status": self.status, "sentence": self.sentence, **figures}


@dataclass(frozen=True)
class Description:
    """The description of a row of the results that is not judged; ``name``: the row's name."""

    name: str
    text: str

    def __str__(self) -> str:
        return f"{self.name}: {self.text}"


@dataclass(frozen=True)
class Judged:
    """The run that was judged, and its baseline.

    ``suite``, ``threat``: of the run. ``digest``, ``history``: of the baseline; None and empty
    without one.
    """

    suite: str
    threat: ThreatModel
    digest: str | None = None
    history: Sequence[HistoryEntry] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the run and the baseline as ``gate.json`` has them."""
        baseline = {"digest": self.digest, "history": json_value(tuple(self.history))}
        return {
            "run": {"suite": self.suite, "threat": self.threat.as_dict()},
            "baseline": None if self.digest is None else baseline,
        }


@dataclass(frozen=True)
class GateResult:
    """The verdicts of a gate, with descriptions and notes.

    ``described``: the other rows of the run, which are not judged. ``notes``: sentences that the
    reader must know. ``command``: the command that repeats the gate. ``judged``: None for a model
    in memory.
    """

    verdicts: Sequence[Verdict]
    policy: Policy
    described: Sequence[Description] = ()
    notes: Sequence[str] = ()
    command: str = ""
    judged: Judged | None = None

    @property
    def status(self) -> Status:
        """The most severe status of the verdicts, or "not evaluated" if there are none."""
        order = list(EXIT_CODES)
        found = [verdict.status for verdict in self.verdicts] or ["not evaluated"]
        return order[max(order.index(status) for status in found)]

    @property
    def exit_code(self) -> int:
        """The exit code of ``status``; 0 for an inconclusive gate unless the policy is "fail"."""
        if self.status == "inconclusive" and self.policy != "fail":
            return 0
        return EXIT_CODES[self.status]

    def as_dict(self) -> dict[str, Any]:
        """Return the content of ``gate.json``."""
        return {
            "schema_version": "1.0",
            "status": self.status,
            "exit_code": self.exit_code,
            "inconclusive": self.policy,
            "endpoints": [verdict.as_dict() for verdict in self.verdicts],
            "described": [str(row) for row in self.described],
            "notes": list(self.notes),
            "command": self.command,
            **({} if self.judged is None else self.judged.as_dict()),
        }
