"""Reading a skops file: a scikit-learn estimator, without code."""

from pathlib import Path
from typing import Any

import numpy as np

from genlabel_robust.core import ConfigurationError
from genlabel_robust.data.scaling import stored_scaling
from genlabel_robust.model_files.classifier import check_classifier, library_of
from genlabel_robust.model_files.notes import noted_warnings
from genlabel_robust.model_files.reading import Permission, Reading
from genlabel_robust.model_files.skops.loading import load_skops
from genlabel_robust.models.model import SklearnModel

_OWN = {"estimator", "offset", "scale"}


def read(path: Path, content: bytes, permission: Permission) -> Reading:
    """Return the classifier in a .skops file, or the ``SklearnModel`` that a run stored.

    Raises ``ConfigurationError`` for a file that is damaged, contains no classifier, or names
    types that are neither known to be harmless nor allowed by ``permission``.
    """
    notes: list[str] = []
    with noted_warnings(notes):
        loaded = load_skops(path, content, permission.types)
    own = isinstance(loaded, dict) and set(loaded) - {"fills"} == _OWN
    estimator = loaded["estimator"] if own else loaded
    check_classifier(path, estimator)
    model = _own(path, loaded) if own else estimator
    return Reading(model, "scikit-learn (skops)", library_of(estimator), tuple(notes))


def _own(path: Path, stored: dict[str, Any]) -> SklearnModel:
    """Return a model that a run stored, which takes scaled features and has classes from 0."""
    estimator, offset, scale = stored["estimator"], stored["offset"], stored["scale"]
    classes = np.asarray(getattr(estimator, "classes_", None))
    width = getattr(estimator, "n_features_in_", -1)
    parts = all(
        isinstance(part, np.ndarray)
        and part.shape == (width,)
        and part.dtype.kind == "f"
        and np.isfinite(part).all()
        for part in (offset, scale)
    )
    coded = classes.ndim == 1 and classes.dtype.kind in "iu" and len(classes) > 0
    if not (parts and coded and classes.min() >= 0 and (scale > 0).all()):
        raise ConfigurationError(
            f"{path} does not contain what a run stores: an estimator with classes from 0, and, "
            "for each of its features, an offset and a scale above 0"
        )
    fills = stored.get("fills")
    if fills is not None and not (isinstance(fills, np.ndarray) and fills.dtype.kind == "f"):
        raise ConfigurationError(
            f"{path} contains fill values for missing values that are not numbers"
        )
    return SklearnModel(estimator, stored_scaling(offset, scale, fills), int(classes.max()) + 1)
