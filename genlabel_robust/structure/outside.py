"""Requirements for a reader of structures from outside."""

from typing import Any

from genlabel_robust.core import ConfigurationError, shown
from genlabel_robust.core.parts.fit import Fit, function_fit


def fit_structure_reader(target: Any, name: str | None) -> Fit:
    """Return ``target``, a function (inside, front) -> structure, as a part.

    ``name``: the "package.Class" that it reads. Raises ``ConfigurationError``, whose text follows
    the part's name.
    """
    fit = function_fit(target, name, 2, "structure reader")
    if "." not in fit.name.strip("."):
        raise ConfigurationError(
            f"is to read {shown(fit.name)}; name it by package and class of what it reads, such as "
            "'my_package.MyModel'"
        )
    return fit
