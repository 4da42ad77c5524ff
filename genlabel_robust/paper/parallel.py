"""Parts of a table at the same time, their progress told."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from genlabel_robust.core.parallel import Argument, Key, Result, as_completed
from genlabel_robust.data import Task
from genlabel_robust.paper.protocol import OnProgress, load_tasks


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


def largest_first(tasks: Mapping[str, Task]) -> dict[str, Task]:
    """Return ``tasks`` in the order in which they are begun: what takes longest first."""
    return dict(sorted(tasks.items(), key=lambda item: -item[1].x_train.size))


def rows_of_datasets(
    work: Callable[[Task], list[dict[str, Any]]],
    datasets: Iterable[str],
    jobs: int | None,
    on_progress: OnProgress | None,
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Return the rows that ``work`` makes of each of ``datasets``, in their order.

    And why the others could not be had.
    """
    tasks, missing = load_tasks(datasets)
    found = each(work, largest_first(tasks), jobs, on_progress)
    return [row for dataset in tasks for row in found[dataset]], missing
