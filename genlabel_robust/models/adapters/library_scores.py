"""A library's own scores before any link function, for comparison with a structure."""

from typing import Any

import numpy as np

from genlabel_robust.core import FloatArray
from genlabel_robust.models.adapters.estimator import EstimatorAdapter
from genlabel_robust.models.adapters.library import LibraryAdapter
from genlabel_robust.models.adapters.log_probabilities import LogProbabilities
from genlabel_robust.models.model import Model, SklearnModel
from genlabel_robust.structure.readers import LINEAR

#: The method that returns margins, with its arguments, by the class of the last step.
_ASKED: dict[str, tuple[str, dict[str, Any]]] = {
    "GradientBoostingClassifier": ("decision_function", {}),
    "HistGradientBoostingClassifier": ("decision_function", {}),
    **dict.fromkeys(LINEAR, ("decision_function", {})),
    "XGBClassifier": ("predict", {"output_margin": True}),
    "XGBRFClassifier": ("predict", {"output_margin": True}),
    "LGBMClassifier": ("predict", {"raw_score": True}),
    "CatBoostClassifier": ("predict", {"prediction_type": "RawFormulaVal"}),
}

#: Classes without margins, which return probabilities.
_LINKED = ("MLPClassifier",)


def library_scores(model: Model, raw: FloatArray) -> tuple[FloatArray, bool]:
    """Return the library's scores of rows (n, d), and whether they come before any link function.

    The scores are (n, k), with NaN for a class that the library never saw. If the library has no
    margins, or does not return them, they are the model's own scores.
    """
    if isinstance(model, LogProbabilities):
        return library_scores(model.model, raw)
    if isinstance(model, LibraryAdapter) and model.library_model.before_link:
        return model.scores(raw), True
    if isinstance(model, SklearnModel):
        estimator, model_rows = model.estimator, model.scaling.apply(raw)
        columns = np.asarray(estimator.classes_, dtype=np.int64)
    elif isinstance(model, EstimatorAdapter) and (
        model.knowledge == "scores" or _last(model.estimator) in LINEAR
    ):
        estimator, model_rows, columns = model.estimator, model.view(raw), model.columns
    else:
        return model.scores(raw), False
    method, keywords = _ASKED.get(_last(estimator), ("predict_proba", {}))
    returned = np.asarray(getattr(estimator, method)(model_rows, **keywords), dtype=np.float64)
    if returned.ndim == 1:
        returned = np.column_stack([np.zeros(len(returned)), returned])
    scores = np.full((len(raw), model.n_classes), np.nan)
    scores[:, columns] = returned
    return scores, _last(estimator) not in _LINKED


def last_step(estimator: Any) -> Any:
    """Return the estimator that predicts: the last step of a pipeline, the best one of a search."""
    while True:
        if isinstance(steps := getattr(estimator, "steps", None), list) and steps:
            estimator = steps[-1][1]
        elif hasattr(estimator, "best_estimator_"):
            estimator = estimator.best_estimator_
        else:
            return estimator


def _last(estimator: Any) -> str:
    return type(last_step(estimator)).__name__
