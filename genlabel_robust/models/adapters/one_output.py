"""A model of one output for two classes: a logit, or the probability of the second class."""

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

#: What one output of two classes can be.
Output: TypeAlias = Literal["logit", "probability"]
OUTPUTS: tuple[Output, ...] = ("logit", "probability")

#: How far beyond 0 and 1 the rounding of a library may bring a probability.
_ROUNDING = 1e-6
#: Points of the box that are asked to tell the two apart.
_POINTS = 1000


@dataclass(frozen=True, eq=False)
class OneOutput:
    """``model``, of scores (n, 1), as one of scores (n, 2).

    Of a logit z the scores are 0 and z, of a probability p they are 1 - p and p: the second
    class is decided for where z > 0, or p > 1/2. ``told``: how it is known which it is, for
    errors; ``notes``: whole sentences for the results.
    """

    model: Model
    output: Output
    told: str
    notes: tuple[str, ...] = ()

    @property
    def n_classes(self) -> int:
        """Two."""
        return 2

    @property
    def knowledge(self) -> Knowledge:
        """What the model can be asked for."""
        return self.model.knowledge

    def scores(self, raw: FloatArray) -> FloatArray:
        """Return one score per class: (n, d) -> (n, 2).

        Raises ``ConfigurationError`` for a probability that is none.
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
        """Return the scores (n, 2) of what the model gives (n, 1); raises as ``scores``."""
        if self.output == "logit":
            return np.column_stack([np.zeros(len(single)), single])
        outside = (single < -_ROUNDING) | (single > 1 + _ROUNDING)
        if outside.any():
            raise ConfigurationError(
                f"the model's single output is {single[outside][0]:.6g}, but {self.told}; if it is "
                "a logit, give --output logit (in Python: output='logit')"
            )
        odds = np.clip(single, 0.0, 1.0)
        return np.column_stack([1 - odds, odds])


def one_output(model: Model, rows: Rows, classes: Classes, stated: str | None = None) -> OneOutput:
    """Return ``model``, of scores (n, 1), as one of the two ``classes``.

    ``stated``: what its output is, of ``OUTPUTS``; None to tell by its range on all ``rows``
    and on points of their box. Raises ``ConfigurationError`` for other than two classes.
    """
    if len(classes) != 2:
        raise refuse_one_for_many(len(classes))
    if stated is not None:
        if stated not in OUTPUTS:
            raise unknown_name("kind of output", stated, OUTPUTS)
        output: Output = "logit" if stated == "logit" else "probability"
        told = "you said that it is a probability, which must lie between 0 and 1"
        note = f"The model's single output is {_meaning(output, classes)}, as you said."
        return OneOutput(model, output, told, (note,))
    where, low, high = _range(model, rows)
    output = "probability" if low >= 0 and high <= 1 else "logit"
    told = f"it was read as a probability, because it was between 0 and 1 on {where}"
    note = (
        f"The model's single output is read as {_meaning(output, classes)}, because on {where} it "
        f"lies between {low:.3g} and {high:.3g}."
    )
    return OneOutput(model, output, told, (note,))


def refuse_one_for_many(count: int) -> ConfigurationError:
    """Return the error of one output where there are ``count`` classes."""
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
    """Return where the output was looked at, and its least and largest value there."""
    asked = [rows.x] if rows.reference is None else [rows.x, rows.reference]
    values = [model.scores(part) for part in asked]
    where = f"all {plural(sum(map(len, asked)), 'row')}"
    try:
        values.append(model.scores(points_of_box(rows, _POINTS)))
        where += f" and {_POINTS:,} points of the box"
    except ConfigurationError:  # the box holds what it cannot answer for, as an attack will say
        pass
    single = np.concatenate(values)
    refuse_not_finite(single)
    return where, float(single.min()), float(single.max())
