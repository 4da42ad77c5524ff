"""What may make the figures mean something else than they seem to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self, TypeAlias

#: The kinds of concerns, the most serious first.
ConcernKind: TypeAlias = Literal["class_order", "far_value", "identifier"]


@dataclass(frozen=True)
class Concern:
    """A whole ``text`` that says what was seen, with its ``figures``, and what to do about it.

    It stands beside the results wherever they are shown; notices are said once.
    """

    kind: ConcernKind
    text: str
    figures: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Self:
        """Return what ``as_dict`` wrote."""
        figures = {key: value for key, value in found.items() if key not in ("kind", "text")}
        return cls(found["kind"], found["text"], figures)

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {"kind": self.kind, "text": self.text, **self.figures}
