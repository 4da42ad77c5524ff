"""Write ``docs/start/tutorial.md`` from its notebook: ``python docs/tutorial_page.py``."""

from __future__ import annotations

import json
from pathlib import Path

from genlabel_robust.core.files.writing import write_text

NOTEBOOK = Path(__file__).resolve().parent / "start" / "tutorial.ipynb"
PAGE = NOTEBOOK.with_suffix(".md")
_WHERE = "This page is made from [a notebook](tutorial.ipynb), which you can download and run.\n"


def page() -> str:
    """Return the cells of the notebook as a page: its heading, where it is from, the cells."""
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    first, *rest = (_shown(cell["cell_type"], "".join(cell["source"])) for cell in cells)
    heading, _, text = first.partition("\n")
    return "\n".join([heading, "", _WHERE, text.lstrip("\n"), *rest])


def _shown(kind: str, source: str) -> str:
    """Return a cell as Markdown; a line that begins with ``!`` is one for a shell."""
    if kind == "markdown":
        return f"{source}\n"
    shell = source.startswith("!")
    return f"```{'sh' if shell else 'py'}\n{source.removeprefix('!')}\n```\n"


if __name__ == "__main__":
    write_text(PAGE, page())
