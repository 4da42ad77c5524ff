"""The style sheets of the page and of what is drawn on it."""

import re
from importlib.resources import files

from genlabel_robust.reports.page.markup import Markup

_VARIABLE = re.compile(r"--(\w+):\s*([^;}]+)")


def asset(name: str) -> Markup:
    """Return a style sheet or script of our own, which holds nothing that ends its element."""
    return Markup((files("genlabel_robust.reports") / "assets" / name).read_text("utf-8"))


def stylesheet(name: str) -> Markup:
    """Return a style sheet of the page: "report", or "drawing", what is inside its drawings."""
    return asset(f"{name}.css")


def printed_style() -> Markup:
    """Return the style of drawings outside of the page, where its variables are not known.

    Of their values the last, which are for paper, hold.
    """
    values = dict(_VARIABLE.findall(stylesheet("report")))
    return Markup(re.sub(r"var\(--(\w+)\)", lambda one: values[one[1]], stylesheet("drawing")))
