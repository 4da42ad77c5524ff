"""Versions of this package and of the libraries on which its numbers depend."""

import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from genlabel_robust.core.version import __version__

#: Libraries whose version may change a result.
LIBRARIES = (
    "torch",
    "adversarial-robustness-toolbox",
    "numpy",
    "scikit-learn",
    "pandas",
    "scipy",
)
#: Libraries that only models of their own formats need.
_OPTIONAL = ("onnxruntime", "xgboost", "xgboost-cpu", "lightgbm")


@cache
def software() -> dict[str, str]:
    """Return the versions of the package, of Python and of the installed libraries."""
    known = {name: version_of(name) for name in (*LIBRARIES, *_OPTIONAL)}
    python = ".".join(map(str, sys.version_info[:2]))
    return {
        "genlabel_robust": __version__,
        "Python": python,
        **{name: found for name, found in known.items() if found is not None},
    }


@cache
def version_of(package: str) -> str | None:
    """Return the version of ``package``, None if it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def software_of(environment: Mapping[str, Any]) -> dict[str, str]:
    """Return the versions that a run's manifest recorded in its ``environment``."""
    packages = environment.get("packages", {})
    python = ".".join(str(environment.get("python")).split(".")[:2])
    return {
        "genlabel_robust": str(environment.get("genlabel_robust")),
        "Python": python,
        **{name: packages[name] for name in LIBRARIES if packages.get(name) is not None},
    }


def difference(here: Mapping[str, str], there: Mapping[str, str]) -> str | None:
    """Describe how the versions ``there`` differ from ``here``; None if they agree.

    A library that only some model formats need counts only if both sides have it.
    """
    needed = [name for name in {**here, **there} if name not in _OPTIONAL]
    shared = [name for name in _OPTIONAL if name in here and name in there]
    differing = [
        f"{name} {there.get(name, 'is missing')} and not {here.get(name, 'is missing')}"
        for name in (*needed, *shared)
        if here.get(name) != there.get(name)
    ]
    return ", ".join(differing) or None
