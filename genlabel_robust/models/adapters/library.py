"""Adapter of a model in its library's own format, given encoded rows in the form that it takes."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from genlabel_robust.core import (
    ConfigurationError,
    FloatArray,
    IntArray,
    NotApplicableError,
    quoted,
)
from genlabel_robust.data.columns.number_or_category import Number
from genlabel_robust.data.rows import Rows
from genlabel_robust.models.adapters.library_model import Groups, LibraryModel
from genlabel_robust.models.answers import FOR_CHANGED, answering, check_scores, one_hot
from genlabel_robust.models.inputs.view import Form, View, refuse_not_numbers, view_of
from genlabel_robust.models.model import Weigh
from genlabel_robust.threat import Knowledge


@dataclass(frozen=True, eq=False)
class LibraryAdapter:
    """``library_model``, queried on encoded rows (n, d) through ``view``."""

    library_model: LibraryModel
    view: View

    @property
    def n_classes(self) -> int:
        """The number of classes k."""
        return self.library_model.n_classes

    @property
    def knowledge(self) -> Knowledge:
        """That of the library; no gradients if the model does not take encoded rows directly."""
        known = self.library_model.knowledge
        numbers = self.view.encoding.plain and self.library_model.takes != "frame"
        return "scores" if known == "gradients" and not numbers else known

    @property
    def whole(self) -> tuple[str, ...]:
        """The data's numeric columns that the model takes only as integers."""
        return self._numbers_among(self.library_model.whole)

    @property
    def coded(self) -> tuple[str, ...]:
        """The data's numeric columns that the model treats as codes, although it takes floats."""
        return self._numbers_among(self.library_model.coded)

    def _numbers_among(self, columns: Collection[str]) -> tuple[str, ...]:
        parts = self.view.encoding.parts
        positions = tuple(map(str, range(len(self.view.order))))
        names = positions if self.library_model.columns is None else self.view.names
        called = dict(zip(names, self.view.order, strict=True))
        found = [parts[called[name]] for name in columns if name in called]
        return tuple(part.name for part in found if isinstance(part, Number))

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence on the columns of each input, if it has several inputs of several columns."""
        rest = [self.view.encoding.columns[i] for i in self.view.order]
        clauses = []
        for name, width in self.library_model.groups:
            clauses.append(f"{name!r} takes {quoted(rest[:width])}")
            rest = rest[width:]
        return (f"Of the inputs of the model {'; '.join(clauses)}.",) if clauses else ()

    def scores(self, raw: FloatArray) -> FloatArray:
        """Return one score per class: (n, d) -> (n, k)."""
        if self.knowledge == "decisions":
            return one_hot(self.predict(raw), self.n_classes)
        if not len(raw):
            return np.zeros((0, self.n_classes))
        with self._answering(raw):
            scores = np.asarray(self.library_model.scores(self.view(raw)), dtype=np.float64)
        check_scores(scores, len(raw), self.n_classes)
        return scores

    def vjp(self, raw: FloatArray, weigh: Weigh) -> tuple[FloatArray, FloatArray]:
        """Return the scores (q, k) and the gradient (q, d) of their weighted sum."""
        if self.knowledge != "gradients":
            raise NotApplicableError("the model has no gradients")
        scores, found = self.library_model.vjp(self.view(raw), weigh)
        check_scores(scores, len(raw), self.n_classes)
        gradient = np.zeros(raw.shape)
        gradient[:, self.view.order] = found
        return scores, gradient

    def predict(self, raw: FloatArray) -> IntArray:
        """Return the class that the library itself predicts: (n, d) -> (n,)."""
        if not len(raw):
            return np.zeros(0, dtype=np.int64)
        with self._answering(raw):
            codes = np.asarray(self.library_model.codes(self.view(raw)))
        if codes.shape != (len(raw),) or not np.isin(codes, range(self.n_classes)).all():
            raise ConfigurationError(
                f"the model's decisions have the shape {codes.shape} and values such as "
                f"{codes.ravel()[:3].tolist()}; they must be numbers of {self.n_classes} classes, "
                f"({len(raw)},)"
            )
        return codes.astype(np.int64)

    def decide(self, raw: FloatArray) -> IntArray:
        """Return the same as ``predict``: (n, d) -> (n,)."""
        return self.predict(raw)

    @contextmanager
    def _answering(self, raw: FloatArray) -> Iterator[None]:
        with answering(self.library_model, len(raw), len(self.view.order), FOR_CHANGED):
            yield


def library_view(model: LibraryModel, rows: Rows) -> View:
    """Return how ``model`` takes ``rows``; raises ``ConfigurationError`` if it cannot."""
    form: Form = "frame" if model.takes == "frame" else "matrix"
    if model.groups:
        view = _of_groups(rows, form, model.groups)
    else:
        view = view_of(rows, form, model.columns, model.width)
    encoding = rows.encoding
    if model.takes == "numbers" and (encoding.has_missing or encoding.has_categories):
        refuse_not_numbers(rows, "the model")
    elif model.takes == "missing":
        refuse_not_numbers(rows, "the model", missing=True)
    return view


def _of_groups(rows: Rows, form: Form, groups: Groups) -> View:
    """Return how inputs of several columns take ``rows``: in column order, by width.

    An input of one column with the name of a column of the data takes that column. Raises
    ``ConfigurationError`` if the widths do not add up.
    """
    own = rows.encoding.columns
    total = sum(width for _, width in groups)
    if total != len(own):
        widths = ", ".join(f"{width} ({name!r})" for name, width in groups)
        raise ConfigurationError(
            f"the model's inputs take {total} columns, {widths}, but the data have {len(own)}: "
            f"{quoted(own)}; leave out columns that it does not take with --drop, or wrap it so "
            "that it has one input"
        )
    named = {name: own.index(name) for name, width in groups if width == 1 and name in own}
    rest = [i for i in range(len(own)) if i not in named.values()]
    order: list[int] = []
    for name, width in groups:
        if name in named:
            order.append(named[name])
        else:
            order += rest[:width]
            rest = rest[width:]
    return View(rows.encoding, form, tuple(order), tuple(own[i] for i in order))
