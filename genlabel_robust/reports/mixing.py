"""The report's table of what mixing does to the data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genlabel_robust.reports.wording import NOT_AVAILABLE

_EXPLANATION = (
    "Intrusion: mixed points whose nearest training row is of neither parent's class, where "
    "mixup's label contradicts the data; foreign: points to which GenLabel's density gives a class "
    "of neither parent; KL: mean divergence of mixup's label from GenLabel's, in nats, and the "
    "share of points where it is infinite, which the mean leaves out."
)


def mixing_section(datasets: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the lines of the section, none if no strategy of the run mixes."""
    found = [
        (name, strategy, seen)
        for name, about in datasets.items()
        # results of earlier versions have none
        for strategy, seen in about.get("diagnostics", {}).items()
        if seen is not None
    ]
    if not found:
        return []
    return [
        "## What mixing does to the data",
        "",
        _EXPLANATION,
        "",
        "| data set | strategy | intrusion, % | foreign labels, % | KL, nats | infinite KL, % |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
        *(f"| {' | '.join((name, strategy, *_cells(seen)))} |" for name, strategy, seen in found),
        "",
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
