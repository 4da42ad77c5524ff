"""The terminal's output on single features: a bar for each, or a line for each model."""

from collections.abc import Iterator, Sequence

from rich.table import Table
from rich.text import Text

from genlabel_robust.core import plain, plural
from genlabel_robust.reports.tables.few_features import few_features_of_models
from genlabel_robust.reports.text.bar import Line
from genlabel_robust.reports.text.terminal_tables import compact
from genlabel_robust.reports.words.few_features import distinct, known, size, way
from genlabel_robust.runs.results.few_features import FewFeaturesRow
from genlabel_robust.runs.results.row import Row

#: The maximum number of features to show.
_MOST = 8
#: The maximum length of a name, and of a name and the last column together, so that the table fits
#: into 80 columns.
_LONGEST, _WIDTH = 20, 43


def few_features_parts(rows: Sequence[Row]) -> Iterator[Table | Text]:
    """Yield the output on single features for the models of ``rows``; nothing for older runs."""
    chosen = [*distinct(rows)]
    if not chosen:
        return
    yield Text()
    if len(chosen) > 1:
        title = "answers that one feature alone breaks; features needed (median)"
        yield compact(few_features_of_models([row for row, _ in chosen]), title)
        return
    ((row, sentences),) = chosen
    first, *others = sentences
    yield Text(first, style="bold")
    if row.few_features is not None:
        yield from _bars(row.few_features)
    yield from (Text(said) for said in others)


def _bars(found: FewFeaturesRow) -> Iterator[Table | Text]:
    ranked = [one for one in found.ranked if one.broken or one.moved][:_MOST]
    if not ranked:
        return
    drawn = Table(box=None, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    longest = min(_LONGEST, max(len(plain(one.name)) for one in ranked))
    drawn.add_column("\nfeature", no_wrap=True, max_width=_LONGEST)
    drawn.add_column("")
    for title in ("breaks\nalone", "median\nchange", "examples\nneed it"):
        drawn.add_column(title, justify="right", no_wrap=True)
    drawn.add_column("", max_width=_WIDTH - longest)
    for one in ranked:
        drawn.add_row(
            Text(plain(one.name)),
            Line(one.broken / max(found.correct, 1)),
            str(one.broken),
            size(one.median),
            str(one.moved),
            Text("; ".join([*([way(one)] if one.toward else []), known(one)])),
        )
    yield drawn
    left = len(found.columns) - len(ranked)
    if left:
        yield Text(f"{plural(left, 'other feature')} in the report", style="dim")
