"""What a gate says: a verdict on each endpoint, and on all of them."""

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
#: What an inconclusive endpoint does to the whole.
Policy: TypeAlias = Literal["fail", "warn", "pass"]
POLICIES: tuple[Policy, ...] = ("fail", "warn", "pass")

#: From the least to the most severe, with the exit code of the command line.
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

    ``name``: the endpoint's; ``text``: what is said of it; ``figures``: what it rests on;
    ``word``: what the sentence begins with, if not with the status.
    """

    name: str
    status: Status
    text: str
    figures: Figures | None = None
    word: str | None = None

    @property
    def sentence(self) -> str:
        """All of it in one sentence."""
        return f"{self.word or self.status.upper()} {self.text}"

    def as_dict(self) -> dict[str, Any]:
        """Return what ``gate.json`` holds of it."""
        figures = {} if self.figures is None else self.figures.as_dict()
        return {"name": self.name, "status": self.status, "sentence": self.sentence, **figures}


@dataclass(frozen=True)
class Description:
    """What is said of a row about which nothing is decided; ``name``: the row's."""

    name: str
    text: str

    def __str__(self) -> str:
        return f"{self.name}: {self.text}"


@dataclass(frozen=True)
class Judged:
    """What was judged by what: ``digest`` and ``history`` of the baseline, None without one."""

    suite: str
    threat: ThreatModel
    digest: str | None = None
    history: Sequence[HistoryEntry] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return what ``gate.json`` holds of them."""
        baseline = {"digest": self.digest, "history": json_value(tuple(self.history))}
        return {
            "run": {"suite": self.suite, "threat": self.threat.as_dict()},
            "baseline": None if self.digest is None else baseline,
        }


@dataclass(frozen=True)
class GateResult:
    """The verdicts, and what else a reader is told.

    ``described``: other rows of the run, about which nothing is decided; ``notes``: what
    must be known beside the verdicts; ``command``: what gives this result again; ``judged``: None
    where the model was in memory.
    """

    verdicts: Sequence[Verdict]
    policy: Policy
    described: Sequence[Description] = ()
    notes: Sequence[str] = ()
    command: str = ""
    judged: Judged | None = None

    @property
    def status(self) -> Status:
        """The most severe of the verdicts; without any, nothing was evaluated."""
        order = list(EXIT_CODES)
        found = [verdict.status for verdict in self.verdicts] or ["not evaluated"]
        return order[max(order.index(status) for status in found)]

    @property
    def exit_code(self) -> int:
        """That of ``status``; an inconclusive one follows the policy."""
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
