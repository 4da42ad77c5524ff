from __future__ import annotations

import pytest

from genlabel_robust.runs.config.stored_config import suite_file


@pytest.mark.parametrize(
    "suite",
    [
        {"label": "custom (from quick-2)", "file": "quick-2"},
        {"label": "quick-2", "file": "quick-2"},
        # as runs of earlier versions have it
        {"label": "custom (from quick-2)"},
        {"label": "quick-2"},
    ],
)
def test_the_suite_that_attacks_came_from_is_known(suite: dict[str, str]) -> None:
    assert suite_file({"suite": suite}) == "quick-2"
