"""The effect of the mixing strategies on the data, independent of any model."""

from genlabel_robust.reports.page.markup import Markup, joined, name
from genlabel_robust.reports.page.parts import paragraph, whole_table
from genlabel_robust.reports.tables.mixing import EXPLANATION, left_out, mixing_table
from genlabel_robust.runs.folder.stored_run import StoredRun


def mixing(run: StoredRun) -> Markup | None:
    """Return diagnostics of mixed points and labels by strategy; None if no strategy mixes."""
    table = mixing_table(run.results)
    if not table.rows:
        return None
    others = left_out(run.results)
    caption = "Mixed points and their labels, by strategy"
    return joined(
        [
            paragraph(
                "Measured on points that the strategy mixes from the scaled training rows. No "
                "model and no attack takes part, so the figures may explain a difference, but do "
                "not measure robustness."
            ),
            paragraph(EXPLANATION),
            whole_table("mixing-table", caption, table),
            None if others is None else paragraph(name(others)),
        ]
    )
