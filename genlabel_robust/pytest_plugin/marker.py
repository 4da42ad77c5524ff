"""The marker ``robustness``: the settings that it can have, and those that apply in a test."""

from collections.abc import Mapping
from typing import Any

import pytest

DEFAULTS = {"eps": 0.1, "suite": "standard", "max_drop": 0.01}
#: The settings that the marker can have.
SETTINGS = (
    "threat",
    "eps",
    "norm",
    "unit",
    "suite",
    "max_drop",
    "min_robust",
    "constraints",
    "whole_numbers",
    "category",
    "by",
    "endpoints",
    "inconclusive",
)
#: Those of ``SETTINGS`` that affect the verdict, not the attacks.
TERMS = ("max_drop", "min_robust", "endpoints", "inconclusive")
MARKER = (
    f"robustness({', '.join(f'{name}=...' for name in SETTINGS)}): what robustness.check takes "
    "in this test, unless it is given itself"
)


def settings_of(item: pytest.Item, stated: dict[str, Any]) -> dict[str, Any]:
    """Return the settings that apply in the test ``item``.

    ``stated``: the arguments of the check, which win over the test's markers, of which the closest
    wins, which win over defaults. A threat file has the precedence of the place that names it, but
    single settings in the same place win over it. Raises ``UsageError`` for invalid markers.
    """
    from genlabel_robust.core import ConfigurationError, unknown_name

    option = item.config.option.robustness_inconclusive
    settings: dict[str, Any] = {**DEFAULTS, "inconclusive": option}
    for marker in reversed([*item.iter_markers("robustness")]):
        if marker.args:
            raise ConfigurationError(
                f"the marker robustness was given {marker.args!r}; name what it sets, such as "
                "eps=0.1"
            )
        for setting in marker.kwargs:
            if setting not in SETTINGS:
                raise unknown_name("setting", setting, SETTINGS, of="the marker robustness")
        settings |= _spelled_out(marker.kwargs)
    return settings | _spelled_out(stated)


def _spelled_out(stated: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``stated`` with ``threat`` replaced by the settings of the threat file."""
    from genlabel_robust.runs.config.keywords import of_threat

    beside = {name: value for name, value in stated.items() if name != "threat"}
    return {**of_threat(stated.get("threat")), **beside}
