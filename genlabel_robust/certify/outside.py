"""What a certifier from outside has to be."""

from typing import Any

from genlabel_robust.core import ConfigurationError, shown
from genlabel_robust.core.parts.fit import Fit, function_fit


def fit_certifier(target: Any, name: str | None) -> Fit:
    """Return ``target``, a function as ``Certifier`` describes it, as a part.

    ``name``: that of the class of structures that it proves something of. Raises
    ``ConfigurationError``, to be read after the part's name.
    """
    fit = function_fit(target, name, 4, "certifier")
    if not fit.name.isidentifier():
        raise ConfigurationError(
            f"is to prove of {shown(fit.name)}; name it by the class of structures, such as "
            "'Lattice'"
        )
    return fit
