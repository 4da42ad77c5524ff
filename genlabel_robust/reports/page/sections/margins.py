"""Distances to the decision boundary as quantiles, with censoring."""

from collections.abc import Sequence

from genlabel_robust.reports.page.markup import Content, Markup, element, joined, name
from genlabel_robust.reports.page.parts import groups, paragraph, table
from genlabel_robust.reports.page.view import Pair, pairs, plain_title, title
from genlabel_robust.reports.tables.table import Cell, Column, distance
from genlabel_robust.reports.words.audited_model import noun
from genlabel_robust.reports.words.decided import about_margins
from genlabel_robust.reports.words.wording import NOT_AVAILABLE, distance_words, quantile
from genlabel_robust.runs.folder.stored_run import StoredRun
from genlabel_robust.runs.results.margins import Margin
from genlabel_robust.runs.results.row import Row

#: Kind of margin -> how it was found, in words.
_KINDS = {"attack": "by attacks", "exact": "exact", "interval-censored": "between bounds"}

_CENSORED = (
    " Rows that nothing broke are called censored: all that is known is that their margin is "
    "larger than what was tried. A quantile that falls among them has no value."
)
_SHARED = (
    "“Between bounds”: for some rows only two bounds of the margin are known, the lower from a "
    "proof and the upper from an adversarial example. So each quantile has two bounds as well; “≤” "
    "means that the lower one is 0. The bounds of the median and of its interval assume nothing: "
    "the lower ends come from the proved bounds alone, the upper ends from the adversarial "
    "examples alone. The other quantiles are estimated: a row that is not decided at an ε is "
    "assumed to be like those that are (Turnbull’s estimator for interval-censored data)."
)


def margins(run: StoredRun) -> Markup:
    """Return a table of quantiles for each data set and architecture."""
    found = run.results
    blocks: list[tuple[Content, Markup]] = [
        (title(pair, found), _block(f"margins-{index}", pair, rows, run))
        for index, (pair, rows) in enumerate(pairs(found.rows).items())
    ]
    return joined(
        [
            paragraph(
                f"{about_margins(found)} Misclassified rows have margin 0."
                + _CENSORED * any(row.margin.censored for row in found.rows if row.margin)
            ),
            paragraph(_SHARED, class_="note")
            if "interval-censored" in _kinds(found.rows)
            else None,
            groups(blocks),
        ]
    )


def _block(identifier: str, pair: Pair, rows: Sequence[Row], run: StoredRun) -> Markup:
    if not any(row.margin for row in rows):
        return paragraph("No attack could work on these models: there are no margins.")
    return _table(identifier, plain_title(pair, run.results), rows, run)


def _kinds(rows: Sequence[Row]) -> set[str]:
    return {row.margin.kind for row in rows if row.margin}


def _table(identifier: str, words: str, rows: Sequence[Row], run: StoredRun) -> Markup:
    columns: list[Column | str] = [noun(run.results), "how known"]
    columns += [Column(one) for one in ("5 %", "25 %", "median", "75 %", "censored, %")]
    last = {row.strategy: row for row in rows}
    lines = [[name(one), *_quantiles(row.margin)] for one, row in last.items()]
    caption = joined(
        [
            "Quantiles of the margins on ",
            element("bdi", words),
            f", {distance_words(run.results.threat)}; the median with its 95 % interval",
        ]
    )
    return table(identifier, caption, columns, lines)


def _quantiles(margin: Margin | None) -> list[Content | Cell]:
    if margin is None:
        return [NOT_AVAILABLE] * 6
    return [
        _KINDS[margin.kind],
        quantile(margin, "q05"),
        quantile(margin, "q25"),
        distance(margin),
        quantile(margin, "q75"),
        f"{100 * margin.censored:.1f}",
    ]
