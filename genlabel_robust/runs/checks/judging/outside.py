"""The contract of a check that another package provides."""

from dataclasses import replace
from typing import Any

from genlabel_robust.core import ConfigurationError, shown
from genlabel_robust.core.parts.fit import Fit, function_fit
from genlabel_robust.runs.checks.judging.criterion import Criterion


def fit_check(target: Any, name: str | None) -> Fit:
    """Check that ``target`` is a ``Criterion``.

    Raises ``ConfigurationError`` with a text that follows the part's name.
    """
    if not isinstance(target, Criterion):
        raise ConfigurationError(
            f"is not a check: it is {shown(target)}, but must be a Criterion of "
            "genlabel_robust.parts"
        )
    judged = function_fit(target.judge, name, 1, "check")
    return replace(judged, target=target, defined=target.judge)
