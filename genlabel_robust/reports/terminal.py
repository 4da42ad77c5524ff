"""The table that ``evaluate`` prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from rich.console import Console, Group
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from genlabel_robust.data.arrays import NO_REFERENCE
from genlabel_robust.reports.bar import Barred
from genlabel_robust.reports.check_words import row_name, told
from genlabel_robust.reports.given import about_model, named_results, noun, varying
from genlabel_robust.reports.wording import (
    EXPLANATION,
    interval,
    median_margin,
    percent,
    threat_sentence,
)


def terminal_report(results: Mapping[str, Any], *, bars: bool = True) -> Group:
    """Return which checks failed, then a table per dataset, architecture and ε, then remarks.

    ``bars``: worst-case accuracies have a bar each, which makes the tables wider.
    """
    results = named_results(results)
    first = [*filter(None, [varying(results)]), *failures(results)]
    parts: list[Table | Text] = [Text(line, style="bold red") for line in first]
    parts += [Text()] if parts else []
    for (dataset, architecture, eps), rows in grouped(results):
        parts += [_table(results, dataset, architecture, eps, rows, bars), Text()]
    parts += [Text(EXPLANATION, style="dim"), *_warnings(results)]
    return Group(*parts)


def least_width(report: Group, console: Console) -> int:
    """Return the columns that the report's tables need: a cut-off digit would mislead."""
    tables = [part for part in report.renderables if isinstance(part, Table)]
    return max(
        (Measurement.get(console, console.options.update(width=1000), table).maximum
         for table in tables), default=0,
    )  # fmt: skip


def grouped(
    results: Mapping[str, Any],
) -> Iterator[tuple[tuple[str, str, float], list[Mapping[str, Any]]]]:
    """Yield the rows of each (dataset, architecture, ε), in the order of the run."""

    def key(row: Mapping[str, Any]) -> tuple[str, str, float]:
        return row["dataset"], row["architecture"], row["eps"]

    order = {k: i for i, k in enumerate(dict.fromkeys(map(key, results["rows"])))}
    for name, rows in groupby(sorted(results["rows"], key=lambda r: order[key(r)]), key):
        yield name, list(rows)


def _table(
    results: Mapping[str, Any],
    dataset: str,
    architecture: str,
    eps: float,
    rows: list[Mapping[str, Any]],
    bars: bool,
) -> Table:
    first = rows[0]
    # as Text: in a plain string "[red]" is markup, and a file may be named so
    table = Table(
        title=Text(
            f"{dataset} · {architecture} · "
            f"{threat_sentence(results['threat'], eps, given='model' in results)}",
            style="table.title",
        ),
        caption=Text(
            f"test rows: {first['n_examples']}{_seeds(results, first)}, suite: "
            f"{results['suite']}; accuracies in %, 95 % intervals",
            style="table.caption",
        ),
        title_justify="left",
        caption_justify="left",
    )
    exact = any(row["exact_robust_accuracy"] for row in rows)
    table.add_column(noun(results), no_wrap=True)
    attacks = results["attacks"]
    for column in ("clean", *attacks, "worst case", *(["exact"] if exact else [])):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("median margin", justify="right", no_wrap=True)
    figures = max(
        len(words(row["robust_accuracy"])) for row in rows for words in (percent, interval)
    )
    for row in rows:
        estimates = [row["clean_accuracy"], *(row["attacks"][name] for name in attacks)]
        cells: list[Text | Barred] = [_cell(percent(e), interval(e)) for e in estimates]
        worst = row["robust_accuracy"]
        cells.append(
            Barred(worst, figures) if bars else _cell(percent(worst), interval(worst), style="bold")
        )
        if exact:
            value = row["exact_robust_accuracy"]
            cells.append(_cell(percent(value), interval(value)))
        table.add_row(Text(row["strategy"]), *cells, _cell(*median_margin(row["margin"])))
    return table


def _cell(value: str, below: str, style: str = "") -> Text:
    return Text.assemble((value, style), ("\n" + below, "dim"))


def _seeds(results: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    return "" if "model" in results else f", training seeds: {row['n_seeds']}"


def _warnings(results: Mapping[str, Any]) -> Iterator[Text]:
    notices = [notice for about in results["datasets"].values() for notice in about["notices"]]
    unreferred = [NO_REFERENCE] if NO_REFERENCE in notices else []
    for line in (*unreferred, *about_model(results), *remarks(results)):
        yield Text(line, style="yellow")


def failures(results: Mapping[str, Any]) -> list[str]:
    """Return what a reader must know before the numbers: the checks that failed."""
    return told(results, "fail")


def remarks(results: Mapping[str, Any]) -> list[str]:
    """Return what a reader must know beside the numbers: reasons of nulls, and warnings."""
    lines = ["checks were off: nothing says whether these numbers may be believed"]
    lines = lines if results["checks"] == "off" else []
    for row in results["rows"]:
        name = row_name(row)
        if row["reason"]:
            lines.append(f"{name}: {row['reason']}")
        missing = [a for a, value in row["attacks"].items() if value is None]
        skipped = [a for a in missing if row["outcomes"].get(a, {}).get("skipped")]
        late = [a for a in missing if row["outcomes"].get(a, {}).get("out_of_time")]
        useless = [a for a in missing if a not in (*skipped, *late)]
        if useless and row["robust_accuracy"] and "model" not in results:
            lines.append(f"{name}: not applicable to this model: {', '.join(useless)}")
        if skipped:
            lines.append(
                f"{name}: no rate of their own, as cheaper attacks ran first (early stop): "
                f"{', '.join(skipped)}"
            )
        if late:
            lines.append(
                f"{name}: no rate of their own, as their time ran out (max_seconds): "
                f"{', '.join(late)}"
            )
    return [*lines, *told(results, "warn")]
