"""The style sheets of the page and its drawings."""

import re
from importlib.resources import files

from genlabel_robust.reports.page.markup import Markup

_VARIABLE = re.compile(r"--(\w+):\s*([^;}]+)")


def asset(name: str) -> Markup:
    """Return a style sheet or script of the package, which can be inlined without escaping."""
    return Markup((files("genlabel_robust.reports") / "assets" / name).read_text("utf-8"))


def stylesheet(name: str) -> Markup:
    """Return a style sheet: "report" for the page, or "drawing" for its drawings."""
    return asset(f"{name}.css")


def printed_style() -> Markup:
    """Return the style of drawings outside the page, with the page's variables replaced.

    Each variable gets its last value, which is the one for paper.
    """
    values = dict(_VARIABLE.findall(stylesheet("report")))
    return Markup(re.sub(r"var\(--(\w+)\)", lambda one: values[one[1]], stylesheet("drawing")))
