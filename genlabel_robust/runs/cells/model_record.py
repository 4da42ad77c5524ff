"""The record of an audited model in the results: its origin, and what it offers to attackers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from genlabel_robust.models.adapters.one_output import Output
from genlabel_robust.models.company import Varies
from genlabel_robust.threat import Knowledge

#: The strategy and architecture of a model that was not trained by a recipe, in results and in
#: files of earlier versions. Readers see "the model" of the run instead.
STRATEGY, ARCHITECTURE = "given", "model"


def called(dataset: str, strategy: str, architecture: str) -> str:
    """Return the name of a model for people: "iris/vanilla/mlp", or "the model on iris"."""
    if (strategy, architecture) == (STRATEGY, ARCHITECTURE):
        return f"the model on {dataset}"
    return f"{dataset}/{strategy}/{architecture}"


@dataclass(frozen=True)
class ModelRecord:
    """A user's own model.

    ``name``: of its file, or of its class in memory; ``format``: such as "ONNX"; ``sha256``: of the
    bytes of its file, or, for an object ``in_memory``, a fingerprint of its content; None if there
    is none. ``probabilities``: whether its scores are probabilities, of which attacks take
    logarithms. ``output``: the meaning of its single output, None if it returns labels or a score
    for each class. ``varies``: what its answers depend on besides the row, None for a function of
    the row. ``notes``: whole sentences. ``library``: the library, with its version, that computes
    it; not part of the results, because another version may give the same ones.
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
        """Return the record as in ``results.json``."""
        record = asdict(self)
        del record["library"]
        return record | {"notes": list(self.notes)}

    @classmethod
    def of(cls, stored: Mapping[str, Any], library: str = "") -> ModelRecord:
        """Read what ``as_dict`` wrote; fields missing in earlier versions get their defaults."""
        return cls(**{**stored, "notes": tuple(stored["notes"]), "library": library})


def random_answers(record: ModelRecord | None) -> str | None:
    """Return a warning that the model's answers vary for the same row, None if they do not.

    A whole sentence without its full stop.
    """
    if record is None or record.varies is None:
        return None
    on = "chance" if record.varies == "chance" else "the other rows that it is asked with"
    return (
        f"the model's answer for a row depends on {on}, so every figure comes from one draw, and "
        "another run gives other figures"
    )


def no_gradients(record: ModelRecord) -> str | None:
    """Return why attacks with gradients did not run on the model, None if they did."""
    if record.knowledge == "gradients":
        return None
    answers = "scores" if record.knowledge == "scores" else "labels"
    return f"they need gradients, and the model returns {answers} only"
