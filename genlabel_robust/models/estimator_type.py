"""What scikit-learn calls a model: a classifier, a regressor, or nothing."""

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
    """Return what scikit-learn calls the model's type, None if it says nothing of it."""
    from sklearn.utils import get_tags

    try:
        found = get_tags(model).estimator_type
    except Exception:  # anyone's class may answer with anything
        found = getattr(model, "_estimator_type", None)
    return found if isinstance(found, str) else None
