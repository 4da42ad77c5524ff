"""A classifier in ONNX, asked through onnxruntime; its gradients through torch."""

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

#: How far the conversion to torch may be from onnxruntime, as a share of 1 + the largest
#: score of the row: float32 sums in another order are nearer than that.
AGREEMENT = 1e-5


@dataclass(frozen=True, eq=False)
class OnnxModel(PlainLibraryModel):
    """An onnxruntime session as a ``LibraryModel``.

    ``graph``: what gradients are taken through, None without any. ``notes``: whole sentences
    for whoever reads the results. ``agreed``: what ``agreement`` was found to be.
    ``coded``: the columns of floats that it takes for codes; named as those of ``whole`` are.
    ``content``: the bytes of the graph that the session was made of, None if they are not kept.
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
        """What rows it takes."""
        return self.inputs.takes

    @property
    def width(self) -> int | None:
        """The number of columns c that it was made for, None if the file does not say."""
        return self.inputs.width

    @property
    def columns(self) -> tuple[str, ...] | None:
        """The names of the columns (c,), None if all are in one tensor."""
        return self.inputs.columns

    @property
    def whole(self) -> tuple[str, ...]:
        """The columns of whole numbers; of one tensor by position, as "0" and "1"."""
        return self.inputs.whole

    @property
    def groups(self) -> tuple[tuple[str, int], ...]:
        """The names of several inputs and their numbers of columns, which they take in order."""
        return self.inputs.groups

    @property
    def classes(self) -> tuple[Label, ...] | None:
        """The labels (k,) of the scores, None if the file does not say."""
        return self.outputs.classes

    @property
    def n_classes(self) -> int:
        """The number of classes k."""
        return self.outputs.n_classes

    @property
    def knowledge(self) -> Knowledge:
        """Gradients where the graph could be converted to torch, else scores, if it gives any."""
        if self.graph is not None:
            return "gradients"
        return "decisions" if self.outputs.scores is None else "scores"

    @property
    def gradient_note(self) -> str | None:
        """Where gradients come from and how well that agrees, a sentence; None without any."""
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
        """Return the class (n,) by the model's own labels, or by its largest score without any.

        Raises ``DataError`` where its scores are not finite: its labels are not to be believed
        there.
        """
        labels, classes = self.outputs.labels, self.outputs.classes
        if labels is not None and classes is not None:
            wanted: dict[str, tuple[int, ...]] = {labels: (len(rows),)}
            if self.outputs.scores is not None:
                wanted[self.outputs.scores] = (len(rows), self.n_classes)
            found = self._ask(wanted, rows)
            if self.outputs.scores is not None:
                refuse_not_finite(found[self.outputs.scores])
            return _coded(found[labels], classes)
        scores = self.scores(rows)
        refuse_not_finite(scores)
        return np.asarray(scores.argmax(axis=1), dtype=np.int64)

    def scores(self, rows: Any) -> FloatArray:
        """Return one score per class (n, k): whatever the model gives, logits or probabilities."""
        if self.outputs.scores is None:
            raise NotApplicableError("the ONNX model gives labels only, and no scores")
        name = self.outputs.scores
        found = self._ask({name: (len(rows), self.n_classes)}, rows)
        return np.asarray(found[name], dtype=np.float64)

    def vjp(self, rows: FloatArray, weigh: Weigh) -> tuple[FloatArray, FloatArray]:
        """Return onnxruntime's scores (n, k) and the conversion's gradients (n, c).

        Whole numbers among floats have none: they are asked for at the nearest.
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
        """Return how far the conversion is from onnxruntime on ``rows`` at most.

        As a share of 1 + the row's largest score; infinite where only one is finite. Raises
        ``NotApplicableError`` without a conversion.
        """
        if self.graph is None:
            raise NotApplicableError("the ONNX model has no gradients")
        told = self.scores(rows)
        found = np.zeros_like(told)
        fed = self.inputs.joined(rows)
        for index, real in self.inputs.pieces(len(rows)):
            with torch.no_grad():
                scores = self.graph(torch.from_numpy(fed[index]))
            found[index[:real]] = scores[:real].double().numpy().reshape(real, -1)
        same = (told == found) | (np.isnan(told) & np.isnan(found))
        with np.errstate(invalid="ignore"):
            apart = np.abs(told - found) / (1 + np.abs(told).max(axis=1, keepdims=True))
        return float(np.where(same, 0.0, np.nan_to_num(apart, nan=np.inf)).max(initial=0.0))

    def checked_on(self, rows: FloatArray) -> OnnxModel:
        """Return this model, without gradients if the conversion does not agree on ``rows``.

        Its ``notes`` then say so, and by how much; else its ``gradient_note`` does.
        """
        if self.graph is None:
            return self
        try:
            apart = self.agreement(rows)
        except RuntimeError as error:  # of torch, on rows unlike those of the trial
            told = " ".join(str(error).split())
            return self.without_gradients(f"its graph cannot be computed with torch: {told}")
        if apart > AGREEMENT:
            return self.without_gradients(
                f"the conversion of its graph to torch differs by {apart:.1e} of the scores on the "
                f"data (allowed {AGREEMENT:g})"
            )
        return replace(self, agreed=apart)

    def without_gradients(self, reason: str) -> OnnxModel:
        """Return this model without gradients; ``reason``: half a sentence about it."""
        return replace(self, graph=None, agreed=None, notes=(*self.notes, no_gradients(reason)))

    def _ask(self, outputs: Mapping[str, tuple[int, ...]], rows: Any) -> dict[str, Any]:
        """Return ``outputs`` for all rows: their names, and the shapes (n, ...) they must have."""
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


def _coded(found: Any, classes: tuple[Label, ...]) -> IntArray:
    """Return the positions in ``classes`` of the labels ``found`` (n,)."""
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
    """Return ``outputs`` of ``session``; raises ``ConfigurationError`` with its own reason."""
    try:
        return [np.asarray(made) for made in session.run(outputs, fed)]
    except Exception as error:  # onnxruntime's exceptions have no base of their own
        told = " ".join(str(error).split())
        n = len(next(iter(fed.values())))
        raise ConfigurationError(
            f"the ONNX model cannot predict {plural(n, 'row')}: {told}"
        ) from error


def no_gradients(reason: str) -> str:
    """Return the sentence that says why a model has no gradients."""
    return f"The ONNX model has no usable gradients: {reason}."
