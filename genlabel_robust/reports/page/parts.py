"""The building blocks of sections: paragraphs, lists, tables, and figures with their tables."""

from collections.abc import Iterable, Sequence

from genlabel_robust.reports.page.markup import Content, Markup, element, escape, joined, name
from genlabel_robust.reports.page.svg import Drawing
from genlabel_robust.reports.tables.table import Cell, Column, Table, as_column

# The maximum number of columns on paper: in normal and smaller type, landscape, and smaller still.
_MANY = (9, 13, 20, 28)
#: The maximum number of columns side by side on a phone.
_ACROSS = 3
#: The maximum number of cells of a table whose rows become cards on a phone.
_CARDS = 100


def paragraph(*children: Content, class_: str | None = None) -> Markup:
    """Return a paragraph."""
    return element("p", *children, class_=class_)


def bullets(items: Iterable[Content]) -> Markup:
    """Return an unordered list."""
    return element("ul", *(element("li", item) for item in items))


def facts(pairs: Iterable[tuple[Content, Content]]) -> Markup:
    """Return a description list of terms and their descriptions."""
    return element("dl", *(element("div", element("dt", k), element("dd", v)) for k, v in pairs))


def details(summary: Content, *children: Content, open_: bool = False) -> Markup:
    """Return collapsible content under ``summary``; ``open_``: expanded."""
    return element("details", element("summary", summary), *children, open=open_)


def table(
    identifier: str,
    caption: Content,
    columns: Sequence[Column | str],
    rows: Iterable[Sequence[Content | Cell]],
    *,
    sortable: bool = True,
) -> Markup:
    """Return a table in a scrollable region; the first cell of each row is its header.

    A ``str`` in ``columns`` is the title of a text column.
    """
    titles = [*map(as_column, columns)]
    head = element("tr", *map(_head, titles))
    lines = [*rows]
    cards = len(titles) > _ACROSS and len(lines) * len(titles) <= _CARDS
    body = Markup("".join(_row(titles, row, named=cards) for row in lines))
    parts = element("thead", head), element("tbody", body)
    return region(
        identifier,
        caption,
        *parts,
        sortable=sortable,
        columns=len(titles),
        cards=cards,
    )


def whole_table(identifier: str, caption: Content, of: Table, *, sortable: bool = True) -> Markup:
    """Return the table ``of`` in a scrollable region, like ``table``."""
    return table(identifier, caption, of.columns, of.rows, sortable=sortable)


def region(
    identifier: str,
    caption: Content,
    head: Markup,
    body: Markup,
    *,
    sortable: bool = False,
    columns: int = 0,
    cards: bool = False,
) -> Markup:
    """Return a table from ``head`` and ``body``, in a region that can be scrolled by keyboard.

    ``columns``: their number, 0 for few; many columns are printed in smaller type, or in
    landscape. ``cards``: on a phone each row becomes a card, with titles next to the cells.
    """
    classes = [*(["sortable"] if sortable else []), *(["cards"] if cards else [])]
    caption_id = f"{identifier}-caption"
    whole = element(
        "table",
        element("caption", caption, id=caption_id),
        head,
        body,
        class_=" ".join(classes) or None,
    )
    return element(
        "div",
        whole,
        class_=_width(columns),
        role="region",
        tabindex=0,
        aria_labelledby=caption_id,
    )


def _width(columns: int) -> str:
    size = sum(columns > most for most in _MANY)
    return f"scroll many{size}" if size else "scroll"


def _head(column: Column) -> Markup:
    title = name(column.title) if column.kind == "attack" else column.title
    return element("th", title, scope="col", class_=None if column.is_text else "n")


def _row(columns: Sequence[Column], cells: Sequence[Content | Cell], *, named: bool) -> str:
    # without ``element``, for speed: a large report has hundreds of thousands of cells
    classes = (_attributes(column, named=named) for column in columns)
    contents = (joined([_content(*pair)]) for pair in zip(columns, cells, strict=True))
    (of_first, first), *others = zip(classes, contents, strict=True)
    written = [f'<tr><th scope="row"{of_first}>{first}</th>']
    written += [f"<td{c}>{cell}</td>" for c, cell in others]
    return "".join([*written, "</tr>\n"])


def _attributes(column: Column, *, named: bool) -> str:
    """Return the attributes of a cell; ``named``: include the title that it has in a card."""
    of = "" if column.is_text else ' class="n"'
    return f'{of} data-title="{escape(column.title)}"' if named else of


def _content(column: Column, cell: Content | Cell) -> Content:
    if not isinstance(cell, Cell):
        return cell
    said = name(cell.said) if column.kind == "name" else cell.said
    # text with blanks, such as the interval of a difference, may wrap
    wrap = "wrap" if " " in cell.beside else None
    return joined([said, " ", element("small", cell.beside, class_=wrap)]) if cell.beside else said


def figure(
    identifier: str,
    drawing: Drawing,
    caption: Content,
    behind: Markup | None,
    *,
    open_: bool = False,
) -> Markup:
    """Return a drawing with its caption, and the table with its data if any."""
    return element(
        "figure",
        drawing.inside(identifier),
        element("figcaption", caption),
        details("The numbers in this figure", behind, open_=open_) if behind else None,
    )


def groups(blocks: Sequence[tuple[Content, Markup]], most_open: int = 6) -> Markup:
    """Return the blocks, with headings if there are several; collapsed if there are many."""
    if len(blocks) == 1:
        return blocks[0][1]
    if len(blocks) > most_open:
        return joined(details(title, body) for title, body in blocks)
    return joined(element("section", element("h3", title), body) for title, body in blocks)
