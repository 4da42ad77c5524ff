from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from genlabel_robust.data.sources import openml


@pytest.fixture(autouse=True)
def no_folder_and_own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep tests away from the developer's OpenML folder and cache."""
    monkeypatch.delenv(openml.FOLDER_VARIABLE, raising=False)
    monkeypatch.setattr(openml, "cache_folder", lambda: tmp_path / "cache" / "openml")


@pytest.fixture
def csv(tmp_path: Path) -> Callable[..., str]:
    """Return a function that writes text to a CSV file and returns its path as text."""

    def write(text: str | bytes, name: str = "table.csv") -> str:
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return str(path)

    return write
