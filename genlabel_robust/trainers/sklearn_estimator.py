"""Scikit-learn classifiers by their names in kebab-case."""

import re
from collections.abc import Mapping
from functools import cache
from inspect import signature
from typing import Any

from sklearn.utils import all_estimators

from genlabel_robust.core import ConfigurationError, NotApplicableError, unknown_name

_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@cache
def _classifiers() -> dict[str, Any]:
    return {kebab(name): cls for name, cls in all_estimators(type_filter="classifier")}


def kebab(class_name: str) -> str:
    """Return the kebab-case name of a class: "RandomForestClassifier" is "random-forest"."""
    return _WORDS.sub("-", class_name.removesuffix("Classifier")).lower()


def sklearn_estimator(name: str, settings: Mapping[str, Any] | None = None) -> Any:
    """Return an unfitted scikit-learn classifier, such as "random-forest" or "svc".

    ``settings``: its constructor's arguments. Raises ``UnknownNameError`` for an
    unknown classifier or setting, ``NotApplicableError`` for one that wraps other
    estimators (pass an instance of it instead).
    """
    if name not in _classifiers():
        raise unknown_name("scikit-learn classifier", name, _classifiers())
    cls = _classifiers()[name]
    parameters = signature(cls).parameters
    for setting in settings or {}:
        if setting not in parameters:
            raise unknown_name("setting", setting, parameters, of=f"estimator {name!r}")
    required = [p.name for p in parameters.values() if p.default is p.empty]
    if missing := [setting for setting in required if setting not in (settings or {})]:
        raise NotApplicableError(
            f"estimator {name!r} is built around other estimators ({', '.join(missing)}); "
            "pass an instance of it instead of its name"
        )
    try:
        return cls(**(settings or {}))
    except (TypeError, ValueError) as error:
        raise ConfigurationError(f"estimator {name!r} refuses its settings: {error}") from error


SKLEARN = "sklearn:"


def named_estimator(name: str, settings: Mapping[str, Any]) -> Any:
    """Return the estimator of ``sklearn:NAME``; raises the errors of ``sklearn_estimator``."""
    return sklearn_estimator(name.removeprefix(SKLEARN), settings)
