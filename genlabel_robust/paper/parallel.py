"""Computing the parts of a table in parallel, with progress."""

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
    """Call ``work`` for each of ``arguments``, started in order; return key -> result.

    ``jobs``: the number of processes, None for one per core. ``on_progress``: called with the key
    of each finished call.
    """
    found: dict[Key, Result] = {}
    for key, result in as_completed(work, arguments, jobs):
        found[key] = result
        if on_progress is not None:
            label = " ".join(key) if isinstance(key, tuple) else str(key)
            on_progress(label, len(found), len(arguments))
    return {key: found[key] for key in arguments}


def largest_first(tasks: Mapping[str, Task]) -> dict[str, Task]:
    """Sort ``tasks`` by size, largest first, so that the longest work starts first."""
    return dict(sorted(tasks.items(), key=lambda item: -item[1].x_train.size))


def rows_of_datasets(
    work: Callable[[Task], list[dict[str, Any]]],
    datasets: Iterable[str],
    jobs: int | None,
    on_progress: OnProgress | None,
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Return the rows that ``work`` returns for all ``datasets``, in their order.

    The second value maps each data set that could not be loaded to the reason.
    """
    tasks, missing = load_tasks(datasets)
    found = each(work, largest_first(tasks), jobs, on_progress)
    return [row for dataset in tasks for row in found[dataset]], missing
