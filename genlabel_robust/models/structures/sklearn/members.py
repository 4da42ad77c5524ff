"""Members of soft votes: how each one's library computes its probabilities."""

import warnings
from typing import Any

import numpy as np

from genlabel_robust.core import IntArray
from genlabel_robust.models.structures.inside import read_inside
from genlabel_robust.structure import (
    FLOAT32,
    FLOAT64,
    Front,
    Member,
    NoStructure,
    UnreadError,
    Vote,
)

#: Estimators whose scores are probabilities: sums of leaf values.
SHARES = (
    "DecisionTreeClassifier",
    "ExtraTreeClassifier",
    "RandomForestClassifier",
    "ExtraTreesClassifier",
    "BaggingClassifier",
    "VotingClassifier",
)
#: Estimators whose probabilities are a softmax, or for two classes a logistic function, of scores.
_SOFTMAX = (
    "LogisticRegression",
    "LogisticRegressionCV",
    "LinearDiscriminantAnalysis",
    "GradientBoostingClassifier",
    "HistGradientBoostingClassifier",
    "MLPClassifier",
)


def member(estimator: Any, front: Front, weight: float, columns: IntArray, k: int) -> Member:
    """Return a fitted ``estimator`` as a member; its classes are ``columns``, of ``k`` in all.

    Raises ``UnreadError`` if it is unknown how it computes probabilities.
    """
    name = type(last_of(estimator)).__name__
    slope = _slope(last_of(estimator), k)
    found = read_inside(estimator, front)
    if isinstance(found, NoStructure | Vote):
        raise UnreadError(f"nothing is known of the inside of {name}")
    if len(columns) < k:
        raise UnreadError(f"{name} never saw one of the classes")
    with warnings.catch_warnings():
        # a wrapper that fits its members on arrays passes arrays to them, which have no names
        warnings.simplefilter("ignore")
        probabilities = np.asarray(estimator.predict_proba(front.show(front.row[None])))
    single = probabilities.dtype == np.float32
    return Member(found, slope, weight, FLOAT32 if single else FLOAT64)


def last_of(estimator: Any) -> Any:
    """Return the last step of pipelines, and the best estimator of searches."""
    while True:
        if hasattr(estimator, "steps"):
            estimator = estimator.steps[-1][1]
        elif hasattr(estimator, "best_estimator_"):
            estimator = estimator.best_estimator_
        else:
            return estimator


def _slope(last: Any, k: int) -> float | None:
    """Return the factor of the scores before the softmax."""
    package, name = type(last).__module__.partition(".")[0], type(last).__name__
    if package == "sklearn" and name in _SOFTMAX:
        # the exponential loss uses twice the margin
        return 2.0 if getattr(last, "loss", None) == "exponential" else 1.0
    if name == "SGDClassifier" and last.loss == "log_loss" and k == 2:
        return 1.0
    if name in ("XGBClassifier", "XGBRFClassifier"):
        if last.objective in ("binary:logistic", "multi:softprob", "multi:softmax"):
            return 1.0
        raise UnreadError(f"it averages what XGBoost makes of margins for {last.objective}")
    if name == "LGBMClassifier":
        return _slope_of_lightgbm(last)
    raise UnreadError(f"it averages probabilities of {name}, of which nothing is known")


def _slope_of_lightgbm(last: Any) -> float:
    objective, *settings = str(last.booster_.dump_model(num_iteration=1)["objective"]).split(" ")
    if last.boosting_type == "rf" or objective not in ("binary", "multiclass"):
        raise UnreadError(f"it averages what LightGBM makes of margins for {objective}")
    stated = dict(setting.partition(":")[::2] for setting in settings)
    return float(stated.get("sigmoid", 1)) if objective == "binary" else 1.0
