"""Find the plain-data folders that come with the package: suites and reports."""

from __future__ import annotations

from pathlib import Path

from genlabel_robust.core.errors import GenlabelRobustError

_PACKAGE = Path(__file__).resolve().parent.parent


def shipped(folder: str) -> Path:
    """Return the shipped folder ("attacks", "reports").

    An installed wheel holds it inside the package; a checkout holds it beside
    pyproject.toml. The current directory is never looked at.
    """
    installed = _PACKAGE / "_shipped" / folder
    if installed.is_dir():
        return installed
    checkout = _PACKAGE.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / folder).is_dir():
        return checkout / folder
    raise GenlabelRobustError(
        f"the folder {folder!r} that belongs to the package is missing; install it again"
    )
