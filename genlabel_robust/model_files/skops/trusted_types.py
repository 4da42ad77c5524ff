"""The types that a stored scikit-learn model may name, besides those that skops itself trusts.

Types are listed by their exact names, as no whole package can be trusted: skops calls what a file
names, and scikit-learn, scipy and numpy contain functions that execute text. Two common kinds are
left out: scipy's distributions, which execute text when they are loaded, and scipy's splines, whose
compiled code does not check their knots.
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
#: All metrics but the one that calls a function of the user.
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
#: Scores by which parameter searches and thresholds are tuned; used in fitting only.
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

#: The type of a function with bound arguments; the function must be in ``BOUND``.
PARTIAL = "functools.partial"
#: The functions that may have bound arguments: histogram boosting checks its categories this way.
BOUND = ("sklearn.utils.validation.check_array",)

#: Types that pipelines and searches store. The functions compute on their array arguments only,
#: and ``numpy.dtype``, ``Bunch`` and the requests only contain their arguments.
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
    """Return the ``names`` that are not in ``TRUSTED_TYPES``, sorted."""
    return sorted(set(names) - TRUSTED_TYPES)
