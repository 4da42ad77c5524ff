"""Subproblems of one example and one rival class: a box, and ReLUs with fixed signs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from genlabel_robust.certify.nets.bounds.backward import Relaxed
from genlabel_robust.certify.nets.bounds.local import Bounds
from genlabel_robust.core import BoolArray, FloatArray


@dataclass(frozen=True, eq=False)
class Nodes:
    """q subproblems, in arrays; lists have one entry for each hidden layer.

    ``low``, ``high`` (q, d): the box of δ; ``bounds``: of the values before ReLUs, (q, w) each;
    ``signs`` (q, w): 1 where the value is assumed to be ≥ 0, -1 where ≤ 0, else 0; ``alphas``,
    ``betas`` (q, w): the best known slopes of the lines below and multipliers of the signs;
    ``value`` (q,): a lower bound of the lead over the rival class.
    """

    low: FloatArray
    high: FloatArray
    bounds: list[Bounds]
    signs: list[FloatArray]
    alphas: list[FloatArray]
    betas: list[FloatArray]
    value: FloatArray

    def __len__(self) -> int:
        return len(self.value)

    @classmethod
    def root(cls, low: FloatArray, high: FloatArray, bounds: Sequence[Bounds]) -> Nodes:
        """Return the subproblem that covers the whole region; ``low``, ``high``: (d,)."""
        zeros = [np.zeros_like(edge) for edge, _ in bounds]
        alphas = [(high > -low).astype(np.float64) for low, high in bounds]
        value = np.full(1, -np.inf)
        return cls(low[None], high[None], list(bounds), zeros, alphas, zeros, value)

    def take(self, rows: Any) -> Nodes:
        """Return some of the subproblems."""
        return Nodes(
            self.low[rows],
            self.high[rows],
            [(low[rows], high[rows]) for low, high in self.bounds],
            [part[rows] for part in self.signs],
            [part[rows] for part in self.alphas],
            [part[rows] for part in self.betas],
            self.value[rows],
        )

    @classmethod
    def join(cls, parts: Sequence[Nodes]) -> Nodes:
        """Concatenate the subproblems of all parts."""

        def stacked(lists: Sequence[list[FloatArray]]) -> list[FloatArray]:
            return [np.concatenate(layer) for layer in zip(*lists, strict=True)]

        lows = stacked([[low for low, _ in part.bounds] for part in parts])
        highs = stacked([[high for _, high in part.bounds] for part in parts])
        return cls(
            np.concatenate([part.low for part in parts]),
            np.concatenate([part.high for part in parts]),
            list(zip(lows, highs, strict=True)),
            stacked([part.signs for part in parts]),
            stacked([part.alphas for part in parts]),
            stacked([part.betas for part in parts]),
            np.concatenate([part.value for part in parts]),
        )

    @property
    def lines(self) -> list[Relaxed]:
        """The relaxation of each layer's ReLUs."""
        return [Relaxed.of(low, high) for low, high in self.bounds]

    @property
    def possible(self) -> BoolArray:
        """Mark the subproblems (q,) that their bounds alone do not show to be empty."""
        fine = (self.low <= self.high).all(axis=1)
        for low, high in self.bounds:
            fine &= (low <= high).all(axis=1)
        return np.asarray(fine)
