"""Distances to the decision boundary: exact ones for affine models, and score margins."""

from genlabel_robust.margins.affine import exact_distance
from genlabel_robust.margins.logit import logit_margin

__all__ = ["exact_distance", "logit_margin"]
