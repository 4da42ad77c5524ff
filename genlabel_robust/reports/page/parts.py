"""What sections are made of: paragraphs, lists, tables, figures with the table behind them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from genlabel_robust.reports.page.markup import Content, Markup, element, joined
from genlabel_robust.reports.page.svg import Drawing

# Paper holds so many columns of estimates: as it is, in smaller type, across, and in smaller still.
_MANY = (9, 13, 20, 28)


@dataclass(frozen=True)
class Column:
    """A column of a table; ``number``: aligned and sorted as numbers."""

    title: Content
    number: bool = False


def paragraph(*children: Content, class_: str | None = None) -> Markup:
    """Return a paragraph."""
    return element("p", *children, class_=class_)


def bullets(items: Iterable[Content]) -> Markup:
    """Return a list without order."""
    return element("ul", *(element("li", item) for item in items))


def facts(pairs: Iterable[tuple[Content, Content]]) -> Markup:
    """Return pairs of a term and what is said of it."""
    return element("dl", *(element("div", element("dt", k), element("dd", v)) for k, v in pairs))


def details(summary: Content, *children: Content, open_: bool = False) -> Markup:
    """Return what is seen when its summary is opened."""
    return element("details", element("summary", summary), *children, open=open_)


def table(
    identifier: str,
    caption: Content,
    columns: Sequence[Column | str],
    rows: Iterable[Sequence[Content]],
    *,
    sortable: bool = True,
) -> Markup:
    """Return a table in a region of its own that scrolls; the first cell of a row heads it."""
    titles = [c if isinstance(c, Column) else Column(c) for c in columns]
    head = element(
        "tr",
        *(element("th", c.title, scope="col", class_="n" if c.number else None) for c in titles),
    )
    classes = [' class="n"' if c.number else "" for c in titles]
    body = Markup("".join(_row(row, classes) for row in rows))
    parts = element("thead", head), element("tbody", body)
    return region(identifier, caption, *parts, sortable=sortable, columns=len(titles))


def region(
    identifier: str,
    caption: Content,
    head: Markup,
    body: Markup,
    *,
    sortable: bool = False,
    columns: int = 0,
) -> Markup:
    """Return a table of a head and bodies, whose region can be scrolled by keyboard.

    ``columns``: so many, or few; on paper many are in smaller type, or across.
    """
    caption_id = f"{identifier}-caption"
    whole = element(
        "table",
        element("caption", caption, id=caption_id),
        head,
        body,
        class_="sortable" if sortable else None,
    )
    return element(
        "div", whole, class_=_width(columns), role="region", tabindex=0, aria_labelledby=caption_id
    )


def _width(columns: int) -> str:
    size = sum(columns > most for most in _MANY)
    return f"scroll many{size}" if size else "scroll"


def _row(cells: Sequence[Content], classes: Sequence[str]) -> str:
    # by hand: a large report has hundreds of thousands of cells
    first, *others = (joined([cell]) for cell in cells)
    written = [f'<tr><th scope="row"{classes[0]}>{first}</th>']
    written += [f"<td{c}>{cell}</td>" for c, cell in zip(classes[1:], others, strict=True)]
    return "".join([*written, "</tr>\n"])


def figure(
    identifier: str,
    drawing: Drawing,
    caption: Content,
    behind: Markup | None,
    *,
    open_: bool = False,
) -> Markup:
    """Return a drawing with its caption, and the table behind it if any."""
    return element(
        "figure",
        element(
            "div",
            drawing.inside(identifier),
            class_="scroll",
            role="region",
            tabindex=0,
            aria_label=f"Figure: {drawing.title}",
        ),
        element("figcaption", caption),
        details("The numbers in this figure", behind, open_=open_) if behind else None,
    )


def groups(blocks: Sequence[tuple[Content, Markup]], most_open: int = 6) -> Markup:
    """Return one block for each group, under headings; collapsed where they are many."""
    if len(blocks) > most_open:
        return joined(details(title, body) for title, body in blocks)
    return joined(element("section", element("h3", title), body) for title, body in blocks)
