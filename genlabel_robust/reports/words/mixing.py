"""What mixing does to the data, in the words and cells of every report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genlabel_robust.reports.words.wording import NOT_AVAILABLE

EXPLANATION = (
    "Intrusion: mixed points whose nearest training row is of neither parent's class, where "
    "mixup's label contradicts the data; foreign: points to which GenLabel's density gives a class "
    "of neither parent; KL: mean divergence of mixup's label from GenLabel's, in nats, and the "
    "share of points where it is infinite, which the mean leaves out."
)
COLUMNS = (
    "data set",
    "strategy",
    "intrusion, %",
    "foreign labels, %",
    "KL, nats",
    "infinite KL, %",
)


def mixing_section(datasets: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the lines of the section in Markdown, none if no strategy of the run mixes."""
    found = mixing_rows(datasets)
    if not found:
        return []
    return [
        "## What mixing does to the data",
        "",
        EXPLANATION,
        "",
        f"| {' | '.join(COLUMNS)} |",
        f"| --- | --- |{' ---: |' * (len(COLUMNS) - 2)}",
        *(f"| {' | '.join(row)} |" for row in found),
        "",
    ]


def mixing_rows(datasets: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """Return ``COLUMNS`` for each data set and strategy that mixes."""
    return [
        (dataset, strategy, *_cells(seen))
        for dataset, about in datasets.items()
        # results of earlier versions have none
        for strategy, seen in about.get("diagnostics", {}).items()
        if seen is not None
    ]


def _cells(seen: Mapping[str, Any]) -> tuple[str, ...]:
    nats = seen["kl_divergence"]
    return (
        _percent(seen["intrusion_rate"]),
        _percent(seen["foreign_label_rate"]),
        NOT_AVAILABLE if nats is None else f"{nats:.3g}",
        _percent(seen["infinite_kl_rate"]),
    )


def _percent(share: float | None) -> str:
    return NOT_AVAILABLE if share is None else f"{100 * share:.1f}"
