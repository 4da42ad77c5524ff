"""Requirements for a density from outside."""

import inspect
from typing import Any

from genlabel_robust.core import ConfigurationError, shown
from genlabel_robust.core.parts.fit import Fit, first_line


def fit_density(target: Any, name: str | None) -> Fit:
    """Return ``target``, a class of densities, as a part.

    Raises ``ConfigurationError``, whose text follows the part's name.
    """
    methods = ("fit", "log_density")
    lacking = [one for one in methods if not callable(getattr(target, one, None))]
    if not inspect.isclass(target) or lacking:
        raise ConfigurationError(
            f"is not a density: it is {shown(target)}, but must be a class with fit(x, y, "
            "n_classes) and log_density(x)"
        )
    if not isinstance(getattr(target, "normalised", None), bool):
        raise ConfigurationError("does not say whether it is normalised; set it to True or False")
    own = name or getattr(target, "name", None)
    if not isinstance(own, str):
        raise ConfigurationError(
            "has no name; give its class one, such as name = 'student', or an entry point"
        )
    target()  # it must accept no arguments
    return Fit(own, target, about=first_line(target))
