"""A classifier in ONNX: onnxruntime predicts, and torch computes gradients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from genlabel_robust.core import (
    ConfigurationError,
    FloatArray,
    IntArray,
    NotApplicableError,
    plural,
)
from genlabel_robust.data.classes import Label
from genlabel_robust.model_files.onnx.inputs import Inputs
from genlabel_robust.model_files.onnx.outputs import Outputs
from genlabel_robust.model_files.onnx.torch_graph import TorchGraph
from genlabel_robust.models.adapters.library_model import PlainLibraryModel, Takes
from genlabel_robust.models.answers import refuse_not_finite
from genlabel_robust.models.model import Weigh
from genlabel_robust.threat import Knowledge

#: The maximum difference between the conversion to torch and onnxruntime, as a fraction of 1 +
#: the row's largest score; float32 sums in another order differ by less.
AGREEMENT = 1e-5


@dataclass(frozen=True, eq=False)
class OnnxModel(PlainLibraryModel):
    """An onnxruntime session as a ``LibraryModel``.

    ``graph``: the conversion to torch that gives gradients, or None. ``notes``: sentences for the
    reader of the results. ``agreed``: the result of ``agreement``, or None if not checked.
    ``coded``: the float columns that the graph uses only as codes, named as in ``whole``.
    ``content``: the bytes from which the session was created, or None if they are not kept.
    """

    session: Any
    inputs: Inputs
    outputs: Outputs
    graph: TorchGraph | None = None
    notes: tuple[str, ...] = ()
    agreed: float | None = None
    coded: tuple[str, ...] = ()
    content: bytes | None = None

    @property
    def takes(self) -> Takes:
        """The kind of rows that the model takes."""
        return self.inputs.takes

    @property
    def width(self) -> int | None:
        """The number of columns c, or None if the file does not state it."""
        return self.inputs.width

    @property
    def columns(self) -> tuple[str, ...] | None:
        """The names of the columns (c,) if each is a tensor of its own, else None."""
        return self.inputs.columns

    @property
    def whole(self) -> tuple[str, ...]:
        """The integer columns: by name, or by position ("0", "1") if ``columns`` is None."""
        return self.inputs.whole

    @property
    def groups(self) -> tuple[tuple[str, int], ...]:
        """The name and number of columns of each input, if several take the columns in order."""
        return self.inputs.groups

    @property
    def classes(self) -> tuple[Label, ...] | None:
        """The class label (k,) of each score, or None if the file does not name them."""
        return self.outputs.classes

    @property
    def n_classes(self) -> int:
        """The number of classes k."""
        return self.outputs.n_classes

    @property
    def knowledge(self) -> Knowledge:
        """Gradients if the graph has a conversion to torch, else scores or decisions."""
        if self.graph is not None:
            return "gradients"
        return "decisions" if self.outputs.scores is None else "scores"

    @property
    def gradient_note(self) -> str | None:
        """A sentence on where the gradients come from and how exact they are, or None."""
        if self.graph is None:
            return None
        agreed = (
            "has not been compared with onnxruntime yet"
            if self.agreed is None
            else f"differs from onnxruntime by at most {self.agreed:.1e} of the scores"
        )
        return (
            f"Gradients come from a conversion of the ONNX graph to torch, which {agreed} "
            f"(allowed: {AGREEMENT:g}). Scores and decisions come from onnxruntime."
        )

    def codes(self, rows: Any) -> IntArray:
        """Return the classes (n,) from the model's labels, or from its scores if it has none.

        Raises ``DataError`` if a score is not finite, as the labels are then unreliable.
        """
        labels, classes = self.outputs.labels, self.outputs.classes
        if labels is not None:
            wanted: dict[str, tuple[int, ...]] = {labels: (len(rows),)}
            if self.outputs.scores is not None:
                wanted[self.outputs.scores] = (len(rows), self.n_classes)
            found = self._ask(wanted, rows)
            if self.outputs.scores is not None:
                refuse_not_finite(found[self.outputs.scores])
            if classes is None:  # positions in the scores
                return np.asarray(found[labels], dtype=np.int64)
            return _coded(found[labels], classes)
        scores = self.scores(rows)
        refuse_not_finite(scores)
        return np.asarray(scores.argmax(axis=1), dtype=np.int64)

    def scores(self, rows: Any) -> FloatArray:
        """Return the scores (n, k) as the model computes them, logits or probabilities."""
        if self.outputs.scores is None:
            raise NotApplicableError("the ONNX model gives labels only, and no scores")
        name = self.outputs.scores
        found = self._ask({name: (len(rows), self.n_classes)}, rows)
        return np.asarray(found[name], dtype=np.float64)

    def vjp(self, rows: FloatArray, weigh: Weigh) -> tuple[FloatArray, FloatArray]:
        """Return onnxruntime's scores (n, k) and the conversion's gradients (n, c).

        Integer columns have no gradient: their values are rounded first.
        """
        if self.graph is None:
            raise NotApplicableError("the ONNX model has no gradients")
        rows = self.inputs.rounded(rows)
        scores = self.scores(rows)
        weight = np.asarray(weigh(scores), dtype=np.float64)
        gradients = np.zeros(rows.shape)
        fed = self.inputs.joined(rows)
        wide = self.graph.wide
        for index, real in self.inputs.pieces(len(rows)):
            with torch.enable_grad():
                x = torch.from_numpy(fed[index])
                x = (x if wide is None else x.double()).requires_grad_(True)
                found = (wide or self.graph)(x)
                w = torch.from_numpy(weight[index]).to(found).reshape(found.shape)
                (gradient,) = torch.autograd.grad(
                    found, x, w, allow_unused=True, materialize_grads=True
                )
            gradients[index[:real]] = gradient[:real].detach().double().numpy().reshape(real, -1)
        return scores, gradients

    def agreement(self, rows: FloatArray) -> float:
        """Return the largest difference between the conversion and onnxruntime on ``rows``.

        It is a fraction of 1 + the row's largest score, and infinite if only one of the two is
        finite. Raises ``NotApplicableError`` without a conversion.
        """
        if self.graph is None:
            raise NotApplicableError("the ONNX model has no gradients")
        expected = self.scores(rows)
        converted = np.zeros_like(expected)
        fed = self.inputs.joined(rows)
        for index, real in self.inputs.pieces(len(rows)):
            with torch.no_grad():
                scores = self.graph(torch.from_numpy(fed[index]))
            converted[index[:real]] = scores[:real].double().numpy().reshape(real, -1)
        same = (expected == converted) | (np.isnan(expected) & np.isnan(converted))
        with np.errstate(invalid="ignore"):
            apart = np.abs(expected - converted) / (1 + np.abs(expected).max(axis=1, keepdims=True))
        return float(np.where(same, 0.0, np.nan_to_num(apart, nan=np.inf)).max(initial=0.0))

    def checked_on(self, rows: FloatArray) -> OnnxModel:
        """Return this model, without gradients if the conversion disagrees on ``rows``.

        ``notes`` then state the difference; otherwise ``gradient_note`` does. Raises
        ``ConfigurationError`` if the labels that are not read contradict the scores.
        """
        self._refuse_other_labels(rows)
        if self.graph is None:
            return self
        try:
            apart = self.agreement(rows)
        except RuntimeError as error:  # torch fails on rows that differ from those of the trial
            reason = " ".join(str(error).split())
            return self.without_gradients(f"its graph cannot be computed with torch: {reason}")
        if apart > AGREEMENT:
            return self.without_gradients(
                f"the conversion of its graph to torch differs by {apart:.1e} of the scores on the "
                f"data (allowed {AGREEMENT:g})"
            )
        return replace(self, agreed=apart)

    def _refuse_other_labels(self, rows: FloatArray) -> None:
        """Raise ``ConfigurationError`` if the labels that are not read contradict the scores."""
        unread, scores = self.outputs.unread, self.outputs.scores
        if unread is None or scores is None:
            return
        found = self._ask({unread: (len(rows),), scores: (len(rows), self.n_classes)}, rows)
        if not any(_follows(found[unread], best) for best in _decisions(found[scores])):
            raise ConfigurationError(
                f"the labels {unread!r} of the ONNX model do not follow from its scores "
                f"{scores!r}, and the file does not say which class each label is, so its "
                "decisions are unknown; export it without these labels, if the scores decide, or "
                "with labels from ArgMax or a table of all labels"
            )

    def without_gradients(self, reason: str) -> OnnxModel:
        """Return this model without gradients; ``reason``: a clause for the note that says why."""
        return replace(self, graph=None, agreed=None, notes=(*self.notes, no_gradients(reason)))

    def _ask(self, outputs: Mapping[str, tuple[int, ...]], rows: Any) -> dict[str, Any]:
        """Return output -> values for all rows; ``outputs``: name -> required shape (n, ...)."""
        if not len(rows):
            return {output: np.zeros(shape) for output, shape in outputs.items()}
        fed = self.inputs.feed(rows)
        found: dict[str, list[Any]] = {output: [] for output in outputs}
        for index, real in self.inputs.pieces(len(rows)):
            part = {name: tensor[index] for name, tensor in fed.items()}
            answers = run(self.session, list(outputs), part)
            for (output, shape), made in zip(outputs.items(), answers, strict=True):
                if len(shape) == 1 and made.shape == (len(index), 1):
                    made = made[:, 0]  # noqa: PLW2901
                if shape[1:] == (1,) and made.ndim == 1:
                    made = made[:, None]  # noqa: PLW2901
                if made.shape != (len(index), *shape[1:]):
                    raise ConfigurationError(
                        f"the ONNX model returns {output!r} of shape {made.shape} for "
                        f"{plural(len(index), 'row')}; the shape must be {(len(index), *shape[1:])}"
                    )
                found[output].append(made[:real])
        return {output: np.concatenate(parts) for output, parts in found.items()}


def _decisions(scores: FloatArray) -> list[IntArray]:
    """Return the classes (n,) that ``scores`` (n, k) may stand for, -1 where two are equal."""
    if scores.shape[1] == 1:  # a logit or a probability
        return [np.where(scores == at, -1, scores > at)[:, 0] for at in (0.0, 0.5)]
    ranked = np.sort(scores, axis=1)
    return [np.where(ranked[:, -1] > ranked[:, -2], scores.argmax(axis=1), -1)]


def _follows(labels: Any, best: IntArray) -> bool:
    """Say whether each class of ``best`` (n,) has one label of ``labels`` (n,), in their order."""
    _, codes = np.unique(labels[best >= 0], return_inverse=True)
    pairs = np.unique(np.column_stack([best[best >= 0], codes]), axis=0)
    return bool((np.diff(pairs, axis=0) > 0).all())


def _coded(found: Any, classes: tuple[Label, ...]) -> IntArray:
    """Return the position in ``classes`` of each label in ``found`` (n,)."""
    number = {label: code for code, label in enumerate(classes)}
    distinct, where = np.unique(found, return_inverse=True)
    codes = np.array([number.get(label, -1) for label in distinct.tolist()], dtype=np.int64)
    if (codes < 0).any():
        raise ConfigurationError(
            f"the ONNX model returns the label {distinct[codes < 0].tolist()[0]!r}, which is not "
            f"one of its own labels {list(classes[:10])}; export it again"
        )
    return np.asarray(codes[where])


def run(session: Any, outputs: list[str], fed: dict[str, Any]) -> list[Any]:
    """Run ``session`` and return ``outputs``.

    Raises ``ConfigurationError`` with onnxruntime's own reason.
    """
    try:
        return [np.asarray(made) for made in session.run(outputs, fed)]
    except Exception as error:  # onnxruntime's exceptions have no common base class
        reason = " ".join(str(error).split())
        n = len(next(iter(fed.values())))
        raise ConfigurationError(
            f"the ONNX model cannot predict {plural(n, 'row')}: {reason}"
        ) from error


def no_gradients(reason: str) -> str:
    """Return the sentence that says why a model has no gradients."""
    return f"The ONNX model has no usable gradients: {reason}."
