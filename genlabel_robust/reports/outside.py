"""What a section of the report from outside has to be."""

from dataclasses import replace
from typing import Any

from genlabel_robust.core.parts.fit import Fit, function_fit


def fit_section(target: Any, name: str | None) -> Fit:
    """Return ``target``, a function of a stored run that returns ``Markup`` or None, as a part.

    Its attribute ``title`` is its heading. Raises ``ConfigurationError``, to be read after the
    part's name.
    """
    fit = function_fit(target, name, 1, "section of the report")
    return replace(fit, about=str(getattr(target, "title", "") or fit.name))
