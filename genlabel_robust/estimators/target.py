"""A trained model and the examples to attack, seen from attack space."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np
import torch

from genlabel_robust.core.arrays import FloatArray, IntArray
from genlabel_robust.core.errors import NotApplicableError
from genlabel_robust.core.space import AttackSpace
from genlabel_robust.core.threat import Knowledge
from genlabel_robust.models.model import Model, TorchModel

Loss: TypeAlias = Literal["cross-entropy", "margin"]

_LEVELS: dict[Knowledge, int] = {"decisions": 0, "scores": 1, "gradients": 2}


@dataclass(eq=False)
class AttackTarget:
    """What every attack sees: examples with their boxes, and a model to ask.

    Attacks move in the m features that the attacker may change, and their points are
    *perturbations* of an example in attack space: the example itself is the origin.
    Units, scalings and immutable features are folded in here, so that no attack knows
    about them, and a feature of any offset (a time stamp of 1.7e9) keeps its precision
    in ART's float32.

    ``raw`` (n, d): the untouched examples; ``y`` (n,): their true labels; ``pool``
    (p, d): raw rows that black-box attacks may start from. ``queries`` (n,) counts
    the points that the model was asked about, for each example.
    """

    model: Model
    space: AttackSpace
    raw: FloatArray
    y: IntArray
    pool: FloatArray
    queries: IntArray = field(init=False)

    def __post_init__(self) -> None:
        self.queries = np.zeros(len(self.raw), dtype=np.int64)

    @property
    def n_features(self) -> int:
        """The number m of features that the attacker may change."""
        return int(self.space.mutable.sum())

    @property
    def n_classes(self) -> int:
        """The number of classes k."""
        return self.model.n_classes

    @property
    def _axes(self) -> IntArray:
        return np.flatnonzero(self.space.mutable)

    @cached_property
    def x(self) -> FloatArray:
        """The examples (n, m) as perturbations of themselves: zeros."""
        return np.zeros((len(self.raw), self.n_features))

    @cached_property
    def box(self) -> tuple[FloatArray, FloatArray]:
        """Each example's own box, (n, m) and (n, m), around the origin."""
        u = self.space.enter(self.raw)
        low, high = self.space.box(u)
        return (low - u)[:, self._axes], (high - u)[:, self._axes]

    def from_pool(self, row: int) -> FloatArray:
        """Return the pool as perturbations (p, m) of example ``row``."""
        return self.enter(self.pool, np.full(len(self.pool), row))

    def offers(self, knowledge: Knowledge) -> bool:
        """Say whether the model gives the attacker at least this much."""
        return _LEVELS[self.model.knowledge] >= _LEVELS[knowledge]

    def to_raw(self, points: FloatArray, rows: IntArray) -> FloatArray:
        """Return the raw features (q, d) of ``points`` (q, m), variants of ``rows`` (q,).

        A feature that was not moved keeps its raw value to the last bit.
        """
        raw = self.raw[rows].copy()
        axes = self._axes
        raw[:, axes] += self.space.scale[axes] * points
        return raw

    def enter(self, raw: FloatArray, rows: IntArray) -> FloatArray:
        """Return the points (q, m) of ``raw`` rows (q, d), as variants of ``rows`` (q,)."""
        axes = self._axes
        return np.asarray((raw - self.raw[rows])[:, axes] / self.space.scale[axes])

    def scores(self, points: FloatArray, rows: IntArray) -> FloatArray:
        """Return the scores (q, k) of ``points`` (q, m), variants of ``rows`` (q,)."""
        self._count(rows)
        return self.model.scores(self.to_raw(points, rows))

    def predict(self, points: FloatArray, rows: IntArray) -> IntArray:
        """Return the labels (q,) of ``points`` (q, m), variants of ``rows`` (q,)."""
        self._count(rows)
        return self.model.decide(self.to_raw(points, rows))

    def gradient(
        self, points: FloatArray, rows: IntArray, loss: Loss
    ) -> tuple[FloatArray, FloatArray]:
        """Return the logits (q, k), and the gradient (q, m) of the loss that attacks raise.

        "cross-entropy" against the true label, up to a positive factor for each row;
        "margin": the best other logit minus the true one. Neither can be flattened by
        rescaling the logits. Raises ``NotApplicableError`` on a model without gradients.
        """
        model = self.model
        if not isinstance(model, TorchModel):
            raise NotApplicableError("the model has no gradients")
        self._count(rows)
        scaled = model.scaling.apply(self.to_raw(points, rows))
        x = torch.from_numpy(scaled).to(model.device).requires_grad_(True)
        y = torch.from_numpy(self.y[rows]).to(model.device)
        logits = model.module(x)
        true = logits.gather(1, y[:, None])
        others = logits.scatter(1, y[:, None], -torch.inf)
        if loss == "cross-entropy":
            # Its gradient is (1 - p_y) times that of the rivals' mean logit, weighted by their
            # softmax among themselves, minus the true one. Attacks normalise gradients, so the
            # factor is left out: it is what vanishes once the true class leads by far.
            rivals = (others.softmax(dim=1).detach() * logits).sum(dim=1, keepdim=True)
        else:
            rivals = others.max(dim=1, keepdim=True).values
        total = (rivals - true).sum()
        (grad,) = torch.autograd.grad(total, x)
        axes = self._axes
        # chain rule through raw = offset + scale * u and scaled = (raw - offset') / scale'
        slope = self.space.scale[axes] / model.scaling.scale[axes]
        return (
            logits.detach().cpu().numpy().astype(np.float64),
            grad.cpu().numpy().astype(np.float64)[:, axes] * slope,
        )

    def _count(self, rows: IntArray) -> None:
        self.queries += np.bincount(rows, minlength=len(self.queries))
