"""Tree classifiers in CatBoost's own formats, which predict with the library."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from genlabel_robust.core import ConfigurationError, FloatArray, IntArray
from genlabel_robust.data.rows import Label
from genlabel_robust.model_files.boosted import Boosted
from genlabel_robust.model_files.catboost.layout import Layout, layout
from genlabel_robust.model_files.catboost.loading import MAGIC, as_json, loaded
from genlabel_robust.model_files.checked_values import UnfitError
from genlabel_robust.model_files.model_json import parsed_json
from genlabel_robust.model_files.notes import one_line
from genlabel_robust.model_files.own_process import try_apart
from genlabel_robust.model_files.reading import Permission, Reading

_LOSSES = ("Logloss", "CrossEntropy", "MultiClass", "MultiClassOneVsAll")


def read(path: Path, content: bytes, permission: Permission) -> Reading:
    """Return the classifier in a .cbm file or in CatBoost's .json.

    A damaged file can crash the library, so a separate process loads it first. The loaded model
    is then exported as JSON and validated before it predicts any row. Raises
    ``ConfigurationError`` if catboost is not installed or the file is not a usable classifier.
    """
    try:
        import catboost
    except ImportError as error:
        raise ConfigurationError(
            f"{path} needs catboost; install it: pip install 'genlabel-robust[catboost]'"
        ) from error
    try:
        if not content.startswith(MAGIC):
            layout(parsed_json(content))
        try_apart("genlabel_robust.model_files.catboost.trial", content)
        model = loaded(content)
        found = layout(parsed_json(as_json(model)))
        read_model = _classifier(model, found)
    except (UnfitError, ConfigurationError) as error:
        raise ConfigurationError(
            f"{path} is not a CatBoost classifier that can be evaluated: {error}"
        ) from error
    except (catboost.CatBoostError, ValueError, TypeError) as error:
        raise ConfigurationError(
            f"{path} cannot be loaded by catboost {catboost.__version__}: {one_line(error)}"
        ) from error
    return Reading(read_model, "CatBoost", f"catboost {catboost.__version__}")


def _classifier(model: Any, found: Layout) -> "CatboostModel":
    """Wrap ``model`` as a ``CatboostModel``; raises ``UnfitError`` if it is not a classifier."""
    loss = str(model.get_all_params().get("loss_function", "")).partition(":")[0]
    if loss not in _LOSSES:
        raise UnfitError(
            f"it was trained with the loss {loss or 'of no name'}, so it is not a classifier"
        )
    width = max(found.width, len(model.feature_names_))
    classes = [one.item() if hasattr(one, "item") else one for one in model.classes_]
    count = max(found.outputs, 2)
    if classes and len(classes) != count:
        raise UnfitError(f"it names {len(classes)} classes but has {found.outputs} margins")
    names = tuple(map(str, model.feature_names_))
    # CatBoost names the columns of an array "0", "1", …
    named = None if names == tuple(map(str, range(len(names)))) else names
    threshold = model.get_probability_threshold() if count == 2 else 0.5
    shift = 0.0 if threshold == 0.5 else math.log(threshold / (1.0 - threshold))
    return CatboostModel(model, width, count, named, tuple(classes), shift)


@dataclass(frozen=True, eq=False)
class CatboostModel(Boosted):
    """A CatBoost classifier.

    ``labels`` (k,): the class labels, empty if the file names none. ``shift``: the margin at
    which the library switches between two classes, 0 unless the file stores a threshold.
    """

    labels: tuple[Label, ...]
    shift: float

    @property
    def classes(self) -> tuple[Label, ...] | None:
        """The class labels (k,), or None if the file names none."""
        return self.labels or None

    def _decided(self, x: FloatArray) -> IntArray:
        found = np.ravel(self.booster.predict(x, prediction_type="Class", thread_count=1))
        known = self.labels or tuple(range(self.n_classes))
        places = {str(label): place for place, label in enumerate(known)}
        return np.array([places[str(one)] for one in found.tolist()], dtype=np.int64)

    def _margins(self, x: FloatArray) -> np.ndarray:
        margins = self.booster.predict(x, prediction_type="RawFormulaVal", thread_count=1)
        return np.asarray(margins, dtype=np.float64) - self.shift
