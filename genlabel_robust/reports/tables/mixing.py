"""The table on the effect of mixing on the data."""

from collections.abc import Mapping

from genlabel_robust.reports.tables.table import Cell, Column, Table
from genlabel_robust.reports.words.wording import NOT_AVAILABLE
from genlabel_robust.runs.results.results import Results
from genlabel_robust.strategies.diagnostics import Diagnostics

EXPLANATION = (
    "Each mixed point lies between two training rows, its parents. Intrusion: the share of mixed "
    "points whose nearest training row has the class of neither parent, so that mixup's label "
    "contradicts the data. Foreign labels: the share to which GenLabel's density gives the class "
    "of neither parent. KL: how far mixup's label is from GenLabel's, as a mean divergence in "
    "nats; points where it is infinite are counted beside it and are not in the mean."
)
COLUMNS = (
    "data set",
    "strategy",
    "intrusion, %",
    "foreign labels, %",
    "KL, nats",
    "infinite KL, %",
)


def mixing_table(results: Results) -> Table:
    """Return a row for each data set and strategy that mixes, in the order of the run."""
    # in the order of the run, as mappings from a file are sorted
    rows = [
        (dataset, strategy, *_cells(seen))
        for dataset, strategy in dict.fromkeys((r.dataset, r.strategy) for r in results.rows)
        if (seen := results.datasets[dataset].diagnostics.get(strategy)) is not None
    ]
    return Table(
        tuple(Column(title, "name" if i < 2 else "number") for i, title in enumerate(COLUMNS)),
        tuple(tuple(map(Cell, row)) for row in rows),
    )


def left_out(results: Results) -> str | None:
    """Return a sentence on why strategies have no row in the table, or None if all have one."""
    names = list(dict.fromkeys(row.strategy for row in results.rows))
    mixing = {name for about in results.datasets.values() for name in _mixing(about.diagnostics)}
    others = [name for name in names if name not in mixing]
    if not others:
        return None
    return (
        f"Not in the table: {', '.join(others)}. It is about strategies that mix two rows by one "
        "λ ~ Beta(α, α), as mixup and GenLabel do."
    )


def _mixing(diagnostics: Mapping[str, Diagnostics | None]) -> list[str]:
    return [name for name, seen in diagnostics.items() if seen is not None]


def _cells(seen: Diagnostics) -> tuple[str, ...]:
    nats = seen.kl_divergence
    return (
        _percent(seen.intrusion_rate),
        _percent(seen.foreign_label_rate),
        NOT_AVAILABLE if nats is None else f"{nats:.3g}",
        _percent(seen.infinite_kl_rate),
    )


def _percent(share: float | None) -> str:
    return NOT_AVAILABLE if share is None else f"{100 * share:.1f}"
