"""A hook of mkdocs: the page of the example package shows its files, and links to each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

PAGE = "examples/outside-parts/README.md"
FOLDER = Path(__file__).resolve().parent / "examples" / "outside-parts"
_LANGUAGES = {".py": "python", ".toml": "toml"}


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """Return the text of a page, that of the example with all of its files."""
    return f"{markdown}\n{sources()}" if page.file.src_uri == PAGE else markdown


def sources() -> str:
    """Return a section for each file: its name, which leads to it, and its text."""
    return "\n".join(
        f"## [{name}]({name})\n\n```{_LANGUAGES[path.suffix]}\n{path.read_text('utf-8')}```\n"
        for name, path in files().items()
    )


def files() -> dict[str, Path]:
    """Return the files of the package, by their names in its folder; the settings come first."""
    found = [path for path in sorted(FOLDER.rglob("*.*")) if path.suffix in _LANGUAGES]
    filled = [path for path in found if path.name != "__init__.py"]
    filled.sort(key=lambda path: path.suffix != ".toml")
    return {path.relative_to(FOLDER).as_posix(): path for path in filled}
