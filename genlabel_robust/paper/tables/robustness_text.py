"""The report's section on the table of robust accuracies."""

from collections.abc import Mapping
from typing import Any

from genlabel_robust.paper.tables.claims import claim_lines
from genlabel_robust.paper.tables.deviation_words import far_lines
from genlabel_robust.paper.tables.table import (
    cells_table,
    missing_lines,
    released_lines,
    summary_line,
    trials_text,
)

_CHOOSERS = {
    "exact": "the exact robust accuracy",
    "attack": "the published attack's robust accuracy",
}
#: Pinned to a version, as a later suite could change the measured numbers.
STRONGEST = "strongest-1"
FIGURE = "robustness"
_COLUMNS = {
    "published": "published",
    "Boundary": "measured",
    "standard error": "standard_error",
    "difference": "difference",
    "strongest": "strongest",
    "exact": "exact",
}


def markdown(results: Mapping[str, Any]) -> str:
    """Return the section of the report on what ``run`` returned."""
    lines = ["## Robustness", "", *missing_lines(results["missing"])]
    if not results["rows"]:
        return "\n".join([*lines, "Nothing could be measured.", ""])
    over = results["summary"]["overestimate"]
    lines += [
        f"Robust accuracy of logistic regression, {trials_text(results['rows'])}, percent: "
        f"L2, ε = {results['eps']:g} of the one range of all scaled training features, box of its "
        "ends, widened where a test row lies outside. Hyper-parameters by "
        f"{_CHOOSERS[results['chosen_by']]} on the folds. {summary_line(results['summary'])}",
        "",
        "The attack as published, Boundary with 25,000 steps, overestimates the exact robust "
        f"accuracy by {100 * over['published attack']['mean']:.2f} points on average and by "
        f"{100 * over['published attack']['largest']:.2f} at most; the suite '{STRONGEST}' by "
        f"{100 * over['strongest']['mean']:.2f} and {100 * over['strongest']['largest']:.2f}.",
        "",
    ]
    lines += cells_table(results["rows"], _COLUMNS)
    lines += [f"![Robust accuracies, published and measured again](figures/{FIGURE}.svg)", ""]
    lines += [*released_lines(results["rows"]), *far_lines(results["rows"])]
    for one in results["claims"]:
        lines += claim_lines(one)
    return "\n".join(lines)
