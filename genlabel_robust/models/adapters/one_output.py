"""Models with one output for two classes: a logit, or the probability of the second class."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from genlabel_robust.core import ConfigurationError, FloatArray, IntArray, plural, unknown_name
from genlabel_robust.data.classes import Classes
from genlabel_robust.data.rows import Rows
from genlabel_robust.models.answers import refuse_not_finite
from genlabel_robust.models.inputs.box import points_of_box
from genlabel_robust.models.model import Model, Weigh
from genlabel_robust.threat import Knowledge

#: The possible meanings of a single output for two classes.
Output: TypeAlias = Literal["logit", "probability"]
OUTPUTS: tuple[Output, ...] = ("logit", "probability")

#: How far rounding in a library may move a probability beyond 0 and 1.
_ROUNDING = 1e-6
#: How many points of the box are queried to distinguish the two.
_POINTS = 1000


@dataclass(frozen=True, eq=False)
class OneOutput:
    """``model``, with scores (n, 1), as a model with scores (n, 2).

    For a logit z the scores are 0 and z, for a probability p they are 1 - p and p: the second class
    is predicted if z > 0, or p > 1/2. ``reason``: why one of the two was chosen, for errors;
    ``notes``: sentences for the results.
    """

    model: Model
    output: Output
    reason: str
    notes: tuple[str, ...] = ()

    @property
    def n_classes(self) -> int:
        """Always 2."""
        return 2

    @property
    def knowledge(self) -> Knowledge:
        """That of ``model``."""
        return self.model.knowledge

    def scores(self, raw: FloatArray) -> FloatArray:
        """Return one score per class: (n, d) -> (n, 2).

        Raises ``ConfigurationError`` for a probability outside [0, 1].
        """
        return self.both(self.model.scores(raw))

    def vjp(self, raw: FloatArray, weigh: Weigh) -> tuple[FloatArray, FloatArray]:
        """Return the scores (q, 2) and the gradient (q, d) of their weighted sum."""

        def of_one(single: FloatArray) -> FloatArray:
            weight = weigh(self.both(single))
            if self.output == "logit":
                return weight[:, 1:]
            return np.asarray(weight[:, 1:] - weight[:, :1])

        single, gradient = self.model.vjp(raw, of_one)
        return self.both(single), gradient

    def predict(self, raw: FloatArray) -> IntArray:
        """Return the predicted label of each row: (n, d) -> (n,)."""
        return np.asarray(self.scores(raw).argmax(axis=1))

    def decide(self, raw: FloatArray) -> IntArray:
        """Return the predicted label of each row: (n, d) -> (n,)."""
        return self.predict(raw)

    def both(self, single: FloatArray) -> FloatArray:
        """Return the scores (n, 2) for the outputs (n, 1); raises errors as ``scores`` does."""
        if self.output == "logit":
            return np.column_stack([np.zeros(len(single)), single])
        outside = (single < -_ROUNDING) | (single > 1 + _ROUNDING)
        if outside.any():
            raise ConfigurationError(
                f"the model's single output is {single[outside][0]:.6g}, but {self.reason}; if it "
                "is a logit, give --output logit (in Python: output='logit')"
            )
        odds = np.clip(single, 0.0, 1.0)
        return np.column_stack([1 - odds, odds])


def one_output(model: Model, rows: Rows, classes: Classes, stated: str | None = None) -> OneOutput:
    """Return ``model``, with scores (n, 1), as a model of the two ``classes``.

    ``stated``: the meaning of its output, of ``OUTPUTS``; None to decide by its range on all
    ``rows`` and on points of their box. Raises ``ConfigurationError`` unless there are two classes.
    """
    if len(classes) != 2:
        raise refuse_one_for_many(len(classes))
    if stated is not None:
        if stated not in OUTPUTS:
            raise unknown_name("kind of output", stated, OUTPUTS)
        output: Output = "logit" if stated == "logit" else "probability"
        reason = "you said that it is a probability, which must lie between 0 and 1"
        note = f"The model's single output is {_meaning(output, classes)}, as you said."
        return OneOutput(model, output, reason, (note,))
    where, low, high = _range(model, rows)
    output = "probability" if low >= 0 and high <= 1 else "logit"
    reason = f"it was read as a probability, because it was between 0 and 1 on {where}"
    note = (
        f"The model's single output is read as {_meaning(output, classes)}, because on {where} it "
        f"lies between {low:.3g} and {high:.3g}."
    )
    return OneOutput(model, output, reason, (note,))


def refuse_one_for_many(count: int) -> ConfigurationError:
    """Return the error for a single output if there are ``count`` classes."""
    return ConfigurationError(
        "the model returns one output for each row, which is enough for two classes, but there "
        f"are {plural(count, 'class').replace('classs', 'classes')}; it must return one score for "
        f"each class, (n, {count}), or labels (n,)"
    )


def _meaning(output: Output, classes: Classes) -> str:
    first, second = map(repr, classes.names)
    if output == "logit":
        return f"a logit, which is above 0 for {second} and else for {first}"
    return f"the probability of {second}, and not of {first}"


def _range(model: Model, rows: Rows) -> tuple[str, float, float]:
    """Return where the output was evaluated, and its smallest and largest value there."""
    tables = [rows.x] if rows.reference is None else [rows.x, rows.reference]
    values = [model.scores(part) for part in tables]
    where = f"all {plural(sum(map(len, tables)), 'row')}"
    try:
        values.append(model.scores(points_of_box(rows, _POINTS)))
        where += f" and {_POINTS:,} points of the box"
    except ConfigurationError:  # it fails on points of the box; an attack will report it
        pass
    single = np.concatenate(values)
    refuse_not_finite(single)
    return where, float(single.min()), float(single.max())
