from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from genlabel_robust.data import openml

# read now: a fixture removes it from the environment of each test
GIVEN = os.environ.get(openml.FOLDER_VARIABLE)
SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "openml"


@pytest.fixture(autouse=True)
def no_folder_and_own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the person's OpenML folder and cache out of every test."""
    monkeypatch.delenv(openml.FOLDER_VARIABLE, raising=False)
    monkeypatch.setattr(openml, "cache_folder", lambda: tmp_path / "cache" / "openml")


@pytest.fixture
def real_folder(monkeypatch: pytest.MonkeyPatch) -> Path:
    """Set the folder of the real OpenML copies, or skip."""
    folder = Path(GIVEN) if GIVEN else SHARED
    if not folder.is_dir():
        pytest.skip(f"no folder of OpenML copies; set {openml.FOLDER_VARIABLE}")
    monkeypatch.setenv(openml.FOLDER_VARIABLE, str(folder))
    return folder


@pytest.fixture
def csv(tmp_path: Path) -> Callable[..., str]:
    """Return a function that writes text to a CSV file and returns its path as text."""

    def write(text: str | bytes, name: str = "table.csv") -> str:
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return str(path)

    return write
