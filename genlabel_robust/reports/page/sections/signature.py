"""Lines for signatures on paper."""

from genlabel_robust.reports.page.markup import Markup, element, joined
from genlabel_robust.reports.page.parts import paragraph
from genlabel_robust.runs.folder.stored_run import StoredRun

_LINES = ("Name", "Role", "Date", "Signature")


def signature(run: StoredRun) -> Markup:
    """Return empty lines for the evaluator and the reviewer."""
    return joined(
        [
            paragraph("Signed for the results.json with this SHA-256:"),
            paragraph(element("code", run.digest), class_="digest"),
            element("div", _block("Evaluated by"), _block("Reviewed by"), class_="signatures"),
        ]
    )


def _block(title: str) -> Markup:
    lines = (element("p", one, element("span", class_="line"), class_="blank") for one in _LINES)
    return element("div", element("h3", title), *lines)
