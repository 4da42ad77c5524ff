"""Exact margins of affine models, and a check of attack results against them."""

from collections.abc import Sequence

import numpy as np

from genlabel_robust.certify.affine.certify import proved_distance
from genlabel_robust.certify.affine.nearest_rival import nearest_rival, rivals_of
from genlabel_robust.certify.affine.rivals import blocks
from genlabel_robust.certify.affine.settings import Setting, nearest_setting
from genlabel_robust.certify.affine.steps import steps_at
from genlabel_robust.certify.missing import refused
from genlabel_robust.core import AttackError, FloatArray, IntArray
from genlabel_robust.core.files.large_arrays import in_parts, let_go
from genlabel_robust.models import Model, TorchModel
from genlabel_robust.models.structures.checked import checked_structure
from genlabel_robust.models.structures.structure_of import structure_of
from genlabel_robust.structure import Affine, NoStructure, Structure
from genlabel_robust.threat import AttackSpace, Norm

#: Bounds that differ by at most this share are taken as the exact distance.
_ROUNDING = 1e-8


def exact_margins(
    model: Model,
    space: AttackSpace,
    raw: FloatArray,
    y: IntArray,
    norm: Norm,
    structure: Structure | NoStructure | None = None,
) -> FloatArray | None:
    """Return the exact distances (n,) of ``raw`` (n, d) to the boundary, or None.

    In attack space, inside each row's box; 0 where the model mislabels the row. With whole-number
    or categorical features it is the distance to the nearest valid row. ``structure``: that of the
    model, None to read it. Returns None if the model is not affine, if the default work did not
    suffice for some row, or if the threat has relations, which only certificates take into account.
    """
    if space.relations:
        return None
    affine = _affine_in(model, space, raw, structure)
    if affine is None:
        return None
    lower, upper = _nearest(affine, space, raw, y, norm)
    if (upper > lower * (1 + _ROUNDING)).any():
        return None
    return np.where(in_parts(model.predict, raw) == y, lower, 0.0)


def refuse_impossible(
    model: Model,
    space: AttackSpace,
    raw: FloatArray,
    y: IntArray,
    norm: Norm,
    exact: FloatArray | None,
    attacks: Sequence[str],
    distances: FloatArray,
    structure: Structure | NoStructure | None = None,
) -> None:
    """Raise ``AttackError`` if an attack reports a distance below what an affine model allows.

    That would be a defect of this package. ``exact`` (n,): the result of ``exact_margins`` for the
    same rows, or None to compare with a lower bound; ``distances``: (attacks, n). The rounding of
    the model's own scores is allowed for. ``structure``: as for ``exact_margins``.
    """
    affine = _affine_in(model, space, raw, structure) if len(distances) else None
    if affine is None:
        return
    if exact is None:
        least = _nearest(affine, space, raw, y, norm)[0]
        exact = np.where(in_parts(model.predict, raw) == y, least, 0.0)
    suspects = np.flatnonzero(distances.min(axis=0) < exact * (1 - 1e-3))
    if not len(suspects):
        return
    least = proved_distance(affine, space, raw[suspects], y[suspects], norm)
    impossible = distances[:, suspects] < least * (1 - 1e-3)
    if impossible.any():
        attack, suspect = (int(i[0]) for i in np.nonzero(impossible))
        row = suspects[suspect]
        raise AttackError(
            f"attack {attacks[attack]!r} reports distance {distances[attack, row]:.6g} for "
            f"test row {row}, nearer than the exact {exact[row]:.6g}; its numbers cannot be used"
        )


def _nearest(
    affine: Affine, space: AttackSpace, raw: FloatArray, y: IntArray, norm: Norm
) -> tuple[FloatArray, FloatArray]:
    """Return bounds (n,) and (n,) on the nearest rival's distance in exact arithmetic."""

    def of(part: slice) -> tuple[FloatArray, FloatArray]:
        def ask(
            setting: Setting, rows: IntArray, moved: FloatArray
        ) -> tuple[FloatArray, FloatArray]:
            own = setting.space
            found = rivals_of(affine, own, moved, y[part][rows])
            near = nearest_rival(found, steps_at(own, moved), norm, setting.work, own.touchable)
            return setting.farther(near.lower), setting.farther(near.upper)

        found = nearest_setting(affine, space, raw[part], norm, None, ask)
        let_go(raw)
        return found

    lower, upper = zip(*(of(part) for part in blocks(len(raw), affine.weight.size)), strict=True)
    return np.concatenate(lower), np.concatenate(upper)


def _affine_in(
    model: Model, space: AttackSpace, raw: FloatArray, structure: Structure | NoStructure | None
) -> Affine | None:
    """Return the affine structure of ``model`` in ``space``, None if it has none."""
    if not len(raw):
        return None
    found = structure_of(model, space, raw) if structure is None else structure
    if structure is None and isinstance(found, Affine) and not isinstance(model, TorchModel):
        # a structure read from another library's model must first be compared with that model
        found = checked_structure(model, space, raw)
    return found if isinstance(found, Affine) and refused(found, space) is None else None
