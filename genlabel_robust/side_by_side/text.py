"""A comparison as text for a terminal, and as Markdown."""

import io
from collections.abc import Iterator

from rich.console import Console, Group
from rich.table import Table as RichTable
from rich.text import Text

from genlabel_robust.reports.text.fitting import least_width
from genlabel_robust.reports.text.markdown_tables import plain, table_lines
from genlabel_robust.reports.text.terminal_tables import compact
from genlabel_robust.side_by_side.comparison import ComparisonFigures
from genlabel_robust.side_by_side.tables import (
    changes,
    finished,
    reasons,
    runs_table,
    settings_table,
    subject_table,
    turned_lines,
    turned_table,
)
from genlabel_robust.side_by_side.wide import wide_lines
from genlabel_robust.side_by_side.words import about, explanation, heading

SAME = "All recorded settings are the same."


def comparison_text(of: ComparisonFigures) -> Group:
    """Return the output of ``compare``: runs, settings that differ, then numbers."""
    parts: list[RichTable | Text] = [
        Text(f"{run.letter}  {run.name}  ({run.suite}, {finished(run)})") for run in of.runs
    ]
    parts.append(Text())
    if of.settings:
        parts.append(compact(settings_table(of), "Settings that differ"))
    else:
        parts.append(Text(SAME))
    parts += [Text(), *(Text(f"- {note}", style="yellow") for note in of.notes)]
    for subject in of.subjects:
        parts += [Text(), Text(heading(subject), style="bold")]
        parts += [Text(line, style="dim") for line in about(subject)]
        parts.append(compact(subject_table(subject), ""))
        said = (
            *wide_lines(subject),
            *turned_lines(subject),
            *changes(subject),
            *reasons(subject),
        )
        parts += [Text(f"- {line}") for line in said]
    parts += [Text(), *(Text(f"- {line}") for line in of.alone)]
    parts.append(Text(explanation(of), style="dim"))
    return Group(*parts)


def printed(of: ComparisonFigures, width: int = 80) -> str:
    """Render ``comparison_text`` in ``width`` columns, or wider if its tables need more."""
    report = comparison_text(of)
    console = Console(
        file=io.StringIO(), width=max(width, least_width(*report.renderables)), color_system=None
    )
    with console.capture() as captured:
        console.print(report)
    return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"


def comparison_markdown(of: ComparisonFigures) -> str:
    """Render the comparison as Markdown."""
    return "\n".join(_lines(of)).rstrip() + "\n"


def _lines(of: ComparisonFigures) -> Iterator[str]:
    yield "# Runs side by side"
    yield ""
    yield from table_lines(runs_table(of))
    yield "## Settings that differ"
    yield ""
    if of.settings:
        yield from table_lines(settings_table(of))
    else:
        yield from (SAME, "")
    yield from _bullets(of.notes)
    for subject in of.subjects:
        yield f"## {plain(heading(subject))}"
        yield ""
        yield from _bullets(about(subject))
        yield from table_lines(subject_table(subject))
        changed = turned_table(subject)
        if changed is not None:
            yield "Rows that changed, by their numbers in the data:"
            yield ""
            yield from table_lines(changed)
        yield from _bullets((*wide_lines(subject), *changes(subject), *reasons(subject)))
    yield from _bullets(of.alone)
    yield explanation(of)


def _bullets(lines: Iterator[str] | tuple[str, ...]) -> Iterator[str]:
    listed = [f"- {plain(line)}" for line in lines]
    yield from listed
    if listed:
        yield ""
