"""The frame of a page: an HTML file with inline style and script, which allows no others."""

import base64
import hashlib

from genlabel_robust.reports.page.markup import Markup, element
from genlabel_robust.reports.page.styles import asset, stylesheet


def framed(title: str, body: Markup, created: str, *, digest: str | None = None) -> str:
    """Return the HTML file of a page with ``title`` and ``body``.

    ``created``: the time at which the content was finished. ``digest``: of the content, for the
    margin of every printed page.
    """
    style, script = Markup(stylesheet("report") + stylesheet("drawing")), asset("report.js")
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_policy(style, script)),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("meta", name="dcterms.created", content=created),
        element("title", title),
        element("style", style),
    )
    whole = element("body", body, element("script", script), data_digest=digest)
    return f"<!DOCTYPE html>\n{element('html', head, whole, lang='en')}\n"


def _policy(style: str, script: str) -> str:
    hashes = [
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for text in (style, script)
    ]
    return (
        f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )
