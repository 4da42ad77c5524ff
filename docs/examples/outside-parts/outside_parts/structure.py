"""A structure: what is inside a ``WeightsModel``, as weighted sums of the raw features."""

from dataclasses import fields
from typing import Any

from genlabel_robust.parts import FLOAT64, Affine, Front, folded_affine


class WeightedSums(Affine):
    """Weighted sums, with a certifier of their own."""


def read(inside: Any, front: Front) -> WeightedSums:
    """Return the structure of the model ``inside``, which is shown what ``front`` makes."""
    sums = folded_affine(inside.weight, inside.bias, front, FLOAT64)
    return WeightedSums(**{one.name: getattr(sums, one.name) for one in fields(sums)})
