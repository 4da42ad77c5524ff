"""Building HTML and SVG from elements; all escaping happens here.

A plain string is data, and is escaped when it is put into an element. Only ``Markup``, the type of
elements, is not.
"""

import html
import re
from collections.abc import Iterable
from typing import TypeAlias

#: The maximum length of a name; longer ones are cut in the middle.
LONGEST = 120

# The maximum length of a name that a table keeps on one line.
_ONE_LINE = 28

# Characters that are invalid in HTML or affect the text around them: controls, lone surrogates, and
# characters that change the direction of writing.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_VOID = frozenset({"br", "meta"})


class Markup(str):
    """Text that is already HTML or SVG."""

    __slots__ = ()


Content: TypeAlias = str | Markup | None


def escape(value: str) -> Markup:
    """Escape ``value`` for an element or an attribute; invisible characters are named."""
    if isinstance(value, Markup):
        return value
    return Markup(html.escape(_UNSEEN.sub(_named, value), quote=True))


def joined(parts: Iterable[Content]) -> Markup:
    """Concatenate ``parts``, without None."""
    return Markup("".join([escape(part) for part in parts if part is not None]))


def element(tag: str, *children: Content, **attributes: str | int | float | bool | None) -> Markup:
    """Return an element; ``class_`` becomes class, ``aria_sort`` becomes aria-sort.

    An attribute that is None or False is left out; True sets it without a value.
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
    """Return a name from the user's data, isolated from the text around it, and never empty."""
    text = plain_name(value)
    return element("bdi", text, class_="long" if len(text) > _ONE_LINE else None)


def plain_name(value: str) -> str:
    """Return a name as plain text, cut to ``LONGEST``; an empty name becomes "(no name)"."""
    if not value.strip():
        return "(no name)" if not value else f"({len(value)} blanks)"
    if len(value) <= LONGEST:
        return value
    return f"{value[: LONGEST - 30]}…{value[-29:]}"


def _named(match: re.Match[str]) -> str:
    return f"[U+{ord(match.group()):04X}]"
