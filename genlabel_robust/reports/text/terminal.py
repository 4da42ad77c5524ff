"""The tables that ``evaluate`` and ``audit`` print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from rich.console import Console, Group
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from genlabel_robust.reports.text.bar import Barred
from genlabel_robust.reports.text.one_model import one_model_table
from genlabel_robust.reports.words.audited_model import (
    about_model,
    named_results,
    noun,
    range_rows,
    varying,
)
from genlabel_robust.reports.words.check_words import row_name, told
from genlabel_robust.reports.words.concerns import told_beside, told_first
from genlabel_robust.reports.words.decided import (
    PROVED,
    about_proofs,
    explanation,
    has_proofs,
    needs_exact,
)
from genlabel_robust.reports.words.wording import interval, median_margin, percent, threat_sentence


def terminal_report(results: Mapping[str, Any], *, width: int | None = None) -> Group:
    """Return which checks failed, then tables per dataset, architecture and ε, then remarks.

    One model has a line for each attack, several have a column for each. Where a table of
    several is wider than ``width``, it has no bars; where it still is, attacks have tables of
    their own, as many as it takes.
    """
    results = named_results(results)
    first = [*told_first(results), *filter(None, [varying(results)]), *failures(results)]
    parts: list[Table | Text] = [Text(line, style="bold red") for line in first]
    parts += [Text()] if parts else []
    for (dataset, architecture, eps), rows in grouped(results):
        threat = threat_sentence(results["threat"], eps, range_rows(results))
        if len(rows) == 1:
            parts += _alone(results, rows[0], threat)
        else:
            title = f"{dataset} · {architecture} · {threat}"
            parts += _fitting(results, title, rows, width)
        parts.append(Text())
    parts += [Text(explanation(results), style="dim"), *_warnings(results)]
    return Group(*parts)


def least_width(*parts: object) -> int:
    """Return the columns that tables need: a cut-off digit would mislead."""
    console = Console(width=1000)
    return max(
        (
            Measurement.get(console, console.options, part).maximum
            for part in parts
            if isinstance(part, Table)
        ),
        default=0,
    )


def _alone(
    results: Mapping[str, Any], row: Mapping[str, Any], threat: str
) -> Iterator[Table | Text]:
    """Yield what is said of the only model of a data set and an ε."""
    # as Text: in a plain string "[red]" is markup, and a file may be named so
    yield Text(f"{row['strategy']} · {row['architecture']} · {row['dataset']}", style="bold")
    yield Text(f"attacker: {threat}")
    yield Text(_about(results, row), style="dim")
    yield one_model_table(results, row)
    proofs = about_proofs(results, row)
    if proofs is not None:
        yield Text(proofs)


def _about(results: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    seeds = "" if "model" in results else f", training seeds: {row['n_seeds']}"
    return f"test rows: {row['n_examples']}{seeds}, suite: {results['suite']}"


def _fitting(
    results: Mapping[str, Any], title: str, rows: list[Mapping[str, Any]], width: int | None
) -> list[Table]:
    """Return the tables of several models, none wider than ``width`` if that is possible."""
    attacks = list(results["attacks"])
    if width is None:
        return [_table(results, title, rows, attacks, bars=True)]
    for bars in (True, False):
        whole = _table(results, title, rows, attacks, bars=bars)
        if least_width(whole) <= width:
            return [whole]
    bars = least_width(_table(results, title, rows, [], bars=True)) <= width
    tables = [_table(results, title, rows, [], bars=bars)]
    while attacks:
        count = len(attacks)
        while count > 1 and least_width(_rates(results, rows, attacks[:count])) > width:
            count -= 1
        tables.append(_rates(results, rows, attacks[:count]))
        attacks = attacks[count:]
    return tables


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
    title: str,
    rows: list[Mapping[str, Any]],
    attacks: list[str],
    *,
    bars: bool,
) -> Table:
    table = _framed(results)
    table.title = Text(title, style="table.title")
    table.caption = Text(
        f"{_about(results, rows[0])}; accuracies in %, 95 % intervals", style="table.caption"
    )
    proofs, exact = has_proofs(rows), needs_exact(rows)
    lower = [*([PROVED] if proofs else []), *(["exact"] if exact else [])]
    for column in ("clean", *attacks, "worst case", *lower):
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
        for measure, shown in (("certified", proofs), ("exact_robust", exact)):
            if shown:
                value = row[f"{measure}_accuracy"]
                cells.append(_cell(percent(value), interval(value)))
        table.add_row(Text(row["strategy"]), *cells, _cell(*median_margin(row["margin"])))
    return table


def _rates(results: Mapping[str, Any], rows: list[Mapping[str, Any]], attacks: list[str]) -> Table:
    """Return a table of the accuracy under each of some attacks."""
    table = _framed(results)
    table.title = Text("under each attack alone", style="table.title")
    for attack in attacks:
        table.add_column(attack, justify="right", no_wrap=True)
    for row in rows:
        estimates = [row["attacks"][name] for name in attacks]
        table.add_row(Text(row["strategy"]), *(_cell(percent(e), interval(e)) for e in estimates))
    return table


def _framed(results: Mapping[str, Any]) -> Table:
    """Return a table with its first column, of the names of strategies."""
    table = Table(title_justify="left", caption_justify="left")
    table.add_column(noun(results), no_wrap=True)
    return table


def _cell(value: str, below: str, style: str = "") -> Text:
    return Text.assemble((value, style), ("\n" + below, "dim"))


def _warnings(results: Mapping[str, Any]) -> Iterator[Text]:
    for line in (*told_beside(results), *about_model(results), *remarks(results)):
        yield Text(f"- {line}", style="yellow")


def failures(results: Mapping[str, Any]) -> list[str]:
    """Return what a reader must know before the numbers: the checks that failed."""
    return told(results, "fail")


def remarks(results: Mapping[str, Any]) -> list[str]:
    """Return what a reader must know beside the numbers: reasons of nulls, and warnings."""
    lines = ["checks were off: nothing says whether these numbers may be believed"]
    lines = lines if results["checks"] == "off" else []
    for row in results["rows"]:
        name = row_name(row, results)
        if row["reason"]:
            lines.append(f"{name}: {row['reason']}")
        kept = row.get("not_chosen", {})
        missing = [a for a, value in row["attacks"].items() if value is None and a not in kept]
        skipped = [a for a in missing if row["outcomes"].get(a, {}).get("skipped")]
        late = [a for a in missing if row["outcomes"].get(a, {}).get("out_of_time")]
        useless = [a for a in missing if a not in (*skipped, *late)]
        if "model" in results:  # what gradients are missing for is said of the model
            useless = [a for a in useless if "scores" in row.get("not_applicable", {}).get(a, "")]
        if useless and row["robust_accuracy"]:
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
