"""Draw the README's picture from the results of the published default run.

``python docs/picture.py`` writes ``docs/images/evaluate.svg``.
"""

from __future__ import annotations

import io
import json
from pathlib import Path

from rich.console import Console

from genlabel_robust.reports.text.terminal import terminal_report

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "reports" / "default-run" / "results.json"
PICTURE = ROOT / "docs" / "images" / "evaluate.svg"


def draw() -> str:
    """Return the terminal's table as an SVG."""
    console = Console(record=True, width=112, file=io.StringIO(), force_terminal=True)
    console.print(terminal_report(json.loads(RESULTS.read_text(encoding="utf-8"))))
    return console.export_svg(
        title="python -m genlabel_robust evaluate --eps 0.1", unique_id="evaluate"
    )


if __name__ == "__main__":
    PICTURE.write_text(draw(), encoding="utf-8")
