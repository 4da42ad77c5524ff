"""Where the documentation is, for help and errors to point at."""

#: The address of the documentation's first page, with a slash at its end; empty: it has none.
SITE = ""


def pointer(page: str = "") -> str:
    """Return a sentence that points at ``page`` of the documentation, "" without an address."""
    return f"See {SITE}{page}." if SITE else ""
