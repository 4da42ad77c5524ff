"""Distances to the decision boundary: exact ones for affine models, and score margins."""

from genlabel_robust.margins.affine import exact_distance

__all__ = ["exact_distance"]
