"""A comparison as a self-contained HTML page."""

from genlabel_robust.core.files.writing import digest
from genlabel_robust.reports.page.charts import difference_chart
from genlabel_robust.reports.page.frame import framed
from genlabel_robust.reports.page.markup import Content, Markup, element, joined
from genlabel_robust.reports.page.notebook import styled
from genlabel_robust.reports.page.parts import bullets, figure, paragraph, whole_table
from genlabel_robust.side_by_side.comparison import ComparisonFigures, Measure, Measured, Subject
from genlabel_robust.side_by_side.tables import (
    changes,
    reasons,
    runs_table,
    settings_table,
    subject_table,
    turned_table,
)
from genlabel_robust.side_by_side.text import SAME
from genlabel_robust.side_by_side.wide import wide_lines
from genlabel_robust.side_by_side.words import about, explanation, heading

_TITLE = "Runs side by side"
#: The short names of the measures in charts.
_NAMES: dict[Measured, str] = {
    "clean_accuracy": "clean",
    "robust_accuracy": "robust",
    "certified_accuracy": "proved",
    "margin": "margin",
}


def comparison_page(of: ComparisonFigures) -> str:
    """Render the page; the same comparison gives the same bytes."""
    sections = {
        "settings": ("Settings that differ", _settings(of)),
        **{
            f"subject-{number}": (heading(one), _subject(one, number))
            for number, one in enumerate(of.subjects)
        },
        "reading": ("How to read this", paragraph(explanation(of))),
    }
    links = (
        element("li", element("a", title, href=f"#{one}")) for one, (title, _) in sections.items()
    )
    body = joined(
        [
            element("a", "Skip to the numbers", href="#main", class_="skip"),
            element(
                "header", element("h1", _TITLE), whole_table("runs", "The runs", runs_table(of))
            ),
            element(
                "div",
                element("nav", element("ol", *links), aria_label="Sections"),
                element(
                    "main",
                    *(_section(one, *about_it) for one, about_it in sections.items()),
                    id="main",
                    tabindex=-1,
                ),
                class_="page",
            ),
        ]
    )
    created = max((run.finished for run in of.runs), default="")
    return framed(f"{_TITLE}: {', '.join(run.title or run.path for run in of.runs)}", body, created)


def comparison_for_notebook(of: ComparisonFigures) -> Markup:
    """Render the runs, the settings that differ and the numbers for a notebook cell."""
    numbered = list(enumerate(of.subjects))
    mark = digest([[run.path, run.digest] for run in of.runs])[:12]
    return styled(
        whole_table(f"runs-{mark}", "The runs", runs_table(of), sortable=False),
        whole_table(f"settings-{mark}", "Settings that differ", settings_table(of), sortable=False)
        if of.settings
        else paragraph(SAME),
        bullets([*of.notes, *of.alone]) if of.notes or of.alone else None,
        *(_numbers(one, f"numbers-{mark}-{number}") for number, one in numbered),
        paragraph(explanation(of)),
    )


def _numbers(one: Subject, name: str) -> Markup:
    caption = f"{heading(one)}: accuracies in percent, differences in percentage points"
    wide = [*wide_lines(one)]
    return joined(
        [
            bullets(about(one)),
            whole_table(name, caption, subject_table(one), sortable=False),
            bullets(wide) if wide else None,
        ]
    )


def _section(one: str, title: str, content: Markup) -> Markup:
    heading_of = element("h2", element("bdi", title), id=f"{one}-heading")
    return element("section", heading_of, content, id=one, aria_labelledby=f"{one}-heading")


def _settings(of: ComparisonFigures) -> Markup:
    table = whole_table("settings-table", "A column for each run", settings_table(of))
    contents: list[Content] = [table if of.settings else paragraph(SAME)]
    contents.append(bullets(of.notes) if of.notes else None)
    contents.append(bullets(of.alone) if of.alone else None)
    return joined(contents)


def _subject(one: Subject, number: int) -> Markup:
    changed = turned_table(one)
    said = [*wide_lines(one), *changes(one), *reasons(one)]
    return joined(
        [
            bullets(about(one)),
            whole_table(
                f"numbers-{number}",
                "Accuracies in percent, differences in percentage points, with intervals",
                subject_table(one),
            ),
            _chart(one, number),
            None
            if changed is None
            else whole_table(
                f"changed-{number}", "Rows that changed, by their numbers in the data", changed
            ),
            bullets(said) if said else None,
        ]
    )


def _of(one: Subject, run: str) -> str:
    """Return the letter of a difference's run with a space in front, "" for only two runs."""
    return f" {run}" if len(one.models) > 2 else ""


def _at(measure: Measure) -> str:
    return "" if measure.eps is None else f", ε = {measure.eps:g}"


def _chart(one: Subject, number: int) -> Markup | None:
    known = [
        (f"{_NAMES[measure.name]}{_of(one, found.run)}{_at(measure)}", found.accuracy)
        for measure in one.measures
        for found in measure.differences
        if found.accuracy is not None
    ]
    if not known:
        return None
    title = f"Differences on {one.dataset}"
    drawn = difference_chart(title, [name for name, _ in known], [found for _, found in known])
    caption = "Differences to the first run, in percentage points; lines are their intervals."
    return figure(f"differences-{number}", drawn, caption, None)
