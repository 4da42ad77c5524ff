"""Suites without gradients."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from genlabel_robust.runs.cells.cell import CellResult
from genlabel_robust.runs.checks.judging import Check

Build = Callable[..., CellResult]
Checks = Callable[..., dict[str, Check]]
NotPassed = Callable[..., dict[str, str]]


@pytest.mark.parametrize("others", [{}, {"pgd": None, "fgsm": None}])
def test_labels_alone_are_a_warning(
    others: dict[str, None], result: Build, not_passed: NotPassed
) -> None:
    cell = result({"hopskipjump": (0.1, 0.2, 0.3, 0.4), **others})
    assert not_passed(cell) == {"white-box": "warn"}


def test_labels_alone_are_told_in_a_sentence_that_is_true(result: Build, checks: Checks) -> None:
    cell = result({"hopskipjump": (0.1, 0.2, 0.3, 0.4)})
    assert checks(cell)["white-box"].as_dict() == {
        "name": "white-box",
        "status": "warn",
        "value": 0.0,
        "bound": "at least",
        "limit": 1.0,
        "sentence": "No attack with gradients ran: the true robust accuracy may be far lower.",
    }
