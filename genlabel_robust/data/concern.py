"""Concerns: observations that may give the results another meaning."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self, TypeAlias

#: The kinds of concerns, the most serious first.
ConcernKind: TypeAlias = Literal["class_order", "far_value", "identifier"]


@dataclass(frozen=True)
class Concern:
    """An observation in sentences, ``text``, with its ``figures`` and advice.

    It is shown wherever the results are shown, whereas a notice is shown once.
    """

    kind: ConcernKind
    text: str
    figures: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Self:
        """Return the concern that ``as_dict`` wrote."""
        figures = {key: value for key, value in found.items() if key not in ("kind", "text")}
        return cls(found["kind"], found["text"], figures)

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {"kind": self.kind, "text": self.text, **self.figures}
