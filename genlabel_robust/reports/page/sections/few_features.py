"""Which single features break predictions, and how few features suffice."""

from collections.abc import Iterator, Sequence

from genlabel_robust.core import plural
from genlabel_robust.reports.page import svg
from genlabel_robust.reports.page.charts import LEFT, RIGHT, WIDTH
from genlabel_robust.reports.page.markup import Content, Markup, joined, name, plain_name
from genlabel_robust.reports.page.parts import bullets, details, figure, paragraph, whole_table
from genlabel_robust.reports.page.view import ends, pairs, plain_title, strategies, title
from genlabel_robust.reports.tables.few_features import (
    few_features_of_models,
    few_features_table,
)
from genlabel_robust.reports.words.few_features import EXPLANATION, answers
from genlabel_robust.runs.folder.stored_run import StoredRun
from genlabel_robust.runs.results.few_features import SingleColumn
from genlabel_robust.runs.results.results import Results
from genlabel_robust.runs.results.row import Row

#: The maximum number of features in the chart; the table has all.
_DRAWN = 20


def few_features(run: StoredRun) -> Markup | None:
    """Return sentences, a bar for each feature, and a table per model; None for older runs."""
    found = run.results
    last = ends(found)[-1]
    rows = [row for row in found.rows if row.eps == last and answers(row)]
    if not rows:
        return None
    blocks = [*_blocks(found, rows)]
    body = [content for _, content in blocks]
    if len(blocks) > 1:
        tables = [_overview(found, f"few-{i}", *pair) for i, pair in enumerate(pairs(rows).items())]
        body = [*tables, *(details(heading, content) for heading, content in blocks)]
    return joined([*body, paragraph(EXPLANATION)])


def _overview(found: Results, identifier: str, pair: tuple[str, str], rows: list[Row]) -> Markup:
    words = f"{plain_title(pair, found)} at ε = {rows[0].eps:g}"
    caption = (
        f"What one feature alone breaks on {words}, in percent of the right answers, and the "
        "fewest features that were found to suffice, in the median"
    )
    return whole_table(identifier, caption, few_features_of_models(rows))


def _blocks(found: Results, rows: Sequence[Row]) -> Iterator[tuple[Content, Markup]]:
    """Yield a heading and content for each model, by data set."""
    number = 0
    for pair, members in pairs(rows).items():
        several = len(strategies(members)) > 1
        for row in members:
            heading = joined([title(pair, found), ", " if several else None])
            heading = joined([heading, name(row.strategy) if several else None])
            words = plain_title(pair, found)
            words += f", {plain_name(row.strategy)}" if several else ""
            budgets = [one for one in found.rows if one.group == row.group and answers(one)]
            yield heading, _block(f"few-features-{number}", words, row, budgets)
            number += 1


def _block(identifier: str, words: str, row: Row, budgets: Sequence[Row]) -> Markup:
    """Return the content for one model: a chart at the largest ε, and sentences for each ε."""
    few = row.few_features
    if few is None:
        return joined([])
    sentences = answers(row)
    smaller = [f"At ε = {one.eps:g}: {answers(one)[0]}" for one in budgets if one.eps < row.eps]
    heading = f"Single features of {words} at ε = {row.eps:g}"
    ranked = [one for one in few.ranked if one.broken or one.moved or one.open]
    behind = whole_table(identifier, heading, few_features_table(few))
    head = joined([paragraph(sentences[0], class_="answer"), bullets([*sentences[1:], *smaller])])
    if not ranked:
        return joined([head, behind])
    caption = (
        f"{heading}. Bars: answers that a change of the feature alone breaks. Lines: answers whose "
        "sparsest adversarial example changes the feature."
    )
    if len(ranked) > _DRAWN:
        caption += f" {plural(len(ranked) - _DRAWN, 'other feature')} in the table."
    drawn = feature_chart(heading, ranked[:_DRAWN], few.correct)
    return joined([head, figure(f"{identifier}-figure", drawn, caption, behind)])


def feature_chart(title: str, columns: Sequence[SingleColumn], correct: int) -> svg.Drawing:
    """Draw two bars for each of ``columns``, out of ``correct`` predictions.

    The upper bar shows the predictions that the feature breaks alone, with unknown ones in a light
    colour. The lower bar shows the predictions whose sparsest example changes the feature. The
    counts are next to the bars, with "exact" or "found".
    """
    alone = [
        ("broken by it alone", "p", any(one.broken for one in columns)),
        ("not known", "q", any(one.open for one in columns)),
    ]
    key, below = svg.key(LEFT, 16, RIGHT, [(words, cls) for words, cls, occurs in alone if occurs])
    sparsest = any(one.moved for one in columns)
    if sparsest:
        marks, below = svg.legend(LEFT, below + 2, RIGHT, {1: "changed in the sparsest example"})
        key += marks
    pitch = 52 if sparsest else 40
    top = below + 4
    height = top + pitch * len(columns)
    most = max([1, *(max(one.broken, one.moved) for one in columns)])
    frame = svg.Frame(LEFT, RIGHT - 46, top, height, 0.0, float(most))
    ticks = [tick for tick in svg.nice_ticks(0.0, float(most)) if tick == int(tick)]
    words = [f"{tick:.0f}" for tick in ticks]
    body = [*svg.value_axis(frame, ticks, words, f"answers, of {correct} that are right"), *key]
    for row, one in enumerate(columns):
        y = top + pitch * row
        how = "exact" if one.exact else f"{one.open} not known"
        body.append(svg.label(LEFT + 4, y + 16, one.name, 20, "b", f": {one.broken} alone, {how}"))
        body.append(svg.bar(frame, y + 22, 12, 0.0, float(one.broken), "p"))
        unknown = min(float(one.broken + one.open), float(most))
        body.append(svg.bar(frame, y + 22, 12, float(one.broken), unknown, "q"))
        if one.moved:
            middle = y + 42
            body.append(svg.line(frame.x(0), middle, frame.x(one.moved), middle, "w s1"))
            body.append(svg.mark(frame.x(one.moved), middle, 1))
            body.append(svg.text(float(frame.x(one.moved)) + 10, middle + 4, str(one.moved), "t"))
    said = (
        f"{len(columns)} features; filled bars are answers that it breaks alone, light ones are "
        "not known, lines with a mark those in whose sparsest example it is changed."
    )
    return svg.Drawing(title, said, WIDTH, height + 44, tuple(body))
