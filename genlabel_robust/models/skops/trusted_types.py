"""The types that a stored scikit-learn model may name besides those that skops itself trusts.

By their exact names: a whole package cannot be trusted. skops calls what a file names, and
scikit-learn, scipy and numpy hold functions that execute a text.
"""

from __future__ import annotations

from collections.abc import Iterable

_KERNELS = (
    "CompoundKernel", "ConstantKernel", "DotProduct", "ExpSineSquared", "Exponentiation", "Matern",
    "PairwiseKernel", "Product", "RBF", "RationalQuadratic", "Sum", "WhiteKernel",
)  # fmt: skip
#: All but the one that calls a function of the user's.
_METRICS = (
    "BrayCurtisDistance", "CanberraDistance", "ChebyshevDistance", "DiceDistance",
    "EuclideanDistance", "HammingDistance", "HaversineDistance", "JaccardDistance",
    "MahalanobisDistance", "ManhattanDistance", "MinkowskiDistance", "RogersTanimotoDistance",
    "RussellRaoDistance", "SEuclideanDistance", "SokalMichenerDistance", "SokalSneathDistance",
)  # fmt: skip
_SEARCH_TREES = tuple(
    f"{module}.{name}{width}"
    for module, name in (("_kd_tree", "KDTree"), ("_ball_tree", "BallTree"))
    for width in ("", "32", "64")
)

#: What pipelines and searches store. Functions here compute on the arrays that they are given,
#: and ``numpy.dtype`` and ``Bunch`` only hold what they are made of.
_AROUND = (
    "numpy.dtype",
    "scipy.sparse._csc.csc_array",
    "scipy.sparse._csc.csc_matrix",
    "scipy.sparse._csr.csr_array",
    "scipy.sparse._csr.csr_matrix",
    "sklearn.compose._column_transformer.make_column_selector",
    "sklearn.feature_selection._univariate_selection.chi2",
    "sklearn.feature_selection._univariate_selection.f_classif",
    "sklearn.metrics._scorer._PassthroughScorer",
    "sklearn.model_selection._split.KFold",
    "sklearn.model_selection._split.StratifiedKFold",
    "sklearn.utils._bunch.Bunch",
)

TRUSTED_TYPES = frozenset(
    {
        "sklearn.calibration._CalibratedClassifier",
        "sklearn.calibration._SigmoidCalibration",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.gaussian_process._gpc._BinaryGaussianProcessClassifierLaplace",
        "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
        "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
        "sklearn.tree._tree.Tree",
        *_AROUND,
        *(f"sklearn.gaussian_process.kernels.{name}" for name in _KERNELS),
        *(f"sklearn.metrics._dist_metrics.{name}{w}" for name in _METRICS for w in ("32", "64")),
        *(f"sklearn.neighbors.{name}" for name in _SEARCH_TREES),
    }
)


def foreign_types(names: Iterable[str]) -> list[str]:
    """Return those of ``names`` that are not trusted."""
    return sorted(set(names) - TRUSTED_TYPES)
