"""The output of ``evaluate`` and ``audit``."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from genlabel_robust.reports.tables.results import one_model_table, results_table
from genlabel_robust.reports.tables.subgroups import subgroups_table
from genlabel_robust.reports.text.few_features import few_features_parts
from genlabel_robust.reports.text.fitting import fitting
from genlabel_robust.reports.text.terminal_tables import compact, down
from genlabel_robust.reports.words.answer.concerns import other_concerns
from genlabel_robust.reports.words.answer.turned import about_turned
from genlabel_robust.reports.words.answer.verdict import Verdict, verdict
from genlabel_robust.reports.words.audited_model import (
    about_model_first,
    named_results,
    range_rows,
)
from genlabel_robust.reports.words.decided import about_proofs, explanation
from genlabel_robust.reports.words.groups import grouped
from genlabel_robust.reports.words.remarks import remarks
from genlabel_robust.reports.words.subgroups import distinct
from genlabel_robust.reports.words.wording import distance_words, threat_sentence
from genlabel_robust.runs.results.results import Results
from genlabel_robust.runs.results.row import Row

#: The maximum number of groups in a table; a larger one is only in the file.
_MOST_GROUPS = 30


def terminal_report(document: Mapping[str, Any], *, width: int | None = None) -> Group:
    """Return tables per data set, architecture and ε, then remarks, and finally the verdict.

    Reasons not to trust the verdict come first, and again next to it. The table of one model has a
    line for each attack, that of several models a column. ``width``: of the terminal, to which
    wide tables are fitted; None for no limit.
    """
    results = named_results(Results(document))
    answer = verdict(results)
    parts: list[Table | Text] = [Text(line, style="bold red") for line in answer.doubts]
    parts += [Text()] if parts else []
    for (dataset, architecture, eps), rows in grouped(results):
        threat = threat_sentence(results.threat, eps, range_rows(results))
        if len(rows) == 1:
            parts += _alone(results, rows[0], threat)
        else:
            title = f"{dataset} · {architecture} · {threat}"
            caption = f"{_about(results, rows[0])}; accuracies in %, 95 % intervals"
            parts += fitting(results_table(results, rows), title, caption, width)
        parts += few_features_parts(rows)
        parts += _groups(rows)
        parts.append(Text())
    parts += [Text(explanation(results), style="dim"), *_warnings(results)]
    return Group(*parts, Text(), *_verdict(answer))


def _alone(results: Results, row: Row, threat: str) -> Iterator[Table | Text]:
    """Yield the output for the only model of a data set at one ε."""
    # as Text: in a plain string "[red]" is markup, and a file may be named so
    yield Text(f"{row.strategy} · {row.architecture} · {row.dataset}", style="bold")
    yield Text(f"attacker: {threat}")
    yield Text(_about(results, row), style="dim")
    yield down(one_model_table(results, row), distance_words(results.threat))
    proofs = about_proofs(results, row)
    if proofs is not None:
        yield Text(proofs)
    yield from map(Text, about_turned(results, row))


def _verdict(answer: Verdict) -> Iterator[Text]:
    """Yield the verdict in its colour, as the last lines."""
    color = {"pass": "green", "warn": "yellow", "fail": "red"}[answer.status]
    yield Text(answer.checks, style="dim")
    if answer.doubts:
        yield Text("Do not rely on this verdict, for the reasons at the top:", style="bold red")
    yield Text.assemble((answer.sentence, f"bold {color}"), f" {answer.means}".rstrip())
    if answer.relations:
        yield Text(answer.relations)


def _groups(rows: Sequence[Row]) -> Iterator[Table | Text]:
    """Yield the sentences on groups of test rows, with the table if there is one model."""
    chosen = [*distinct(rows)]
    if not chosen:
        return
    yield Text()
    if len(chosen) == 1 and len(chosen[0][0].subgroups) > _MOST_GROUPS:
        yield Text(f"{len(chosen[0][0].subgroups)} groups of test rows, see subgroups.csv")
    elif len(chosen) == 1:
        table = subgroups_table([row for row, _ in chosen])
        kept = table.only(lambda column: column.title != "remark")
        yield compact(kept, "groups of test rows, accuracies in %")
    for row, sentences in chosen:
        who = f"{row.strategy}: " if len(chosen) > 1 else ""
        yield from (Text(f"- {who}{said}") for said in sentences)


def _about(results: Results, row: Row) -> str:
    seeds = f", training seeds: {row.n_seeds}" if results.model is None else ""
    return f"test rows: {row.n_examples}{seeds}, suite: {results.suite}"


def _warnings(results: Results) -> Iterator[Text]:
    for line in (*other_concerns(results), *about_model_first(results), *remarks(results)):
        yield Text(f"- {line}", style="yellow")
