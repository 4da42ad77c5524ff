"""Storing boosted classifiers in their libraries' own formats."""

from typing import Any

from genlabel_robust.core.files.opening import file_bytes
from genlabel_robust.core.files.scratch import scratch_folder


def xgboost_file(model: Any) -> tuple[str, bytes]:
    """Return the file ending and content for a fitted ``XGBClassifier``."""
    return ".ubj", bytes(model.get_booster().save_raw("ubj"))


def lightgbm_file(model: Any) -> tuple[str, bytes]:
    """Return the file ending and content for a fitted ``LGBMClassifier``."""
    return ".txt", model.booster_.model_to_string().encode()


def catboost_file(model: Any) -> tuple[str, bytes]:
    """Return the file ending and content for a fitted ``CatBoostClassifier``."""
    with scratch_folder() as folder:  # the library writes to paths only
        path = folder / "model.cbm"
        model.save_model(str(path))
        return ".cbm", file_bytes(path)
