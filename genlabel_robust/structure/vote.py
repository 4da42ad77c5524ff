"""Soft votes: averages of the probabilities of several models."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.structure.affine import Affine
from genlabel_robust.structure.relu_net import ReluNet
from genlabel_robust.structure.rounding import FLOAT64
from genlabel_robust.structure.trees import TreeEnsemble


@dataclass(frozen=True, eq=False)
class Member:
    """A member of a vote: ``structure``, whose scores a softmax turns into probabilities.

    ``slope``: the factor of the scores before the softmax, None if the scores are probabilities.
    For two classes the softmax is the logistic function of a difference. ``weight``: its share of
    the vote; all are at least 0 and add up to 1. ``unit``: the unit roundoff of the type in which
    the library computes the probabilities.
    """

    structure: Affine | TreeEnsemble | ReluNet
    slope: float | None
    weight: float
    unit: float = FLOAT64

    def probabilities(self, raw: FloatArray) -> FloatArray:
        """Return the probabilities: (n, d) -> (n, k)."""
        scores = self.structure.scores(raw)
        if self.slope is None:
            return scores
        powers = np.exp(self.slope * (scores - scores.max(axis=1, keepdims=True)))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))

    @property
    def blur(self) -> float:
        """A bound on the error of the library's probabilities, given its own scores.

        Its exp, its sum of k numbers and its quotient are off by a few ulps of at most 1 each.
        """
        return 0.0 if self.slope is None else self.unit * (64 + 8 * self.structure.n_classes)


@dataclass(frozen=True, eq=False)
class Vote:
    """The average of the probabilities of ``members``, on raw features (d,)."""

    members: tuple[Member, ...]

    @property
    def n_classes(self) -> int:
        """The number of classes k."""
        return self.members[0].structure.n_classes

    def scores(self, raw: FloatArray) -> FloatArray:
        """Return the averaged probabilities: (n, d) -> (n, k)."""
        found = np.zeros((len(raw), self.n_classes))
        for member in self.members:
            found += member.weight * member.probabilities(raw)
        return found

    def of_classes(self, columns: IntArray) -> Vote:
        """Return the vote whose class i is the class ``columns[i]`` of this one, (k,)."""
        order = np.eye(self.n_classes)[columns]
        return Vote(
            tuple(replace(m, structure=_combined(m.structure, order)) for m in self.members)
        )

    @property
    def trees(self) -> tuple[TreeEnsemble, ...]:
        """The structures of members that are trees."""
        inside = (member.structure for member in self.members)
        return tuple(found for found in inside if isinstance(found, TreeEnsemble))

    @property
    def smooth(self) -> tuple[Affine | ReluNet, ...]:
        """The structures of members that are not trees."""
        inside = (member.structure for member in self.members)
        return tuple(found for found in inside if not isinstance(found, TreeEnsemble))

    @property
    def blur(self) -> float:
        """A bound on the library's error of a probability, given its members' scores.

        Besides the errors of the members' links, each product, sum and quotient of the average is
        rounded, and so are those of nested averages, which the bound allows for.
        """
        unit = max(member.unit for member in self.members)
        average = 8 * unit * (len(self.members) + 8)
        return float(sum(m.weight * m.blur for m in self.members)) * (1 + 1e-9) + average


def _combined(
    structure: Affine | TreeEnsemble | ReluNet, order: FloatArray
) -> Affine | TreeEnsemble | ReluNet:
    if isinstance(structure, TreeEnsemble):
        return replace(structure, value=structure.value @ order.T, base=order @ structure.base)
    return structure.combined(order)
