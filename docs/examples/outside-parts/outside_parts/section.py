"""A section of the report: what was tested, in a few lines."""

from genlabel_robust.parts import Markup, StoredRun, element


def at_a_glance(run: StoredRun) -> Markup | None:
    """Return a list of the rows of the results; None without any."""
    items = [
        element("li", f"{row.strategy} on {row.dataset}: {row.n_examples} test rows")
        for row in run.results.rows
    ]
    return element("ul", *items) if items else None


at_a_glance.title = "Rows at a glance"
