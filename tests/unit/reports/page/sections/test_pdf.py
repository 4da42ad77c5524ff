"""The report as a PDF: all of its text, and page headers that name the report."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from genlabel_robust.reports import SECTIONS
from genlabel_robust.reports.page import pdf as paper
from genlabel_robust.reports.page.document import html_report
from genlabel_robust.reports.words.wording import interval, percent
from genlabel_robust.runs.folder.stored_run import StoredRun

if TYPE_CHECKING:
    from pypdf import PdfReader

MakeRun = Callable[..., StoredRun]
Pdf = Callable[..., "PdfReader"]
HOSTILE = ("<script>document.title='taken'</script>", "</td></table><h1>x</h1>", "<svg >&amp;lt;")
#: Points; the style leaves 14 mm at the sides.
MARGIN = 14 / 25.4 * 72


@pytest.fixture
def pdf() -> Pdf:
    """Return a function that reads the PDF of a run; skip if no PDF can be made."""
    pypdf = pytest.importorskip("pypdf", reason="pypdf is not installed")
    try:
        import weasyprint  # noqa: F401
    except (ImportError, OSError) as error:
        pytest.skip(f"WeasyPrint cannot be imported: {error}")

    def read(run: StoredRun, *sections: str) -> PdfReader:
        found: PdfReader = pypdf.PdfReader(io.BytesIO(paper.pdf_report(run, sections)))
        return found

    return read


@pytest.fixture(scope="module")
def plain() -> dict[str, PdfReader]:
    """The PDFs of the simplest run, by the digest of its results."""
    return {}


@pytest.fixture
def plain_pdf(
    pdf: Pdf, make_run: MakeRun, plain: dict[str, PdfReader]
) -> tuple[StoredRun, PdfReader]:
    """The simplest run and its PDF, which is made once."""
    run = make_run(exact=True)
    assert run.digest is not None
    if run.digest not in plain:
        plain[run.digest] = pdf(run)
    return run, plain[run.digest]


def text(document: PdfReader) -> str:
    """Return all text without whitespace, as the layout decides where lines end."""
    return "".join("".join(page.extract_text() for page in document.pages).split())


def test_the_pdf_holds_the_verdict_and_every_estimate(
    plain_pdf: tuple[StoredRun, PdfReader],
) -> None:
    run, document = plain_pdf
    said = text(document)
    assert "All4checkspassed." in said
    assert "Whatisnotclaimed" in said
    for row in run.results.rows:
        for one in (row.clean_accuracy, row.robust_accuracy, row.exact_robust_accuracy):
            assert f"{percent(one)}{interval(one)}" in said
    # collapsed on the screen, and open here
    assert "Files,bytheSHA-256oftheirbytes" in said
    assert run.results["datasets"]["two"]["content_hash"] in said


@pytest.mark.nightly
def test_hostile_names_are_text_on_paper(pdf: Pdf, make_run: MakeRun) -> None:
    document = pdf(make_run(datasets=HOSTILE[:2], features=HOSTILE, classes=HOSTILE[1:], n=30))
    said = text(document)
    for name in HOSTILE:
        assert "".join(name.split()) in said
    assert document.metadata is not None
    assert str(document.metadata.title).startswith("Robustness report: <script>")
    root: Any = document.trailer["/Root"]
    assert "/JavaScript" not in root.get("/Names", {})
    assert "/OpenAction" not in root


@pytest.mark.nightly
def test_every_page_has_its_number_and_the_digest_of_the_results(
    plain_pdf: tuple[StoredRun, PdfReader],
) -> None:
    run, document = plain_pdf
    count = len(document.pages)
    assert count > 3
    for number, page in enumerate(document.pages, 1):
        said = page.extract_text()
        assert f"SHA-256 of results.json: {run.digest}" in said
        assert f"{number} / {count}" in said


@pytest.mark.nightly(but=["1"])
@pytest.mark.parametrize("budgets", [1, 10, 16, 24, 36])
def test_no_text_of_a_table_begins_beyond_the_margins(
    budgets: int, pdf: Pdf, make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    # a drawing is scaled as a whole; where its text lies on the page pypdf does not tell
    monkeypatch.setattr(
        paper,
        "html_report",
        lambda *of: re.sub("<svg .*?</svg>", "", html_report(*of), flags=re.DOTALL),
    )
    run = make_run(
        eps=tuple(round(0.0123 * (i + 1), 4) for i in range(budgets)),
        exact=True,
        features=("w" * 300, "height"),
        strategies=("vanilla", "mixup", "genlabel-gm"),
    )
    document = pdf(run, "threat", "results", "sweep", "strategies")
    shapes = set()
    for page in document.pages:
        width = float(page.mediabox.width)
        shapes.add(width < float(page.mediabox.height))
        began: list[float] = []

        def note(
            words: str, matrix: Any, of_text: Any, font: Any, size: Any, began: list[float] = began
        ) -> None:
            if words.strip():
                began.append(matrix[0] * of_text[4] + matrix[4])

        page.extract_text(visitor_text=note)
        assert min(began) > MARGIN - 1
        assert max(began) < width - MARGIN
    # as it is, or across where a table has many columns
    assert shapes == ({True} if budgets <= 10 else {True, False})


@pytest.mark.nightly
def test_the_date_is_the_runs_and_what_is_headed_is_marked(
    plain_pdf: tuple[StoredRun, PdfReader],
) -> None:
    _, document = plain_pdf
    assert document.metadata is not None
    assert document.metadata["/CreationDate"] == "D:19700101000100+00'00"
    assert len(document.outline) >= 1
    assert document.trailer["/Root"]["/MarkInfo"]["/Marked"]  # type: ignore[index]


def test_a_page_that_would_load_something_is_no_pdf(
    pdf: Pdf, make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    import weasyprint

    run = make_run()
    for address in ("file:///etc/hostname", "http://127.0.0.1:9/x.png", "data:image/png;base64,AA"):
        monkeypatch.setattr(paper, "html_report", lambda *_, a=address: f'<img src="{a}">')
        with pytest.raises(weasyprint.urls.FatalURLFetchingError, match="Error fetching"):
            pdf(run)


def test_drawings_have_their_own_style_without_variables(make_run: MakeRun) -> None:
    page = html_report(make_run(datasets=HOSTILE))
    drawings = re.findall(r"<svg [^>]*><style>([^<]*)</style>", paper.for_paper(page))
    assert len(drawings) == len(re.findall(r"<svg [^>]*role=", page)) > 2
    (style,) = set(drawings)
    assert "var(" not in style
    assert ".w.s1, .c.s1 { stroke: #e69f00; }" in style
    # paper's ink, not the screen's
    assert "fill: #000; }" in style


def test_the_first_page_has_the_answer_and_its_pictures(
    plain_pdf: tuple[StoredRun, PdfReader],
) -> None:
    _, document = plain_pdf
    said = "".join(document.pages[0].extract_text().split())
    assert "Anattackerwhomaychange" in said
    assert "turnedwrongbytheattacker" in said
    assert "answersthatareright,%" in said


@pytest.mark.nightly
def test_no_page_ends_with_a_heading_or_a_term_without_its_text(
    plain_pdf: tuple[StoredRun, PdfReader],
) -> None:
    _, document = plain_pdf
    terms = {"Ball", "Box", "Capability", "Knowledge", "Objective", "Run finished", "Package"}
    heads = {SECTIONS.describe(name) for name in SECTIONS} | terms
    for page in document.pages:
        lines = [line.strip() for line in page.extract_text().splitlines() if line.strip()]
        body = [
            line
            for line in lines
            if not line.startswith("SHA-256 of results.json:")
            and not re.fullmatch(r"\d+ / \d+", line)
        ]
        assert body
        assert body[-1] not in heads
