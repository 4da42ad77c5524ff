"""Concerns about the data, for every place that shows results: what comes first, and what beside.

A notice says what was done; a concern says what the figures may mean instead.
"""

from collections.abc import Iterator

from genlabel_robust.runs.results.results import Results

#: The kinds that make every figure wrong: they are read before any.
_FIRST = ("class_order",)


def told_first(results: Results) -> list[str]:
    """Return what must be read before the figures."""
    return [text for kind, text in _concerns(results) if kind in _FIRST]


def told_beside(results: Results) -> list[str]:
    """Return what must be read with the figures."""
    return [text for kind, text in _concerns(results) if kind not in _FIRST]


def _concerns(results: Results) -> Iterator[tuple[str, str]]:
    several = len(results.datasets) > 1
    for name, about in results.datasets.items():
        for concern in about.concerns:
            yield concern.kind, f"{name}: {concern.text}" if several else concern.text
