"""What the marker ``robustness`` may set, and what holds in a test."""

from collections.abc import Mapping
from typing import Any

import pytest

DEFAULTS = {"eps": 0.1, "suite": "standard", "max_drop": 0.01}
#: What the marker may set.
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
#: Of them, those that the verdict needs and not the attacks.
TERMS = ("max_drop", "min_robust", "endpoints", "inconclusive")
MARKER = (
    f"robustness({', '.join(f'{name}=...' for name in SETTINGS)}): what robustness.check takes "
    "in this test, unless it is given itself"
)


def settings_of(item: pytest.Item, stated: dict[str, Any]) -> dict[str, Any]:
    """Return what holds in the test ``item``: what is ``stated`` to the check, or a default.

    Between the two are its markers, of which the closest wins. A threat file counts where it is
    named: over what is further away, and under what stands beside it. Raises ``UsageError``.
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
    """Return ``stated`` with the settings of its threat file in the place of ``threat``."""
    from genlabel_robust.runs.config.keywords import of_threat

    beside = {name: value for name, value in stated.items() if name != "threat"}
    return {**of_threat(stated.get("threat")), **beside}
