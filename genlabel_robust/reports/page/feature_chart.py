"""The chart of single features: a bar for what each breaks alone, a mark for where it is needed."""

from collections.abc import Sequence

from genlabel_robust.reports.page import svg
from genlabel_robust.reports.page.charts import WIDTH
from genlabel_robust.runs.results.few_features import SingleColumn


def feature_chart(title: str, columns: Sequence[SingleColumn], correct: int) -> svg.Drawing:
    """Return two bars for each of ``columns``, of ``correct`` answers.

    Above, filled: what it breaks alone, with what is not known in light; below: the answers in
    whose sparsest example it is changed. Beside them their counts, and "exact" or "found".
    """
    height = 44 + 34 * len(columns)
    most = max([1, *(max(one.broken, one.moved) for one in columns)])
    frame = svg.Frame(180, WIDTH - 150, 34, height, 0.0, float(most))
    ticks = [tick for tick in svg.nice_ticks(0.0, float(most)) if tick == int(tick)]
    words = [f"{tick:.0f}" for tick in ticks]
    body = svg.value_axis(frame, ticks, words, f"answers, of {correct} that are right")
    key = svg.Frame(180, 194, 0, 0, 0.0, 1.0)
    body += [
        svg.bar(key, 8, 10, 0.0, 1.0, "p"),
        svg.text(200, 18, "broken by it alone", "b"),
        svg.mark(354, 13, 1),
        svg.text(366, 18, "changed in the sparsest example", "b"),
    ]
    for row, one in enumerate(columns):
        y = 40 + 34 * row
        body.append(svg.label(170, y + 17, one.name, 22))
        body.append(svg.bar(frame, y, 12, 0.0, float(one.broken), "p"))
        unknown = min(float(one.broken + one.open), float(most))
        body.append(svg.bar(frame, y, 12, float(one.broken), unknown, "q"))
        told = "exact" if one.exact else f"found, {one.open} open"
        body.append(svg.text(WIDTH - 142, y + 11, f"{one.broken} ({told})", "b"))
        middle = y + 21
        body.append(svg.line(frame.x(0), middle, frame.x(one.moved), middle, "w s1"))
        body.append(svg.mark(frame.x(one.moved), middle, 1))
        body.append(svg.text(WIDTH - 142, y + 26, f"{one.moved} sparsest", "t"))
    said = (
        f"{len(columns)} features; filled bars are answers that it breaks alone, light ones are "
        "not known, lines with a mark those in whose sparsest example it is changed."
    )
    return svg.Drawing(title, said, WIDTH, height + 44, tuple(body))
