"""The table that ``evaluate`` prints: as wide as its figures need, with bars if they fit."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.mark.parametrize(("columns", "bars"), [(66, False), (80, True), (120, True)])
def test_bars_are_drawn_where_they_fit_and_figures_are_always_whole(
    columns: int,
    bars: bool,
    finished: Any,
    call: Callable[..., Any],
    small: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = shutil.copytree(finished.path, tmp_path / "run")
    monkeypatch.setenv("COLUMNS", str(columns))
    done = call(*small, "-q", "--out", run)
    assert done.code == 0, done.stderr
    assert bool(re.search("[█▏▎▍▌▋▊▉]·", done.stdout)) is bars
    assert "\x1b" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= columns
    for row in finished.results["rows"]:
        low, high = (f"{100 * row['robust_accuracy'][end]:.1f}" for end in ("low", "high"))
        assert f"{low}–{high} │" in done.stdout
