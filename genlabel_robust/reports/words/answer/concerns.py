"""Concerns about the data, for every report: those before the figures, and those next to them.

A notice states what was done; a concern states what the figures may really mean.
"""

from collections.abc import Iterator

from genlabel_robust.runs.results.results import Results

#: Kinds of concerns that would make every figure wrong, and so come first.
_FIRST = ("class_order",)


def first_concerns(results: Results) -> list[str]:
    """Return the concerns that must be read before the figures."""
    return [text for kind, text in _concerns(results) if kind in _FIRST]


def other_concerns(results: Results) -> list[str]:
    """Return the concerns that must be read together with the figures."""
    return [text for kind, text in _concerns(results) if kind not in _FIRST]


def _concerns(results: Results) -> Iterator[tuple[str, str]]:
    several = len(results.datasets) > 1
    for name, about in results.datasets.items():
        for concern in about.concerns:
            yield concern.kind, f"{name}: {concern.text}" if several else concern.text
