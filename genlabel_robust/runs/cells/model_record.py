"""What results say of an audited model: what it is, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from genlabel_robust.models.adapters.one_output import Output
from genlabel_robust.models.company import Varies
from genlabel_robust.threat import Knowledge

#: What results, and files of earlier versions, call a model that no recipe of ours trained:
#: strategy and architecture. To a reader it is the model of the run, and has no other name.
STRATEGY, ARCHITECTURE = "given", "model"


@dataclass(frozen=True)
class ModelRecord:
    """A model of somebody else's.

    ``name``: of its file, or of its class in memory; ``format``: such as "ONNX"; ``sha256``:
    of the bytes of its file, or, where it was ``in_memory``, a fingerprint of what the object
    holds, which is no file's; None where there is none. ``probabilities``: whether its scores
    are such, of which attacks take logarithms. ``output``: what its one output was taken to be,
    None if it gives labels or a score for each class. ``varies``: what its answers depend on
    besides their rows, None for a model that is a function of a row. ``notes``: whole sentences.
    ``library``: what it was asked through, with its version; not part of the results, as
    another version may give the same ones.
    """

    name: str
    format: str
    sha256: str | None
    knowledge: Knowledge
    probabilities: bool = False
    output: Output | None = None
    varies: Varies | None = None
    notes: tuple[str, ...] = ()
    in_memory: bool = False
    library: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return what ``results.json`` holds of it."""
        told = asdict(self)
        del told["library"]
        return told | {"notes": list(self.notes)}

    @classmethod
    def of(cls, stored: Mapping[str, Any], library: str = "") -> ModelRecord:
        """Return what ``as_dict`` wrote; what earlier versions did not write is as by default."""
        return cls(**{**stored, "notes": tuple(stored["notes"]), "library": library})


def random_answers(record: ModelRecord | None) -> str | None:
    """Say that the answers of the model of a ``record`` are not its rows' own, None if they are.

    A whole sentence without its point.
    """
    if record is None or record.varies is None:
        return None
    on = "chance" if record.varies == "chance" else "the other rows that it is asked with"
    return (
        f"the model's answer for a row depends on {on}, so every figure comes from one draw, and "
        "another run gives other figures"
    )


def no_gradients(record: ModelRecord) -> str | None:
    """Say why attacks with gradients did not run on the model of a ``record``, None if they did."""
    if record.knowledge == "gradients":
        return None
    answers = "scores" if record.knowledge == "scores" else "labels"
    return f"they need gradients, and the model returns {answers} only"
