"""A format: weights of a linear model as JSON, {"weight": [[...]], "bias": [...]}."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from genlabel_robust.parts import (
    ConfigurationError,
    FloatArray,
    IntArray,
    Permission,
    PlainLibraryModel,
    Reading,
    Weigh,
)


def read(path: Path, content: bytes, permission: Permission) -> Reading:
    """Return the model in ``content``; raises ``ConfigurationError`` for anything else."""
    try:
        parts = json.loads(content)
        weight = np.array(parts["weight"], dtype=np.float64)
        bias = np.array(parts["bias"], dtype=np.float64)
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(f"{path} is no file of weights: {error}") from error
    if weight.ndim != 2 or bias.shape != weight.shape[:1] or len(bias) < 2:
        raise ConfigurationError(
            f"{path}: weight must be of shape (k, d) and bias of shape (k,), with k of at least 2; "
            f"they are {weight.shape} and {bias.shape}"
        )
    return Reading(WeightsModel(weight, bias), "weights as JSON", "numpy")


# nothing of a file is executed, so that no --trust is needed
read.executes = None


@dataclass(frozen=True, eq=False)
class WeightsModel(PlainLibraryModel):
    """Scores ``weight`` (k, d) · row + ``bias`` (k,); the largest decides."""

    weight: FloatArray
    bias: FloatArray

    takes = "numbers"
    columns = None
    classes = None
    knowledge = "gradients"

    @property
    def width(self) -> int:
        """The number of columns."""
        return self.weight.shape[1]

    @property
    def n_classes(self) -> int:
        """The number of classes."""
        return len(self.bias)

    def codes(self, rows: FloatArray) -> IntArray:
        """Return the class of each row (n,)."""
        return np.asarray(self.scores(rows).argmax(axis=1), dtype=np.int64)

    def scores(self, rows: FloatArray) -> FloatArray:
        """Return the scores (n, k), the same for a row in any company."""
        return np.asarray((rows[:, None] * self.weight).sum(axis=2) + self.bias)

    def vjp(self, rows: FloatArray, weigh: Weigh) -> tuple[FloatArray, FloatArray]:
        """Return scores (n, k) and gradients (n, d)."""
        scores = self.scores(rows)
        return scores, np.asarray(weigh(scores) @ self.weight)
