"""Tree classifiers in LightGBM's text format, which predict with the library."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from genlabel_robust.core import ConfigurationError, FloatArray, IntArray
from genlabel_robust.model_files.boosted import Boosted
from genlabel_robust.model_files.checked_values import UnfitError
from genlabel_robust.model_files.lightgbm.layout import layout
from genlabel_robust.model_files.reading import Permission, Reading


def read(path: Path, content: bytes, permission: Permission) -> Reading:
    """Return the classifier in a .txt file; raises ``ConfigurationError`` for any other text.

    The library crashes on some damaged files. It therefore loads only the text that ``layout``
    writes from checked values, never the file itself.
    """
    try:
        found = layout(content)
    except UnfitError as error:
        raise ConfigurationError(
            f"{path} is not a LightGBM classifier that can be evaluated: {error}"
        ) from error
    try:
        import lightgbm
    except ImportError as error:
        raise ConfigurationError(
            f"{path} needs lightgbm; install it: pip install 'genlabel-robust[lightgbm]'"
        ) from error
    try:
        booster = lightgbm.Booster(model_str=found.text)
        model = LightgbmModel(booster, found.width, found.n_classes, found.columns)
        model.scores(np.zeros((1, found.width)))
    except (ValueError, TypeError, lightgbm.basic.LightGBMError) as error:
        raise ConfigurationError(
            f"{path} cannot be loaded by lightgbm {lightgbm.__version__}: "
            f"{' '.join(str(error).split()) or 'it gives no reason'}"
        ) from error
    return Reading(model, "LightGBM", f"lightgbm {lightgbm.__version__}")


@dataclass(frozen=True, eq=False)
class LightgbmModel(Boosted):
    """A LightGBM classifier; LightGBM replaces blanks in column names by ``_``."""

    def _decided(self, x: FloatArray) -> IntArray:
        found = np.asarray(self.booster.predict(x, num_threads=1))
        if found.ndim == 1:
            found = np.column_stack([1.0 - found, found])
        return np.asarray(found.argmax(axis=1), dtype=np.int64)

    def _margins(self, x: FloatArray) -> np.ndarray:
        return np.asarray(self.booster.predict(x, raw_score=True, num_threads=1))
