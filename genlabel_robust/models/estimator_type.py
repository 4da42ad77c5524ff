"""The type of a model by scikit-learn's definition: classifier, regressor or none."""

from typing import Any

from genlabel_robust.core import ConfigurationError


def refuse_regressor(model: Any) -> None:
    """Raise ``ConfigurationError`` if scikit-learn calls ``model`` a regressor."""
    if type_of(model) == "regressor":
        raise ConfigurationError(
            f"the model ({type(model).__name__}) is a regressor, but must be a classifier; if it "
            "predicts the probability of the second class, pass the function model.predict"
        )


def type_of(model: Any) -> str | None:
    """Return the type that scikit-learn assigns to the model, None if there is none."""
    from sklearn.utils import get_tags

    try:
        found = get_tags(model).estimator_type
    except Exception:  # a foreign class may raise anything
        found = getattr(model, "_estimator_type", None)
    return found if isinstance(found, str) else None
