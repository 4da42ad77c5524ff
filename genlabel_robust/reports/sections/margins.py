"""Distances to the decision boundary, as survival curves with censoring marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from genlabel_robust.evaluation.reading import StoredRun
from genlabel_robust.reports.charts import survival_chart
from genlabel_robust.reports.given import noun
from genlabel_robust.reports.markup import Content, Markup, element, joined, name
from genlabel_robust.reports.parts import Column, figure, groups, paragraph, table
from genlabel_robust.reports.view import Pair, Row, pairs, plain_title, strategies, title
from genlabel_robust.reports.wording import distance, median_margin

#: How margins were found, in words.
_KINDS = {"attack": "by attacks", "exact": "exact"}


def margins(run: StoredRun) -> Markup:
    """Return a survival curve and quantiles for each data set and architecture."""
    found = run.results
    blocks: list[tuple[Content, Markup]] = [
        (title(pair, found), _block(f"margins-{index}", pair, rows, run))
        for index, (pair, rows) in enumerate(pairs(found).items())
    ]
    return joined([
        paragraph(
            "The margin of an example is its distance to the decision boundary: exact where "
            "it is known for every row, otherwise the nearest adversarial example found, an upper "
            "bound. Rows that "
            "are misclassified untouched have margin 0. Rows that no attack broke are censored: "
            "their margin is known to lie beyond what was tried, and a quantile among them has no "
            "value."
        ),
        groups(blocks),
    ])  # fmt: skip


def _block(identifier: str, pair: Pair, rows: Sequence[Row], run: StoredRun) -> Markup:
    found = run.results
    series = []
    for strategy in strategies(rows):
        panel = run.panels.get((*pair, strategy))
        distances = None if panel is None else panel.margins
        # those without margins keep their colour for themselves
        series.append((strategy, np.zeros(0) if distances is None else distances.ravel()))
    if not any(len(shown) for _, shown in series):
        return paragraph("No attack could work on these models: there are no margins.")
    words = plain_title(pair, found)
    heading = f"Margins on {words}"
    drawn = survival_chart(f"{identifier}-figure", heading, found["threat"]["eps"], series)
    over = "" if "model" in found else ", over all seeds"
    caption = (
        f"Share of examples whose margin exceeds a distance{over}. Dashed lines: ε. "
        "Hollow marks at the right edge: some examples were never broken (censored)."
    )
    return figure(heading, drawn, caption, _table(identifier, words, rows, noun(found)))


def _table(identifier: str, words: str, rows: Sequence[Row], word: str) -> Markup:
    columns: list[Column | str] = [word, "found"]
    columns += [
        Column(one, number=True) for one in ("5 %", "25 %", "median", "75 %", "censored, %")
    ]
    last = {row["strategy"]: row for row in rows}
    lines = [[name(one), *_quantiles(row["margin"])] for one, row in last.items()]
    caption = joined([
        "Quantiles of the margins on ", element("bdi", words),
        ", in the unit of ε; the median with its 95 % interval",
    ])  # fmt: skip
    return table(identifier, caption, columns, lines)


def _quantiles(margin: Mapping[str, Any] | None) -> list[Content]:
    if margin is None:
        return ["n/a"] * 6
    value, between = median_margin(margin)
    return [
        _KINDS.get(margin["kind"], margin["kind"]),
        distance(margin["q05"]), distance(margin["q25"]),
        joined([value, " ", element("small", between)]), distance(margin["q75"]),
        f"{100 * margin['censored']:.1f}",
    ]  # fmt: skip
