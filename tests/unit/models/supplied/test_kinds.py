from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from torch import nn

from genlabel_robust.core import ConfigurationError
from genlabel_robust.model_files.lightgbm.file import LightgbmModel
from genlabel_robust.models.adapters.torch_module import ModuleAdapter
from genlabel_robust.models.supplied.estimator import SuppliedEstimator
from genlabel_robust.models.supplied.function import SuppliedFunction
from genlabel_robust.models.supplied.kinds import supplied_as
from genlabel_robust.models.supplied.library_model import SuppliedLibraryModel
from genlabel_robust.models.supplied.own_model import SuppliedModel
from genlabel_robust.models.supplied.supplied import Supplied
from genlabel_robust.models.supplied.torch_module import SuppliedModule


class Callable:
    """An estimator that is also callable; its ``predict`` must be used."""

    def __call__(self, x: Any) -> Any:
        raise AssertionError

    def predict(self, x: Any) -> Any:
        return np.zeros(len(x))


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        (nn.Linear(2, 2), SuppliedModule),
        (LightgbmModel(None, 2, 2, None), SuppliedLibraryModel),
        (ModuleAdapter(nn.Linear(2, 2), 2), SuppliedModel),
        (LogisticRegression(), SuppliedEstimator),
        (Callable(), SuppliedEstimator),
        (len, SuppliedFunction),
    ],
)
def test_an_object_is_of_the_first_kind_that_it_fits(model: Any, kind: type[Supplied]) -> None:
    supplied = supplied_as(model)
    assert type(supplied) is kind
    assert supplied.model is model


@pytest.mark.parametrize("model", [LogisticRegression, nn.Linear, 3, None])
def test_a_class_or_a_value_is_no_model(model: Any) -> None:
    with pytest.raises(ConfigurationError, match="is not a model; give a torch module"):
        supplied_as(model)


def test_the_labels_are_those_that_the_model_itself_has() -> None:
    x, y = np.array([[0.0], [1.0]]), np.array(["no", "yes"])
    assert supplied_as(LogisticRegression().fit(x, y)).classes == ("no", "yes")
    for model in (LogisticRegression(), nn.Linear(1, 2), LightgbmModel(None, 1, 2, None)):
        assert supplied_as(model).classes is None
