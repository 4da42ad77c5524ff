"""Read a finished run folder back: results, manifest, and the examples behind them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genlabel_robust.core.errors import OutputError
from genlabel_robust.evaluation.panel import Panel
from genlabel_robust.evaluation.store import RunFolder


@dataclass(frozen=True, eq=False)
class StoredRun:
    """A run as its folder holds it; ``panels`` by (dataset, architecture, strategy)."""

    path: Path
    manifest: dict[str, Any]
    results: dict[str, Any]
    panels: dict[tuple[str, str, str], Panel]


def read_run(path: Path) -> StoredRun:
    """Return the run in folder ``path``; raises ``OutputError`` if it is not a finished one."""
    try:
        manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
        results = json.loads((path / "results.json").read_text(encoding="utf-8"))
        groups: dict[tuple[str, str, str], list[Any]] = {}
        for key in manifest["cells"]:
            about = json.loads((path / "cells" / f"{key}.json").read_text(encoding="utf-8"))["cell"]
            name = (about["dataset"], about["architecture"], about["strategy"])
            groups.setdefault(name, []).append((about["seed"], RunFolder(path).load_cell(key)))
    except (OSError, ValueError, KeyError) as error:
        raise OutputError(f"{path} does not hold a finished run: {error}") from error
    if any(cell is None for members in groups.values() for _, cell in members):
        raise OutputError(f"{path}: a cell's files were damaged; run the same command again")
    # in the order of the rows: the manifest's own order is that of the hashes
    order = dict.fromkeys((r["dataset"], r["architecture"], r["strategy"]) for r in results["rows"])
    panels = {
        name: Panel([cell for _, cell in sorted(groups[name], key=lambda member: member[0])])
        for name in order
    }
    return StoredRun(path, manifest, results, panels)
