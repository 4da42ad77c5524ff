"""The audit report as a self-contained HTML file."""

from collections.abc import Iterable, Sequence

from genlabel_robust.core import plural
from genlabel_robust.reports import OPEN, SECTIONS
from genlabel_robust.reports.page.frame import framed
from genlabel_robust.reports.page.markup import Markup, element, joined, name, plain_name
from genlabel_robust.reports.page.parts import paragraph
from genlabel_robust.reports.page.view import datasets
from genlabel_robust.reports.words.audited_model import named_run
from genlabel_robust.runs.folder.stored_run import StoredRun


def html_report(run: StoredRun, sections: Sequence[str] = (), remark: str | None = None) -> str:
    """Render the page; ``sections``: names in ``SECTIONS``, in order.

    By default, it has all sections that have something to show. ``remark``: a sentence that the
    page begins with. The same run gives the same bytes. Raises ``UnknownNameError`` for an
    unknown section.
    """
    run = named_run(run)
    chosen = {one: SECTIONS.load(one)(run) for one in sections or SECTIONS}
    if not sections:
        chosen = {one: content for one, content in chosen.items() if content is not None}
    # sections requested by name are expanded
    contents = [
        _section(one, content, one not in OPEN and not sections) for one, content in chosen.items()
    ]
    parts = (
        element("a", "Skip to the report", href="#main", class_="skip"),
        _header(run, remark),
        element(
            "div",
            _contents(chosen),
            element("main", *contents, id="main", tabindex=-1),
            class_="page",
        ),
        element(
            "footer",
            element(
                "p",
                "Written by genlabel_robust ",
                run.manifest["environment"]["genlabel_robust"],
                " from results.json and the cells of the run folder.",
            ),
        ),
    )
    return framed(_title(run), joined(parts), run.manifest["finished"], digest=run.digest)


def _title(run: StoredRun) -> str:
    names = list(datasets(run.results))
    listed = ", ".join(plain_name(one) for one in names[:3])
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    record = run.results.model
    of = "" if record is None else f"{plain_name(record.name)} on "
    return f"{run.title or 'Robustness report'}: {of}{listed}{more}"


def _header(run: StoredRun, remark: str | None) -> Markup:
    names = list(datasets(run.results))
    parts: list[str | Markup] = []
    for index, one in enumerate(names[:6]):
        parts += [", " if index else "", name(one)]
    if len(names) > 6:
        parts.append(f" and {len(names) - 6} more")
    eps = ", ".join(f"{one:g}" for one in run.results.threat.eps)
    return element(
        "header",
        element("h1", "Robustness report" if run.title is None else name(run.title)),
        None if run.purpose is None else element("p", element("bdi", run.purpose)),
        element(
            "p",
            *_model(run),
            joined(parts),
            f"; ε = {eps}; suite ",
            name(run.results.suite),
            f"; {_rows(run)}{run.manifest['finished'][:10]}",
        ),
        None if remark is None else element("p", remark),
    )


def _model(run: StoredRun) -> list[str | Markup]:
    record = run.results.model
    return [] if record is None else [name(record.name), " on "]


def _rows(run: StoredRun) -> str:
    """Return the number of test rows as text, or "" if there are several data sets."""
    sets = list(datasets(run.results).values())
    return f"{plural(sets[0].n_test, 'test row')}; " if len(sets) == 1 else ""


def _contents(chosen: Iterable[str]) -> Markup:
    links = (element("li", element("a", SECTIONS.describe(one), href=f"#{one}")) for one in chosen)
    return element("nav", element("ol", *links), aria_label="Sections")


def _section(one: str, content: Markup | None, folded: bool) -> Markup:
    title = element("h2", SECTIONS.describe(one), id=f"{one}-heading")
    inner = paragraph("The run has nothing for this section.") if content is None else content
    body = joined([title, inner])
    if folded:
        body = element("details", element("summary", title), inner, class_="whole")
    return element("section", body, id=one, aria_labelledby=f"{one}-heading")
