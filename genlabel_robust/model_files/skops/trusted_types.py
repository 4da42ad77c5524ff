"""The types that a stored scikit-learn model may name besides those that skops itself trusts.

By their exact names: a whole package cannot be trusted. skops calls what a file names, and
scikit-learn, scipy and numpy hold functions that execute a text. Left out are, among what is
in common use: scipy's distributions, which execute a text of theirs as they are loaded, and its
splines, whose knots compiled code follows without a question.
"""

from collections.abc import Iterable

_KERNELS = (
    "CompoundKernel",
    "ConstantKernel",
    "DotProduct",
    "ExpSineSquared",
    "Exponentiation",
    "Matern",
    "PairwiseKernel",
    "Product",
    "RBF",
    "RationalQuadratic",
    "Sum",
    "WhiteKernel",
)
#: All but the one that calls a function of the user's.
_METRICS = (
    "BrayCurtisDistance",
    "CanberraDistance",
    "ChebyshevDistance",
    "DiceDistance",
    "EuclideanDistance",
    "HammingDistance",
    "HaversineDistance",
    "JaccardDistance",
    "MahalanobisDistance",
    "ManhattanDistance",
    "MinkowskiDistance",
    "RogersTanimotoDistance",
    "RussellRaoDistance",
    "SEuclideanDistance",
    "SokalMichenerDistance",
    "SokalSneathDistance",
)
_SEARCH_TREES = tuple(
    f"{module}.{name}{width}"
    for module, name in (("_kd_tree", "KDTree"), ("_ball_tree", "BallTree"))
    for width in ("", "32", "64")
)

_LOSSES = (
    "AbsoluteError",
    "ExponentialLoss",
    "HalfBinomialLoss",
    "HalfGammaLoss",
    "HalfMultinomialLoss",
    "HalfPoissonLoss",
    "HalfSquaredError",
    "HuberLoss",
    "PinballLoss",
)
_LINKS = (
    "HalfLogitLink",
    "IdentityLink",
    "Interval",
    "LogLink",
    "LogitLink",
    "MultinomialLogit",
)
#: What searches and thresholds are chosen by: read when they are fitted, and not after.
_SCORES = (
    "_classification.accuracy_score",
    "_classification.balanced_accuracy_score",
    "_classification.brier_score_loss",
    "_classification.cohen_kappa_score",
    "_classification.f1_score",
    "_classification.fbeta_score",
    "_classification.jaccard_score",
    "_classification.log_loss",
    "_classification.matthews_corrcoef",
    "_classification.precision_score",
    "_classification.recall_score",
    "_ranking.average_precision_score",
    "_ranking.roc_auc_score",
    "_ranking.top_k_accuracy_score",
    "_scorer._CurveScorer",
    "_scorer._PassthroughScorer",
    "_scorer._Scorer",
)
_SPLITTERS = (
    "GroupKFold",
    "GroupShuffleSplit",
    "KFold",
    "LeaveOneGroupOut",
    "LeaveOneOut",
    "PredefinedSplit",
    "RepeatedKFold",
    "RepeatedStratifiedKFold",
    "ShuffleSplit",
    "StratifiedGroupKFold",
    "StratifiedKFold",
    "StratifiedShuffleSplit",
    "TimeSeriesSplit",
)

#: A function with arguments of its own; of which functions it may be one is ``BOUND``.
PARTIAL = "functools.partial"
#: The functions that arguments may be bound to: histogram boosting checks its categories so.
BOUND = ("sklearn.utils.validation.check_array",)

#: What pipelines and searches store. Functions here compute on the arrays that they are given,
#: and ``numpy.dtype``, ``Bunch`` and the requests only hold what they are made of.
_AROUND = (
    PARTIAL,
    *BOUND,
    "numpy.mean",
    "numpy.dtype",
    "scipy.sparse._csc.csc_array",
    "scipy.sparse._csc.csc_matrix",
    "scipy.sparse._csr.csr_array",
    "scipy.sparse._csr.csr_matrix",
    "sklearn.compose._column_transformer.make_column_selector",
    "sklearn.feature_selection._univariate_selection.chi2",
    "sklearn.feature_selection._univariate_selection.f_classif",
    "sklearn.feature_selection._mutual_info.mutual_info_classif",
    "sklearn.utils._bunch.Bunch",
    "sklearn.utils._metadata_requests.MetadataRequest",
    "sklearn.utils._metadata_requests.MethodMetadataRequest",
)

TRUSTED_TYPES = frozenset(
    {
        "sklearn.calibration._CalibratedClassifier",
        "sklearn.calibration._SigmoidCalibration",
        "sklearn.calibration._TemperatureScaling",
        "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.gaussian_process._gpc._BinaryGaussianProcessClassifierLaplace",
        "sklearn.impute._iterative.IterativeImputer",
        "sklearn.impute._iterative._ImputerTriplet",
        "sklearn.model_selection._search_successive_halving.HalvingGridSearchCV",
        "sklearn.multiclass._ConstantPredictor",
        "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
        "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
        "sklearn.tree._tree.Tree",
        *_AROUND,
        *(f"sklearn._loss.link.{name}" for name in _LINKS),
        *(f"sklearn._loss.loss.{name}" for name in _LOSSES),
        *(f"sklearn._loss._loss.Cy{name}" for name in _LOSSES),
        *(f"sklearn.gaussian_process.kernels.{name}" for name in _KERNELS),
        *(f"sklearn.metrics.{name}" for name in _SCORES),
        *(f"sklearn.model_selection._split.{name}" for name in _SPLITTERS),
        *(f"sklearn.metrics._dist_metrics.{name}{w}" for name in _METRICS for w in ("32", "64")),
        *(f"sklearn.neighbors.{name}" for name in _SEARCH_TREES),
    }
)


def foreign_types(names: Iterable[str]) -> list[str]:
    """Return those of ``names`` that are not trusted."""
    return sorted(set(names) - TRUSTED_TYPES)
