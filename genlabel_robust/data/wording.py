"""How columns and classes are named in messages: quoted, and not a page of them."""

from __future__ import annotations

from collections.abc import Sequence

SHOWN = 10


def quoted(names: Sequence[str]) -> str:
    """Return ``'a', 'b' and 3 more``: at most ``SHOWN`` of ``names``, each quoted."""
    text = ", ".join(repr(name) for name in names[:SHOWN])
    return text if len(names) <= SHOWN else f"{text} and {len(names) - SHOWN} more"


def plural(count: int, noun: str) -> str:
    """Return ``1 row`` or ``2 rows``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
