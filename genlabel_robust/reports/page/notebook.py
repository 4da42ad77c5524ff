"""A run in a notebook: the verdict, the table and the charts, with their own style."""

import re
from collections.abc import Iterator
from pathlib import Path

from genlabel_robust.core import GenlabelRobustError
from genlabel_robust.reports.page.charts_of_run import answers_chart, curves_of, eps_chart
from genlabel_robust.reports.page.curves import HOLLOW, censored
from genlabel_robust.reports.page.markup import Content, Markup, element, joined, name
from genlabel_robust.reports.page.parts import whole_table
from genlabel_robust.reports.page.sections.verdict import answer_box
from genlabel_robust.reports.page.styles import asset, printed_style
from genlabel_robust.reports.page.view import drawn_first, ends, pairs, plain_title
from genlabel_robust.reports.tables.results import results_table
from genlabel_robust.reports.words.audited_model import named_results, named_run
from genlabel_robust.runs.folder.stored_run import StoredRun, read_run
from genlabel_robust.runs.results.results import Results

_CLASS = "genlabel-robust"


def notebook_html(path: Path, results: Results) -> Markup:
    """Render the run in ``path`` for a notebook cell; without charts if its folder is gone.

    Every style rule is limited to its own class, so it does not affect the rest of the notebook.
    """
    named = named_results(results)
    try:
        run = named_run(read_run(path))
        pictures, said = [*_pictures(run)], [*_said(run)]
    except GenlabelRobustError:
        pictures, said = [], []
    drawn = element("div", *pictures, class_="pictures")
    parts = [*said, answer_box(named), drawn, *_tables(named)]
    end = element("p", "Everything of this run: ", element("code", str(path)), class_="note")
    return styled(*parts, end)


def styled(*parts: Content) -> Markup:
    """Return ``parts`` with their style, which does not affect the rest of the notebook."""
    style = element("style", Markup(_scoped(printed_style()) + _scoped(asset("notebook.css"))))
    return element("div", style, *parts, class_=_CLASS)


def _said(run: StoredRun) -> Iterator[Markup]:
    """Yield the user's title and purpose of the run, if any."""
    if run.title is not None:
        yield element("p", element("strong", name(run.title)))
    if run.purpose is not None:
        yield element("p", element("bdi", run.purpose))


def _pictures(run: StoredRun) -> Iterator[Markup]:
    results = run.results
    if not drawn_first(results):
        return
    for index, (pair, rows) in enumerate(pairs(results.rows).items()):
        last = [row for row in rows if row.eps == ends(results)[-1]]
        answers = answers_chart(plain_title(pair, results), last)
        curves = curves_of(pair, rows, run)
        mark = f"notebook-{(run.digest or '')[:12]}-{index}"
        if answers is not None:
            yield answers.inside(f"{mark}-answers")
        if curves:
            yield eps_chart(pair, curves, run).inside(f"{mark}-curve")
            if censored(curves):
                yield element("p", HOLLOW, class_="note")


def _tables(results: Results) -> Iterator[Markup]:
    several = len(results.threat.eps) > 1
    for index, (pair, rows) in enumerate(pairs(results.rows).items()):
        table = results_table(results, rows, eps=several, attacks=False)
        caption = joined(
            ["Accuracy on ", element("bdi", plain_title(pair, results)), ", %, 95 % intervals"]
        )
        yield whole_table(f"notebook-table-{index}", caption, table, sortable=False)


def _scoped(style: str) -> str:
    """Return ``style``, a sheet of plain rules, with every selector limited to our class."""
    return re.sub(
        r"([^{}]+)(\{[^{}]*\})",
        lambda rule: (
            ", ".join(f".{_CLASS} {one.strip()}" for one in rule[1].split(",")) + f" {rule[2]}\n"
        ),
        style,
    )
