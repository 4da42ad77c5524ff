"""What a reader of model files from outside has to be."""

from typing import Any

from genlabel_robust.core import ConfigurationError, shown
from genlabel_robust.core.parts.fit import Fit, function_fit


def fit_reader(target: Any, name: str | None) -> Fit:
    """Return ``target``, a function (path, content, permission) -> ``Reading``, as a part.

    Its attribute ``executes`` is None if it executes nothing of a file, and else says why it
    does; ``--trust`` has to be given then, and where it says nothing. Raises
    ``ConfigurationError``, to be read after the part's name.
    """
    fit = function_fit(target, name, 3, "reader of model files")
    if not fit.name.startswith(".") or fit.name != fit.name.lower() or len(fit.name) < 2:
        raise ConfigurationError(
            f"says that it reads files with the ending {shown(fit.name)}; an ending must begin "
            "with a dot and have lower-case letters, such as '.forest'"
        )
    return fit


def why_executed(reader: Any) -> str | None:
    """Return why a reader from outside executes what a file says, None if it does not."""
    reason = getattr(
        reader, "executes", "its reader does not state that it executes nothing in the file"
    )
    return None if reason is None else str(reason)
