"""Tree or linear classifiers in XGBoost's own formats, which predict with the library."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from genlabel_robust.core import ConfigurationError, FloatArray, IntArray
from genlabel_robust.model_files.boosted import Boosted
from genlabel_robust.model_files.checked_values import UnfitError
from genlabel_robust.model_files.model_json import parsed_json
from genlabel_robust.model_files.reading import Permission, Reading
from genlabel_robust.model_files.xgboost.layout import layout
from genlabel_robust.model_files.xgboost.ubjson import decode


def read(path: Path, content: bytes, permission: Permission) -> Reading:
    """Return the classifier in a .json or .ubj file.

    The library loads only the JSON that ``layout`` writes from checked values, never the file
    itself. Raises ``ConfigurationError`` for any other file.
    """
    try:
        document = decode(content) if path.suffix.lower() == ".ubj" else parsed_json(content)
        found = layout(document)
    except UnfitError as error:
        raise ConfigurationError(
            f"{path} is not an XGBoost classifier that can be evaluated: {error}"
        ) from error
    try:
        import xgboost
    except ImportError as error:
        raise ConfigurationError(
            f"{path} needs xgboost; install it: pip install 'genlabel-robust[xgboost]'"
        ) from error
    try:
        quiet = {"nthread": 1, "verbosity": 0}
        with xgboost.config_context(verbosity=0):  # hides from users that "dart" is deprecated
            booster = xgboost.Booster(quiet, model_file=bytearray(found.content))
        model = XgboostModel(
            booster,
            found.width,
            found.n_classes,
            found.columns,
            found.booster,
            found.objective,
            found.rounds,
        )
        model.scores(np.zeros((1, found.width)))
    except (ValueError, TypeError, xgboost.core.XGBoostError) as error:
        lines = str(error).strip().splitlines()
        raise ConfigurationError(
            f"{path} cannot be loaded by xgboost {xgboost.__version__}: "
            f"{(lines or ['it gives no reason'])[0].strip()}"
        ) from error
    return Reading(model, "XGBoost", f"xgboost {xgboost.__version__}")


@dataclass(frozen=True, eq=False)
class XgboostModel(Boosted):
    """An XGBoost classifier.

    ``kind``: the booster's name. ``objective``: XGBoost's name of the objective. ``rounds``: the
    number of boosting rounds that predictions use, 0 for all.
    """

    kind: str
    objective: str
    rounds: int

    @property
    def linear(self) -> bool:
        """Whether the booster is linear, with weights instead of trees."""
        return self.kind == "gblinear"

    def _decided(self, x: FloatArray) -> IntArray:
        found = self._ask(x, margin=False)
        if found.ndim == 2:
            return np.asarray(found.argmax(axis=1), dtype=np.int64)
        if self.objective == "multi:softmax":  # its predictions are classes
            return np.asarray(found, dtype=np.int64)
        return np.asarray(found > 0.5, dtype=np.int64)

    def _margins(self, x: FloatArray) -> np.ndarray:
        return self._ask(x, margin=True)

    def _ask(self, x: FloatArray, *, margin: bool) -> np.ndarray:
        if self.kind == "gblinear":
            from xgboost import DMatrix

            data = DMatrix(x, missing=np.nan, nthread=1)
            return np.asarray(self.booster.predict(data, output_margin=margin))
        return np.asarray(
            self.booster.inplace_predict(
                x,
                iteration_range=(0, self.rounds),
                predict_type="margin" if margin else "value",
                missing=np.nan,
            )
        )
