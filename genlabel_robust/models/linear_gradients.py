"""Gradients for linear classifiers, from weights that their libraries do not offer as gradients."""

import numpy as np

from genlabel_robust.core import FloatArray, GenlabelRobustError
from genlabel_robust.core.files.large_arrays import in_parts
from genlabel_robust.models.adapters.affine_gradients import AffineGradients
from genlabel_robust.models.adapters.estimator import EstimatorAdapter
from genlabel_robust.models.adapters.library import LibraryAdapter
from genlabel_robust.models.adapters.library_scores import last_step, library_scores
from genlabel_robust.models.model import Model
from genlabel_robust.models.structures.structure_of import structure_of
from genlabel_robust.structure import Affine
from genlabel_robust.structure.readers import LINEAR
from genlabel_robust.threat import AttackSpace


def with_affine_gradients(model: Model, raw: FloatArray) -> Model:
    """Return ``model`` with gradients if it is affine and has none, otherwise unchanged.

    It gets gradients only if its library's own sums equal those of its weights, up to rounding, for
    all rows ``raw`` (n, d).
    """
    if not len(raw) or not _linear(model):
        return model
    low, high = raw.min(axis=0), raw.max(axis=0)
    d = raw.shape[1]
    hull = AttackSpace(np.zeros(d), np.ones(d), low, high, np.ones(d, dtype=bool))
    before_link: list[bool] = []

    def own_sums(rows: FloatArray) -> FloatArray:
        sums, before = library_scores(model, rows)
        before_link.append(before)
        return sums

    try:
        structure = structure_of(model, hull, raw)
        sums = in_parts(own_sums, raw)
    except (GenlabelRobustError, ValueError, TypeError):
        return model  # the attacks will report rows that it cannot predict
    if not isinstance(structure, Affine) or not all(before_link):
        return model
    own = in_parts(structure.scores, raw)
    error = in_parts(lambda rows: structure.error(rows, rows), raw)
    same = np.abs(sums - own) <= error
    return AffineGradients(model, structure) if same.all() else model


def _linear(model: Model) -> bool:
    """Return whether the class of the model is that of a linear classifier."""
    if isinstance(model, LibraryAdapter):
        return model.library_model.linear
    if not isinstance(model, EstimatorAdapter) or not hasattr(model.estimator, "classes_"):
        return False
    last = last_step(model.estimator)
    package, name = type(last).__module__.partition(".")[0], type(last).__name__
    if package == "xgboost":
        return getattr(last, "booster", None) == "gblinear"
    return package == "sklearn" and name in LINEAR
