"""The contract of a reader of model files that another package provides."""

from typing import Any

from genlabel_robust.core import ConfigurationError, shown
from genlabel_robust.core.parts.fit import Fit, function_fit


def fit_reader(target: Any, name: str | None) -> Fit:
    """Check that ``target`` is a function (path, content, permission) -> ``Reading``.

    Its attribute ``executes`` is None if it executes nothing in a file; otherwise it says why it
    does, and ``--trust`` is required. A missing attribute requires ``--trust`` too. Raises
    ``ConfigurationError`` with a text that follows the part's name.
    """
    fit = function_fit(target, name, 3, "reader of model files")
    if not fit.name.startswith(".") or fit.name != fit.name.lower() or len(fit.name) < 2:
        raise ConfigurationError(
            f"says that it reads files with the ending {shown(fit.name)}; an ending must begin "
            "with a dot and have lower-case letters, such as '.forest'"
        )
    return fit


def why_executed(reader: Any) -> str | None:
    """Return why another package's reader executes code in a file, or None if it does not."""
    reason = getattr(
        reader, "executes", "its reader does not state that it executes nothing in the file"
    )
    return None if reason is None else str(reason)
