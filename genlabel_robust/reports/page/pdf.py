"""The audit report as a PDF: the same document on pages."""

import io
import re
from collections.abc import Sequence
from contextlib import redirect_stdout
from typing import Any

from genlabel_robust.core import UsageError
from genlabel_robust.reports.page.document import html_report
from genlabel_robust.reports.page.styles import printed_style
from genlabel_robust.runs.folder.stored_run import StoredRun

_DRAWING = re.compile(r"<svg [^>]*>")


def pdf_report(run: StoredRun, sections: Sequence[str] = ()) -> bytes:
    """Render the PDF; ``sections``: as in ``html_report``.

    The same run gives the same bytes, with the same version of WeasyPrint and the same fonts.
    Raises ``UsageError`` without WeasyPrint or the libraries that it needs.
    """
    weasyprint = _weasyprint()
    document = weasyprint.HTML(
        string=for_paper(html_report(run, sections)),
        # the page must load nothing; a request would raise an error here
        url_fetcher=weasyprint.urls.URLFetcher(allowed_protocols=(), fail_on_errors=True),
    )
    content: bytes = document.write_pdf(
        pdf_identifier=(run.digest or "").encode(), pdf_tags=True, full_fonts=False
    )
    return content


def for_paper(page: str) -> str:
    """Put the style into each drawing, as WeasyPrint does not apply the page's style there."""
    style = printed_style()
    # names cannot match, as < is escaped in them
    return _DRAWING.sub(lambda one: f"{one[0]}<style>{style}</style>", page)


def _weasyprint() -> Any:
    try:
        # WeasyPrint prints its own advice if a library is missing
        with redirect_stdout(io.StringIO()):
            import weasyprint
    except (ImportError, OSError) as error:
        raise UsageError(
            "a PDF needs WeasyPrint, which pip install 'genlabel-robust[pdf]' brings, and the "
            "system's Pango (Debian: libpango-1.0-0, libpangoft2-1.0-0, libharfbuzz-subset0); or "
            f"write --format html, open it in a browser and print that ({error})"
        ) from error
    return weasyprint
