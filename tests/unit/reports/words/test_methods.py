"""Every interval method is explained in plain words, on the page and in the documentation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genlabel_robust.reports.words.methods import METHODS, explained
from genlabel_robust.runs.results.results import Results
from genlabel_robust.statistics import paired_difference
from genlabel_robust.statistics.rates import rate

STATISTICS = Path(__file__).parents[4] / "docs" / "concepts" / "statistics.md"


def test_the_page_on_statistics_has_every_method_in_the_same_words() -> None:
    page = STATISTICS.read_text(encoding="utf-8")
    assert [one for one, words in METHODS.items() if f"| `{one}` | {words} |" not in page] == []


@pytest.mark.parametrize("seeds", [1, 3])
def test_methods_of_rates_and_differences_are_known(seeds: int, results: dict[str, Any]) -> None:
    right = np.arange(40 * seeds).reshape(seeds, 40) % 3 > 0
    results["rows"][0]["clean_accuracy"]["method"] = rate(right).method
    flipped = paired_difference(right, ~right).method
    same = paired_difference(right, right).method
    for one, method in zip(results["differences"], (flipped, same), strict=True):
        one["difference"]["method"] = method
    found = explained(Results(results))
    assert {rate(right).method, flipped, same} <= set(found)
    if seeds > 1:
        assert "hardly differ" in found[same]
        assert "hardly differ" not in found[flipped]


def test_a_method_that_is_not_known_is_left_out(results: dict[str, Any]) -> None:
    results["rows"][0]["clean_accuracy"]["method"] = "magic"
    assert "magic" not in explained(Results(results))
