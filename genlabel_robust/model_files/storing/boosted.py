"""Boosted classifiers in the formats of their own libraries."""

import tempfile
from pathlib import Path
from typing import Any

from genlabel_robust.core.files.opening import file_bytes


def xgboost_file(model: Any) -> tuple[str, bytes]:
    """Return the ending and the content of the file of a fitted ``XGBClassifier``."""
    return ".ubj", bytes(model.get_booster().save_raw("ubj"))


def lightgbm_file(model: Any) -> tuple[str, bytes]:
    """Return the ending and the content of the file of a fitted ``LGBMClassifier``."""
    return ".txt", model.booster_.model_to_string().encode()


def catboost_file(model: Any) -> tuple[str, bytes]:
    """Return the ending and the content of the file of a fitted ``CatBoostClassifier``."""
    with tempfile.TemporaryDirectory() as folder:  # the library writes to paths only
        path = Path(folder) / "model.cbm"
        model.save_model(str(path))
        return ".cbm", file_bytes(path)
