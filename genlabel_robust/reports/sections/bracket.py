"""Between what is certified and what attacks found lies the truth; where exact, it is known."""

from __future__ import annotations

from genlabel_robust.evaluation.reading import StoredRun
from genlabel_robust.reports.given import noun
from genlabel_robust.reports.markup import Content, Markup, joined, name
from genlabel_robust.reports.parts import Column, details, paragraph, table
from genlabel_robust.reports.view import Row, cell, title
from genlabel_robust.reports.wording import NOT_AVAILABLE, percent

#: More brackets than these are collapsed.
_MANY = 50


def bracket(run: StoredRun) -> Markup:
    """Return the brackets of all models that have a lower end, or say that none has."""
    found = run.results
    rows = [r for r in found["rows"] if r["exact_robust_accuracy"] or r["certified_accuracy"]]
    if not rows:
        return paragraph(
            "No model of this run is known to be affine, and nothing was certified: the worst-case "
            "accuracy is an upper bound, and the true robust accuracy lies somewhere between 0 and "
            "it. The checks under “Evidence that the attacks worked” can suggest how close it is, "
            "but not prove it."
        )
    without = len(found["rows"]) - len(rows)
    certified = any(row["certified_accuracy"] for row in rows)
    columns: list[Column | str] = [noun(found), "data set", Column("ε", number=True)]
    columns += [
        Column(one, number=True)
        for one in (
            *(["certified, at least"] if certified else []),
            "exact",
            "attacked, at most",
            "bracket",
            "gap, points",
        )
    ]
    lines: list[list[Content]] = [
        [
            name(row["strategy"]), title((row["dataset"], row["architecture"]), found),
            f"{row['eps']:g}", *([cell(row["certified_accuracy"])] if certified else []),
            cell(row["exact_robust_accuracy"]),
            cell(row["robust_accuracy"]), *_between(row),
        ]
        for row in rows
    ]  # fmt: skip
    return joined([
        paragraph(
            "On these test rows the true robust accuracy lies in the bracket. Where the value is "
            "exact, the gap is by how much the attacks overestimate it."
        ),
        details(
            f"The {len(rows)} brackets",
            table("bracket", "Certified or exact, and attacked, in percent", columns, lines),
            open_=len(rows) <= _MANY,
        ),
        paragraph(f"{without} more rows of the results have no lower end.") if without else None,
    ])  # fmt: skip


def _between(row: Row) -> tuple[str, str]:
    low = row["exact_robust_accuracy"] or row["certified_accuracy"]
    high = row["robust_accuracy"]
    if high is None:
        return f"[{percent(low)}, {NOT_AVAILABLE}]", NOT_AVAILABLE
    gap = 100 * (high["value"] - low["value"])
    return f"[{percent(low)}, {percent(high)}]", f"{gap + 0.0:.1f}"
