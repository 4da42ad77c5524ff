"""The address of the documentation, for help texts and errors."""

#: The address of the documentation's home page, ending in a slash; empty if there is none.
SITE = ""


def pointer(page: str = "") -> str:
    """Return a sentence that links to ``page`` of the documentation, or "" without an address."""
    return f"See {SITE}{page}." if SITE else ""
