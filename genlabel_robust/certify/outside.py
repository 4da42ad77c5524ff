"""The check of certifiers from outside the package."""

from typing import Any

from genlabel_robust.core import ConfigurationError, shown
from genlabel_robust.core.parts.fit import Fit, function_fit


def fit_certifier(target: Any, name: str | None) -> Fit:
    """Check that ``target`` is a function of the type ``Certifier``, and return it as a part.

    ``name``: that of the class of structures that it certifies. Raises ``ConfigurationError``,
    whose text continues the part's name.
    """
    fit = function_fit(target, name, 4, "certifier")
    if not fit.name.isidentifier():
        raise ConfigurationError(
            f"is to prove of {shown(fit.name)}; name it by the class of structures, such as "
            "'Lattice'"
        )
    return fit
