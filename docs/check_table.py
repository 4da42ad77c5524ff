"""Write the table of checks from their registry: ``python docs/check_table.py``."""

from __future__ import annotations

import re
from pathlib import Path

from genlabel_robust.core.files.writing import write_text
from genlabel_robust.runs.checks import CHECKS

PAGE = Path(__file__).resolve().parent / "concepts" / "checks.md"
_TABLE = re.compile(r"(?<=^\| check \| what it asks \|\n\| --- \| --- \|\n)(\|.*\n)+", re.M)


def page() -> str:
    """Return the page with a row for every registered check."""
    rows = "".join(f"| `{name}` | {CHECKS.describe(name)} |\n" for name in CHECKS)
    return _TABLE.sub(lambda _: rows, PAGE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    write_text(PAGE, page())
