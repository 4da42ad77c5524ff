"""Parts of a table at the same time, their progress told."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from genlabel_robust.core.parallel import Argument, Key, Result, as_completed
from genlabel_robust.paper.protocol import OnProgress


def each(
    work: Callable[[Argument], Result],
    arguments: Mapping[Key, Argument],
    jobs: int | None,
    on_progress: OnProgress | None,
) -> dict[Key, Result]:
    """Return the result of ``work`` for each of ``arguments``, which are begun in their order.

    ``jobs``: processes, None for one per core. ``on_progress`` is told their keys.
    """
    found: dict[Key, Result] = {}
    for key, result in as_completed(work, arguments, jobs):
        found[key] = result
        if on_progress is not None:
            label = " ".join(key) if isinstance(key, tuple) else str(key)
            on_progress(label, len(found), len(arguments))
    return {key: found[key] for key in arguments}
