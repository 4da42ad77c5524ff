"""The part of ``report.md`` on single features."""

from collections.abc import Iterator, Sequence

from genlabel_robust.reports.tables.few_features import few_features_of_models, few_features_table
from genlabel_robust.reports.text.markdown_tables import answer_lines, table_lines
from genlabel_robust.reports.words.few_features import EXPLANATION, distinct
from genlabel_robust.runs.results.row import Row


def few_features_lines(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the sentences and the table on single features; nothing for older results."""
    chosen = [*distinct(rows)]
    if not chosen:
        return
    yield from answer_lines("Single features and few features:", chosen)
    if len(chosen) > 1:
        yield from table_lines(few_features_of_models([row for row, _ in chosen]))
    else:
        yield from (
            line
            for row, _ in chosen
            if row.few_features is not None
            for line in table_lines(few_features_table(row.few_features))
        )
    yield EXPLANATION
    yield ""
