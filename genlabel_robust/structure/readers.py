"""The registry of structure readers, by the models that they read.

The readers are beside the models' adapters. To add one, write a file in ``models/structures/`` with
a function

    def read(inside: Any, front: Front) -> Structure | NoStructure

and register it here, in one line, under the package and the class that it reads. ``inside``: a
fitted estimator, a ``LibraryModel`` or, if the model contains neither, the ``Model`` itself.
``front``: the map from raw features to the input of ``inside``; each of its columns is a function
of a single column of the table. The structure takes raw features, and its scores are in the order
of the scores of ``inside``. An ``UnreadError`` that the function raises becomes the reason why
there is no structure.
"""

from typing import Any

from genlabel_robust.core import Registry

_ROOM = "genlabel_robust.models.structures"

#: Linear classifiers of scikit-learn, which decide directly by their sums.
LINEAR = (
    "LogisticRegression",
    "LogisticRegressionCV",
    "RidgeClassifier",
    "RidgeClassifierCV",
    "SGDClassifier",
    "Perceptron",
    "PassiveAggressiveClassifier",
    "LinearSVC",
    "LinearDiscriminantAnalysis",
)

READERS = Registry(
    "structure reader",
    {
        "genlabel_robust.TorchModel": (f"{_ROOM}.torch_model:read", "a recipe's own layers"),
        "genlabel_robust.ModuleAdapter": (f"{_ROOM}.torch_model:read_module", "a torch module"),
        "sklearn.MLPClassifier": (f"{_ROOM}.sklearn.net:read", "a net of ReLUs"),
        "sklearn.Pipeline": (f"{_ROOM}.sklearn.pipeline:read", "a pipeline, by its last step"),
        "sklearn.DecisionTreeClassifier": (f"{_ROOM}.sklearn.forest:read_tree", "one tree"),
        "sklearn.ExtraTreeClassifier": (f"{_ROOM}.sklearn.forest:read_tree", "one tree"),
        "sklearn.RandomForestClassifier": (f"{_ROOM}.sklearn.forest:read_forest", "a forest"),
        "sklearn.ExtraTreesClassifier": (f"{_ROOM}.sklearn.forest:read_forest", "a forest"),
        "sklearn.GradientBoostingClassifier": (f"{_ROOM}.sklearn.boosting:read", "boosted trees"),
        "sklearn.HistGradientBoostingClassifier": (
            f"{_ROOM}.sklearn.histogram:read",
            "boosted trees of binned columns",
        ),
        "sklearn.BaggingClassifier": (
            f"{_ROOM}.sklearn.voting:read_bagging",
            "an average of its members",
        ),
        "sklearn.VotingClassifier": (f"{_ROOM}.sklearn.voting:read_voting", "a soft vote"),
        "sklearn.GridSearchCV": (
            f"{_ROOM}.sklearn.voting:read_search",
            "the best estimator of the search",
        ),
        "sklearn.RandomizedSearchCV": (
            f"{_ROOM}.sklearn.voting:read_search",
            "the best estimator of the search",
        ),
        **{f"sklearn.{name}": (f"{_ROOM}.sklearn.linear:read", "weighted sums") for name in LINEAR},
        "xgboost.XGBClassifier": (f"{_ROOM}.xgboost:read_estimator", "trees of XGBoost"),
        "xgboost.XGBRFClassifier": (f"{_ROOM}.xgboost:read_estimator", "a forest of XGBoost"),
        "genlabel_robust.XgboostModel": (f"{_ROOM}.xgboost:read_file", "a file of XGBoost"),
        "lightgbm.LGBMClassifier": (f"{_ROOM}.lightgbm_trees:read_estimator", "trees of LightGBM"),
        "genlabel_robust.LightgbmModel": (
            f"{_ROOM}.lightgbm_trees:read_file",
            "a file of LightGBM",
        ),
        "genlabel_robust.OnnxModel": (
            f"{_ROOM}.onnx.model:read",
            "an ONNX graph, by its last nodes",
        ),
        "catboost.CatBoostClassifier": (f"{_ROOM}.catboost_trees:read", "trees of CatBoost"),
        "genlabel_robust.CatboostModel": (
            f"{_ROOM}.catboost_trees:read_file",
            "a file of CatBoost",
        ),
    },
    group="structures",
    fits="genlabel_robust.structure.outside:fit_structure_reader",
)


def reader_name(inside: Any) -> str:
    """Return the name under which a reader of ``inside`` is registered: "sklearn.SVC"."""
    kind = type(inside)
    return f"{kind.__module__.partition('.')[0]}.{kind.__qualname__}"
