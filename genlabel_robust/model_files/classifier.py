"""Checks that an object from a file is a fitted classifier, and the name of its library."""

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from genlabel_robust.core import ConfigurationError, an
from genlabel_robust.models.estimator_type import type_of

_DISTRIBUTIONS = {"sklearn": "scikit-learn"}
#: The low-level models inside the boosting libraries' classifiers.
_BOOSTERS = ("xgboost.core.Booster", "lightgbm.basic.Booster", "catboost.core.CatBoost")


def check_classifier(path: Path, model: Any) -> None:
    """Raise ``ConfigurationError`` unless ``model``, read from ``path``, is a classifier."""
    kind = type(model)
    name = f"{kind.__module__}.{kind.__qualname__}"
    if isinstance(model, type) or not callable(getattr(model, "predict", None)):
        raise ConfigurationError(
            f"{path} holds {an(name)}, which does not predict; it must hold a fitted classifier, "
            "or a pipeline that ends in one"
        )
    if name in _BOOSTERS:
        raise ConfigurationError(
            f"{path} holds {an(name)}, which does not name its classes; save it with its own "
            "save_model, or give the library's classifier"
        )
    what = type_of(model)
    if what not in (None, "classifier"):
        raise ConfigurationError(
            f"{path} holds {an(kind.__name__)}, which is {an(what.replace('_', ' '))}; it must "
            "hold a fitted classifier, or a pipeline that ends in one"
        )
    _check_classes(path, model)


def _check_classes(path: Path, model: Any) -> None:
    """Raise if ``model.classes_`` is an array, but not of hashable values in shape (k,)."""
    try:
        found = getattr(model, "classes_", None)
    except Exception:  # some classes compute it from attributes that may be missing
        return
    if not isinstance(found, np.ndarray):
        return
    try:
        plain = found.ndim == 1 and hash(tuple(found.tolist())) is not None
    except TypeError:  # unhashable elements, such as lists, equal no label
        plain = False
    if not plain:
        raise ConfigurationError(
            f"{path} holds {an(type(model).__name__)} whose classes_ have the shape {found.shape} "
            f"and the type {found.dtype}; they must be one number or text for each class"
        )


def library_of(model: Any) -> str:
    """Return the library that defines the model's class, with its version if known."""
    root = type(model).__module__.partition(".")[0]
    name = _DISTRIBUTIONS.get(root, root)
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        found = getattr(__import__(root), "__version__", "")
        return f"{name} {found}".strip()
