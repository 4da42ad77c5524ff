"""What a gate says: a verdict on each endpoint, and on all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

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

    ``name``: the endpoint's; ``text``: what is said of it; ``figures``: what it rests on, plain
    JSON values; ``word``: what the sentence begins with, if not with the status.
    """

    name: str
    status: Status
    text: str
    figures: Mapping[str, Any] = field(default_factory=dict)
    word: str | None = None

    @property
    def sentence(self) -> str:
        """All of it in one sentence."""
        return f"{self.word or self.status.upper()} {self.text}"


@dataclass(frozen=True)
class Description:
    """What is said of a row about which nothing is decided; ``name``: the row's."""

    name: str
    text: str

    def __str__(self) -> str:
        return f"{self.name}: {self.text}"


@dataclass(frozen=True)
class GateResult:
    """The verdicts, and what else a reader is told.

    ``described``: other rows of the run, about which nothing is decided; ``notes``: what
    must be known beside the verdicts; ``command``: what gives this result again.
    """

    verdicts: Sequence[Verdict]
    policy: Policy
    described: Sequence[Description] = ()
    notes: Sequence[str] = ()
    command: str = ""
    about: Mapping[str, Any] = field(default_factory=dict)

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
            "endpoints": [
                {"name": v.name, "status": v.status, "sentence": v.sentence, **v.figures}
                for v in self.verdicts
            ],
            "described": [str(row) for row in self.described],
            "notes": list(self.notes),
            "command": self.command,
            **self.about,
        }
