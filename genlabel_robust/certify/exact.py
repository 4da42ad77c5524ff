"""Exact margins of affine models, and what they say about the attacks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from genlabel_robust.certify.affine import exact_distance
from genlabel_robust.certify.lattice_affine import lattice_distance
from genlabel_robust.certify.rounding import float32_distance
from genlabel_robust.certify.steps import Steps
from genlabel_robust.core.arrays import FloatArray, IntArray
from genlabel_robust.core.errors import AttackError
from genlabel_robust.core.space import AttackSpace
from genlabel_robust.core.threat import Norm
from genlabel_robust.models.model import Model, TorchModel


def exact_margins(
    model: Model, space: AttackSpace, raw: FloatArray, y: IntArray, norm: Norm
) -> FloatArray | None:
    """Return the exact distances (n,) of ``raw`` (n, d) to the boundary, None if not affine.

    In attack space, inside each row's box; 0 where the model mislabels the row. Where features
    are whole numbers or categories it is the distance to the nearest point that exists, and
    None but under L∞, see ``lattice_distance``.
    """
    affine = _affine_in(model, space)
    if affine is None or (space.discrete and norm != "linf"):
        return None
    return _margins(affine, model, space, raw, y, norm)


def refuse_impossible(
    model: Model,
    space: AttackSpace,
    raw: FloatArray,
    y: IntArray,
    norm: Norm,
    exact: FloatArray | None,
    attacks: Sequence[str],
    distances: FloatArray,
) -> None:
    """Raise ``AttackError`` if an attack came nearer than an affine model allows: a bug of ours.

    ``exact`` (n,): what ``exact_margins`` says of the same rows; ``distances``: (attacks, n).
    Float32 logits against the exact ones are allowed for. Where there is no exact value, whole
    numbers and categories are taken as continuous: what exists is not nearer than that.
    """
    affine = _affine_in(model, space)
    if affine is None or not len(distances):
        return
    if exact is None:
        exact = _margins(affine, model, space, raw, y, norm)
    suspects = np.flatnonzero(distances.min(axis=0) < exact * (1 - 1e-3))
    u = space.enter(raw[suspects])
    steps = _steps(space, raw[suspects], norm)
    least = float32_distance(*affine, u, y[suspects], *space.box(u), norm, steps)
    impossible = distances[:, suspects] < least * (1 - 1e-3)
    if impossible.any():
        attack, suspect = (int(i[0]) for i in np.nonzero(impossible))
        row = suspects[suspect]
        raise AttackError(
            f"attack {attacks[attack]!r} reports distance {distances[attack, row]:.6g} for "
            f"test row {row}, nearer than the exact {exact[row]:.6g}; its numbers cannot be used"
        )


def _margins(
    affine: tuple[FloatArray, FloatArray],
    model: Model,
    space: AttackSpace,
    raw: FloatArray,
    y: IntArray,
    norm: Norm,
) -> FloatArray:
    """Return what ``exact_margins`` does; but under L∞ with all features continuous."""
    u, steps = space.enter(raw), _steps(space, raw, norm)
    if steps is None:
        distances = exact_distance(*affine, u, y, *space.box(u), norm)
    else:
        distances = lattice_distance(*affine, u, y, *space.box(u), steps)
    return np.where(model.predict(raw) == y, distances, 0.0)


def _steps(space: AttackSpace, raw: FloatArray, norm: Norm) -> Steps | None:
    """Return what is not continuous at ``raw`` (n, d), None if nothing is, or but under L∞."""
    if not space.discrete or norm != "linf":
        return None
    free = space.mutable
    groups = [np.array([i for i in g if free[i]], dtype=np.int64) for g in space.rules.one_hot]
    integer = np.array([i for i in space.rules.integer if free[i]], dtype=np.int64)
    return Steps(1 / space.scale, integer, [g for g in groups if len(g)], raw == 1)


def _affine_in(model: Model, space: AttackSpace) -> tuple[FloatArray, FloatArray] | None:
    """Return the model's weights (k, d) and biases (k,) on attack space, None if not affine."""
    if not isinstance(model, TorchModel):
        return None
    affine = model.affine()
    if affine is None:
        return None
    weight, bias = affine
    # logits = W (offset + scale·u − offset') / scale' + b, an affine map of u
    shift = (space.offset - model.scaling.offset) / model.scaling.scale
    return weight * (space.scale / model.scaling.scale), weight @ shift + bias
