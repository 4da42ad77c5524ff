from __future__ import annotations

import pytest

from genlabel_robust.gates.baselines.text import _median


@pytest.mark.parametrize(
    ("margin", "said"),
    [
        (None, "beyond what was broken"),
        ({"median": None}, "beyond what was broken"),
        ({"median": 0.12345}, "0.1235"),
        ({"median": 0.12345, "at_least": {"median": 0.1}}, "0.1 to 0.1235"),
        ({"median": 0.12345, "at_least": {"median": 0.0}}, "at most 0.1235"),
        ({"median": None, "at_least": {"median": 0.1}}, "above 0.1"),
        ({"median": 0.0, "at_least": {"median": 0.0}}, "0"),
    ],
)
def test_a_median_is_shown_with_what_is_known_of_it(margin: dict | None, said: str) -> None:
    assert _median(margin) == said
