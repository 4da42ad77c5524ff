"""The example package of docs/examples as an installed distribution, and modules of a user."""

from __future__ import annotations

import shutil
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parent.parent.parent / "docs" / "examples" / "outside-parts"


def described(
    target: Path, name: str, version: str, entry_points: dict[str, dict[str, str]]
) -> None:
    """Write the metadata of a distribution as pip does; what it installs lies in ``target``."""
    about = target / f"{name.replace('-', '_')}-{version}.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    lines = [
        line
        for group, entries in entry_points.items()
        for line in (f"[{group}]", *(f"{key} = {value}" for key, value in entries.items()))
    ]
    (about / "entry_points.txt").write_text("\n".join(lines) + "\n")
    files = [path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()]
    (about / "RECORD").write_text("".join(f"{name},,\n" for name in files))


def unimported(prefixes: tuple[str, ...]) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] in prefixes]:
        del sys.modules[name]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on the path; what was imported from it is forgotten afterwards."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    monkeypatch.setenv("PYTHONPATH", f"{folder}:{Path(__file__).parent.parent.parent}")
    monkeypatch.chdir(tmp_path)
    # its time is in seconds: a module that is edited within one would be taken from its bytecode
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    before = set(sys.modules)
    yield folder
    for name in set(sys.modules) - before:
        file = getattr(sys.modules[name], "__file__", None) or ""
        if file.startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.fixture
def example(site: Path) -> Path:
    """The example package, as if pip had installed it, with the version 1.0."""
    shutil.copytree(EXAMPLE / "outside_parts", site / "outside_parts")
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    described(site, project["name"], project["version"], project["entry-points"])
    unimported(("outside_parts",))
    return site


@pytest.fixture
def module(site: Path) -> Callable[[str, str], str]:
    """Write a module of one's own, of a name and a text."""

    def write(name: str, text: str) -> str:
        (site / f"{name}.py").write_text(text)
        unimported((name,))
        return name

    return write
