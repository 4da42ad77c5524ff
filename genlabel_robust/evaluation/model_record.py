"""What results say of a model that was given: what it is, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from genlabel_robust.core.threat import Knowledge


@dataclass(frozen=True)
class ModelRecord:
    """A model of somebody else's.

    ``name``: of its file, or of its class in memory; ``format``: such as "ONNX"; ``sha256``:
    of the bytes of its file, or, where it was ``in_memory``, a fingerprint of what the object
    holds, which is no file's; None where there is none. ``probabilities``: whether its scores
    are such, of which attacks take logarithms. ``notes``: whole sentences. ``library``: what
    it was asked through, with its version; not part of the results, as another version may
    give the same ones.
    """

    name: str
    format: str
    sha256: str | None
    knowledge: Knowledge
    probabilities: bool = False
    notes: tuple[str, ...] = ()
    in_memory: bool = False
    library: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return what ``results.json`` holds of it."""
        told = asdict(self)
        del told["library"]
        return told | {"notes": list(self.notes)}


def no_gradients(record: Mapping[str, Any]) -> str | None:
    """Say why attacks with gradients did not run on the model of a ``record``, None if they did."""
    if record["knowledge"] == "gradients":
        return None
    given = "scores" if record["knowledge"] == "scores" else "labels only"
    return f"a model of {record['format']} gives {given}, and no gradients"
