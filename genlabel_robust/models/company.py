"""Check that a model's prediction of a row does not depend on other rows or on chance.

This is found by queries, for any kind of model: attacks query batches of every size, and results
about a model that is not a function of the row mean nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from genlabel_robust.core import (
    BoolArray,
    ConfigurationError,
    FloatArray,
    IntArray,
    generator,
    plural,
)
from genlabel_robust.data.splitting.sample import stratified_sample
from genlabel_robust.models.adapters.log_probabilities import LogProbabilities
from genlabel_robust.models.model import Model

#: What a prediction depends on besides its row.
Varies: TypeAlias = Literal["chance", "company"]

#: The largest allowed change of a score, as a share of its range over all queried rows: the last
#: bits differ between batches of different sizes.
ALLOWED = 1e-4
#: The same as a share of the largest score, for scores that are nearly constant; and the difference
#: below which rounding may exchange two scores.
_ROUNDING = 1e-6
#: The most rows that are queried in batches, and alone. With scores, fewer rows are queried alone:
#: scores show in any row what labels show in few.
_MOST, _ALONE = 4096, {True: 16, False: 64}


@dataclass(frozen=True)
class Variation:
    """A variation: of ``asked`` rows, ``changed`` got another label; ``kind``: its cause.

    ``moved``: the largest change of a score, as a share of its range; None without scores.
    """

    kind: Varies
    asked: int
    changed: int
    moved: float | None


@dataclass(frozen=True, eq=False)
class _Answer:
    """Labels (n,) and scores (n, k) of n rows; None if the model has no scores."""

    labels: IntArray
    scores: FloatArray | None

    def at(self, rows: IntArray) -> _Answer:
        return _Answer(self.labels[rows], None if self.scores is None else self.scores[rows])


def variation(model: Model, raw: FloatArray) -> Variation | None:
    """Return how the answers of ``model`` for the rows ``raw`` (n, d) vary, None if they do not.

    Each row is queried again in the same batch, in another order and in half of the batch; some
    rows of each predicted class are also queried alone. Raises ``ConfigurationError`` if the model
    cannot predict a single row.
    """
    sample = raw[np.linspace(0, len(raw) - 1, min(len(raw), _MOST)).astype(np.int64)]
    first = _ask(model, sample)
    for _ in range(2):
        if found := _compared("chance", first, _ask(model, sample), first):
            return found
    for parts in _companies(first.labels, _ALONE[first.scores is not None]):
        again = _joined([_ask(model, sample[part]) for part in parts])
        if found := _compared("company", first.at(np.concatenate(parts)), again, first):
            return found
    return None


def refuse_variation(found: Variation | None) -> None:
    """Raise ``ConfigurationError``, with advice, if a model's predictions vary."""
    if found is None:
        return
    changes = f"{found.changed} of {plural(found.asked, 'row')} "
    changes += "gets another label" if found.changed == 1 else "get another label"
    if found.moved is not None:
        changes += (
            f", and scores move by up to {100 * found.moved:.3g} % of their range (allowed: "
            f"{100 * ALLOWED:g} %)"
        )
    if found.kind == "chance":
        reason = (
            "the model's predictions depend on chance: when it predicts the same rows again, "
            f"{changes}"
        )
        advice = (
            "export it in evaluation mode (model.eval()), without dropout, or seed its random "
            "numbers in every call"
        )
    else:
        reason = (
            "the model's prediction for a row depends on the other rows in the batch: with other "
            f"rows, or alone, {changes}"
        )
        advice = (
            "export batch normalization in evaluation mode (model.eval()), and scale rows by the "
            "training data, not by the batch"
        )
    raise ConfigurationError(
        f"{reason}. No figure about it would be valid: {advice}. If the model is random on "
        "purpose, give --random-model (in Python: random_model=True)"
    )


def _companies(labels: IntArray, alone: int) -> Iterator[list[IntArray]]:
    """Yield divisions of the rows into batches, each a list of row numbers; ``labels`` (n,)."""
    n = len(labels)
    order = generator(0, "company of rows").permutation(n)
    # single rows first: they show the most
    yield list(stratified_sample(labels, alone, 0)[:, None])
    yield [order]
    yield [order[::2], order[1::2]] if n > 1 else [order]


def _ask(model: Model, raw: FloatArray) -> _Answer:
    try:
        # the logarithm of a probability near 0 changes much with its last bits
        scored = model.model if isinstance(model, LogProbabilities) else model
        scores = None if model.knowledge == "decisions" else scored.scores(raw)
        return _Answer(model.predict(raw), scores)
    except ConfigurationError as error:
        if len(raw) > 1:
            raise
        raise ConfigurationError(
            f"the model must be able to predict a single row, but cannot: {error}"
        ) from error


def _joined(answers: list[_Answer]) -> _Answer:
    scores = [answer.scores for answer in answers if answer.scores is not None]
    labels = np.concatenate([answer.labels for answer in answers])
    return _Answer(labels, np.concatenate(scores) if scores else None)


def _compared(kind: Varies, one: _Answer, other: _Answer, first: _Answer) -> Variation | None:
    """Compare two answers for the same rows; ``first``: the one that defines ranges of scores."""
    changed: BoolArray = one.labels != other.labels
    if one.scores is None or other.scores is None or first.scores is None:
        count = int(changed.sum())
        return Variation(kind, len(changed), count, None) if count else None
    # NaN and infinite scores are refused where scores are read
    span = np.ptp(first.scores, axis=0)
    largest = np.abs(first.scores).max()
    apart = np.abs(one.scores - other.scores).max(axis=0)
    moved = apart > np.maximum(ALLOWED * span, _ROUNDING * largest)
    if kind == "company":
        changed &= ~_tied(one, other, _ROUNDING * largest)
    if not (moved.any() or changed.any()):
        return None
    shares = apart[span > 0] / span[span > 0]
    return Variation(kind, len(changed), int(changed.sum()), float(shares.max(initial=0.0)))


def _tied(one: _Answer, other: _Answer, near: float) -> BoolArray:
    """Mark the rows (n,) whose two labels have the same score up to rounding."""
    if one.scores is None:
        return np.zeros(len(one.labels), dtype=bool)
    rows = np.arange(len(one.labels))
    gap = one.scores[rows, one.labels] - one.scores[rows, other.labels]
    return np.asarray(np.abs(gap) <= near)
