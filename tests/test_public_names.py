"""Packages export every name that the documents import."""

from __future__ import annotations

import ast
import re
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

import genlabel_robust

ROOT = Path(__file__).parent.parent
#: What a user reads: README and the documentation, but not why things are as they are.
PAGES = [
    ROOT / "README.md",
    *sorted(
        page
        for page in (ROOT / "docs").rglob("*.md")
        if page.relative_to(ROOT / "docs").parts[0] not in ("decisions", "examples")
    ),
]
PACKAGES = [
    "genlabel_robust",
    *(f"genlabel_robust.{one.name}" for one in iter_modules(genlabel_robust.__path__) if one.ispkg),
]


def imported(text: str) -> set[tuple[str, str]]:
    """Return the (module, name) pairs that the Python blocks of a page import from here."""
    blocks = re.findall(r"^```py(?:thon)?\n(.*?)^```$", text, flags=re.S | re.M)
    found = {
        (node.module or "", alias.name)
        for block in blocks
        for node in ast.walk(ast.parse(block))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    return {(module, name) for module, name in found if module.startswith("genlabel_robust")}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_import_only_what_packages_offer(page: Path) -> None:
    for module, name in imported(page.read_text(encoding="utf-8")):
        assert module in PACKAGES, f"{page.name} imports {name} from {module}"
        assert name in import_module(module).__all__


def test_the_documentation_imports_from_here() -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert len(imported(text)) > 5


@pytest.mark.parametrize("package", PACKAGES)
def test_every_name_that_is_offered_is_there_and_listed(package: str) -> None:
    module = import_module(package)
    for name in getattr(module, "__all__", ()):
        assert hasattr(module, name), name
        assert name in dir(module)


def test_the_top_lists_what_it_offers_and_no_more() -> None:
    assert dir(genlabel_robust) == sorted(genlabel_robust.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'evaluat'"):
        genlabel_robust.evaluat  # noqa: B018


def test_every_word_of_the_glossary_has_its_code() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    places = re.findall(r"\| `([^`]+)` \|$", text, flags=re.M)
    assert len(places) > 20
    for place in places:
        assert (ROOT / "genlabel_robust" / place).exists(), place


#: Rooms whose names are imported from the room, by every file outside of it.
OFFERING = ("core", "data", "models", "statistics", "strategies", "structure", "threat")


def offered(room: str) -> set[tuple[str, str]]:
    """Return the (module, name) pairs that a room offers of its modules."""
    package = import_module(f"genlabel_robust.{room}")
    tree = ast.parse(Path(package.__file__ or "").read_text(encoding="utf-8"))
    return {
        (node.module or "", alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name in package.__all__
    }


@cache
def from_imports() -> dict[Path, list[ast.ImportFrom]]:
    """Return what each file of the package imports by ``from``."""
    return {
        path: [
            node
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.ImportFrom)
        ]
        for path in (ROOT / "genlabel_robust").rglob("*.py")
    }


@pytest.mark.parametrize("room", OFFERING)
def test_what_a_room_offers_is_imported_from_the_room(room: str) -> None:
    home, names = ROOT / "genlabel_robust" / room, offered(room)
    assert names
    for path, nodes in from_imports().items():
        if home in path.parents or path.name == "__init__.py":
            continue
        for node in nodes:
            found = {(node.module or "", alias.name) for alias in node.names} & names
            assert not found, f"{path.relative_to(ROOT)}: {found}; import from the room"
