from __future__ import annotations

from pathlib import Path

import pytest

from genlabel_robust.core import shipped as module
from genlabel_robust.core.errors import GenlabelRobustError


def test_a_wheel_finds_its_folder_inside_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "genlabel_robust"
    (package / "_shipped" / "attacks").mkdir(parents=True)
    monkeypatch.setattr(module, "_PACKAGE", package)
    assert module.shipped("attacks") == package / "_shipped" / "attacks"


def test_a_checkout_finds_its_folder_beside_pyproject(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "attacks").mkdir()
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.setattr(module, "_PACKAGE", tmp_path / "genlabel_robust")
    assert module.shipped("attacks") == tmp_path / "attacks"


def test_the_current_directory_is_never_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    (here / "attacks").mkdir(parents=True)
    (here / "pyproject.toml").touch()
    monkeypatch.chdir(here)
    monkeypatch.setattr(module, "_PACKAGE", tmp_path / "elsewhere" / "genlabel_robust")
    with pytest.raises(
        GenlabelRobustError, match="'attacks' that belongs to the package is missing"
    ):
        module.shipped("attacks")
