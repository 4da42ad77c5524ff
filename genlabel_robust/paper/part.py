"""What a part of the paper is: how it is measured, and how it is told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Part:
    """``run(out, seed, on_progress, ...)`` measures, ``markdown(results)`` tells.

    ``run`` returns JSON values with ``rows``, and writes its figures into ``out``.
    ``rows_are_results``: whether these are rows of a strategy on a data set. ``check``
    takes settings of ``run`` and raises what is wrong with them, before anything is measured.
    """

    run: Callable[..., dict[str, Any]]
    markdown: Callable[[Mapping[str, Any]], str]
    rows_are_results: bool
    check: Callable[..., None] | None = None
