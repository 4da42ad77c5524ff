"""HTML and SVG built from elements: the one place where text is escaped.

A plain string is data, and is escaped wherever it is put into an element; only ``Markup``,
which elements are, is taken as it is.
"""

import html
import re
from collections.abc import Iterable
from typing import TypeAlias

#: Longest name that is shown whole; of a longer one the beginning and the end are.
LONGEST = 120

# A name is kept on one line in a table, if it is not longer.
_ONE_LINE = 28

# What no page may hold, or what turns the text around it: controls, lone surrogates,
# characters that change the direction of writing.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_VOID = frozenset({"br", "meta"})


class Markup(str):
    """Text that is HTML or SVG already."""

    __slots__ = ()


Content: TypeAlias = str | Markup | None


def escape(value: str) -> Markup:
    """Return ``value`` as the text of an element or an attribute; what is unseen is named."""
    if isinstance(value, Markup):
        return value
    return Markup(html.escape(_UNSEEN.sub(_named, value), quote=True))


def joined(parts: Iterable[Content]) -> Markup:
    """Return ``parts`` one after the other, None left out."""
    return Markup("".join([escape(part) for part in parts if part is not None]))


def element(tag: str, *children: Content, **attributes: str | int | float | bool | None) -> Markup:
    """Return an element; ``class_`` is class, ``aria_sort`` is aria-sort.

    None or False leave an attribute out, True sets it without a value.
    """
    written = [f"<{tag}"]
    for name, value in attributes.items():
        if value is None or value is False:
            continue
        key = name.rstrip("_").replace("_", "-")
        written.append(f" {key}" if value is True else f' {key}="{escape(str(value))}"')
    written.append(">")
    if tag in _VOID:
        return Markup("".join(written))
    written += [escape(child) for child in children if child is not None]
    written.append(f"</{tag}>")
    return Markup("".join(written))


def name(value: str) -> Markup:
    """Return a name from the user's data, apart from the text around it and never invisible."""
    shown = plain_name(value)
    return element("bdi", shown, class_="long" if len(shown) > _ONE_LINE else None)


def plain_name(value: str) -> str:
    """Return such a name as plain text, not too long; an empty one says so."""
    if not value.strip():
        return "(no name)" if not value else f"({len(value)} blanks)"
    if len(value) <= LONGEST:
        return value
    return f"{value[: LONGEST - 30]}…{value[-29:]}"


def _named(match: re.Match[str]) -> str:
    return f"[U+{ord(match.group()):04X}]"
