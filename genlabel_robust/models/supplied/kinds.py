"""The kinds of supplied models; an object belongs to the first kind that it fits."""

from typing import Any

from genlabel_robust.core import ConfigurationError
from genlabel_robust.models.supplied.estimator import SuppliedEstimator
from genlabel_robust.models.supplied.function import SuppliedFunction
from genlabel_robust.models.supplied.library_model import SuppliedLibraryModel
from genlabel_robust.models.supplied.own_model import SuppliedModel
from genlabel_robust.models.supplied.supplied import Supplied
from genlabel_robust.models.supplied.torch_module import SuppliedModule

_KINDS: tuple[type[Supplied], ...] = (
    SuppliedModule,
    SuppliedLibraryModel,
    SuppliedModel,
    SuppliedEstimator,
    SuppliedFunction,
)


def supplied_as(model: Any) -> Supplied:
    """Return ``model`` as a supplied model of its kind; ``ConfigurationError`` if it fits none."""
    if not isinstance(model, type):
        for kind in _KINDS:
            if kind.fits(model):
                return kind(model)
    raise ConfigurationError(
        f"{model!r} is not a model; give a torch module, a fitted scikit-learn estimator, or a "
        "callable that returns labels (n,) or scores (n, k)"
    )
