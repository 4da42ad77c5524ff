"""Publish a run: ``python docs/publish.py RUN NAME "COMMAND"`` fills ``reports/NAME``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from genlabel_robust.core.files.writing import write_bytes, write_checksums, write_text

ROOT = Path(__file__).resolve().parent.parent
FILES = ("results.json", "report.md", "report.html", "figures/*")
#: A page beyond this many bytes is not for a repository, and the wheel has it, too.
LARGEST_PAGE = 1_000_000


def publish(run: Path, name: str, command: str, reports: Path = ROOT / "reports") -> None:
    """Copy what is for readers, and write down the command, the versions and the checksums.

    ``run``: a finished run with its reports; ``reports``: where the folder ``name`` is filled.
    The page holds the weakest examples, whose cells are not published. Exits if it is too large,
    or missing; a reproduction of the paper has none.
    """
    page = run / "report.html"
    of_paper = "paper" in json.loads((run / "results.json").read_text(encoding="utf-8"))
    if not of_paper and not page.exists():
        sys.exit(f"{page} is missing; write it with: python -m genlabel_robust report {run}")
    size = page.stat().st_size if page.exists() else 0
    if size > LARGEST_PAGE:
        sys.exit(f"{run}/report.html has {size:,} bytes; at most {LARGEST_PAGE:,} are published")
    folder = reports / name
    (folder / "figures").mkdir(parents=True, exist_ok=True)
    for pattern in FILES:
        for file in sorted(run.glob(pattern)):
            write_bytes(folder / file.relative_to(run), file.read_bytes())
    environment = json.loads((run / "manifest.json").read_text(encoding="utf-8"))["environment"]
    versions = {"genlabel_robust": environment["genlabel_robust"], "python": environment["python"]}
    versions |= environment["packages"]
    lines = [f"# {name}", "", "```", command, "```", "", "| package | version |", "| --- | --- |"]
    lines += [f"| {package} | {version} |" for package, version in versions.items()]
    lines += ["", "Figures may differ in the last digits with other versions or processors.", ""]
    write_text(folder / "README.md", "\n".join(lines))
    write_checksums(folder)


if __name__ == "__main__":
    publish(Path(sys.argv[1]), *sys.argv[2:4])
