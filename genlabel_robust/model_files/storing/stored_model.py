"""Storing a model in memory as a file that this package can read without executing code."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import nn

from genlabel_robust.core import ConfigurationError, an
from genlabel_robust.data.classes import label_text
from genlabel_robust.model_files.storing.boosted import catboost_file, lightgbm_file, xgboost_file
from genlabel_robust.model_files.storing.modules import module_file
from genlabel_robust.model_files.storing.skops_file import skops_file

#: Classes of libraries with their own formats, by name, as the libraries may not be installed.
_BOOSTED: dict[str, Callable[[Any], tuple[str, bytes]]] = {
    "xgboost.sklearn.XGBClassifier": xgboost_file,
    "lightgbm.sklearn.LGBMClassifier": lightgbm_file,
    "catboost.core.CatBoostClassifier": catboost_file,
}
_INSTEAD = (
    "export it as ONNX and give the file's path in the place of the model, or leave out "
    "verifiable=True"
)


@dataclass(frozen=True)
class StoredModel:
    """A model file: ``name``, whose ending selects the reader, and ``content``.

    ``classes``: the class label of each score, for formats that cannot store them.
    """

    name: str
    content: bytes
    classes: tuple[str, ...] = ()


def stored_model(model: Any, width: int) -> StoredModel:
    """Return the file for a torch module or a fitted estimator that takes ``width`` columns.

    The same model gives the same bytes. Raises ``ConfigurationError`` if the model cannot be
    stored without code.
    """
    kind = type(model).__name__
    try:
        suffix, content = _written(model, width)
    except Exception as error:  # other libraries can raise anything for a user's objects
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        raise ConfigurationError(
            f"the model, {an(kind)}, cannot be stored without code ({reason}); {_INSTEAD}"
        ) from error
    named = getattr(model, "classes_", None) if suffix in (".ubj", ".txt") else None
    classes = () if named is None else tuple(map(label_text, named))
    return StoredModel(f"{kind}{suffix}", content, classes)


def _written(model: Any, width: int) -> tuple[str, bytes]:
    """Return the file ending and content for ``model``."""
    if isinstance(model, nn.Module):
        return module_file(model, width)
    for base in type(model).__mro__:
        if write := _BOOSTED.get(f"{base.__module__}.{base.__qualname__}"):
            return write(model)
    from sklearn.base import BaseEstimator

    if isinstance(model, BaseEstimator):
        return skops_file(model)
    raise ConfigurationError(
        "that can be done with torch modules, estimators of scikit-learn, and classifiers of "
        "XGBoost, LightGBM and CatBoost"
    )
