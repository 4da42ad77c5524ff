"""The strategies of a run: what each trains on, its settings, and its source."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from genlabel_robust.reports.page.markup import Markup, joined, name
from genlabel_robust.reports.page.parts import table
from genlabel_robust.reports.page.view import strategies
from genlabel_robust.runs.folder.stored_run import StoredRun
from genlabel_robust.strategies import STRATEGIES
from genlabel_robust.strategies.build import default_settings


def strategies_table(run: StoredRun) -> Markup:
    """Return a table with a row for each strategy and all its settings."""
    rows = [
        [name(one), _about(run, one), name(_settings(run, one)), _chosen(run, one)]
        for one in strategies(run.results.rows)
    ]
    return table(
        "subject-strategies",
        "Training strategies",
        ["strategy", "trains on", "its settings", "learning rate, density, γ over all seeds"],
        rows,
    )


def sources(run: StoredRun) -> Iterator[tuple[str, str]]:
    """Yield (name, digest of the source) of the parts of other packages whose source is known."""
    for part in run.manifest.get("parts", ()):
        if part["source"] is not None:
            yield part["name"], part["source"]


def _record(run: StoredRun, strategy: str) -> Mapping[str, Any] | None:
    """Return the run's record of another package's strategy, or None for a built-in one.

    The page uses the record, so it is the same whether or not the part is installed.
    """
    if strategy in STRATEGIES.built_in:
        return None
    found = (part for part in run.manifest.get("parts", ()) if part["name"] == strategy)
    return next((part for part in found if part["kind"] == "strategies"), None)


def _about(run: StoredRun, strategy: str) -> str | Markup:
    if strategy in STRATEGIES.built_in:
        return STRATEGIES.describe(strategy)
    part = _record(run, strategy)
    if part is None:
        return ""
    known = part["distribution"] is not None
    of = f"of {part['distribution']} {part['version']}" if known else "of no distribution"
    source = "" if part["source"] is None else f", source {part['source'][:12]}"
    # the first sentence of the first line of its docstring
    sentence = re.split(r"[.!?]\s", part.get("about", ""), maxsplit=1)[0]
    summary = f"{sentence}. " if sentence else None
    return joined(
        [summary and name(summary), "From outside: ", name(part["object"]), f", {of}{source}"]
    )


def _settings(run: StoredRun, strategy: str) -> str:
    """Format the settings of a strategy: its defaults, overridden by those of the run."""
    part = _record(run, strategy)
    own: Mapping[str, Any] = {}
    if strategy in STRATEGIES.built_in:
        own = default_settings(strategy)
    elif part is not None:
        own = part.get("settings", {})
    cells = [cell for group, of in run.cells.items() if group[2] == strategy for cell in of]
    stated = cells[0].settings.get("strategy", {}) if cells else {}
    settings = {key: v for key, v in sorted({**own, **stated}.items()) if v is not None}
    return ", ".join(f"{key} = {_number(value)}" for key, value in settings.items()) or "none"


def _chosen(run: StoredRun, strategy: str) -> str:
    used: dict[str, dict[str, None]] = {}
    for row in run.results.rows:
        if row.strategy == strategy:
            for chosen in row.hyper_parameters:
                for key, value in chosen.items():
                    if value is not None:
                        used.setdefault(key.replace("_", " "), {})[_number(value)] = None
    return "; ".join(f"{key} {', '.join(sorted(values))}" for key, values in sorted(used.items()))


def _number(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
