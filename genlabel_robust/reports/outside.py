"""The contract of a report section that another package provides."""

from dataclasses import replace
from typing import Any

from genlabel_robust.core.parts.fit import Fit, function_fit


def fit_section(target: Any, name: str | None) -> Fit:
    """Check that ``target`` is a function of a stored run that returns ``Markup`` or None.

    Its attribute ``title`` is the heading. Raises ``ConfigurationError`` with a text that follows
    the part's name.
    """
    fit = function_fit(target, name, 1, "section of the report")
    return replace(fit, about=str(getattr(target, "title", "") or fit.name))
