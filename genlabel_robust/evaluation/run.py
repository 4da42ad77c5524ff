"""Execute a plan: in parallel, resumable, and then aggregate."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genlabel_robust.core.errors import (
    ConfigurationError,
    GenlabelRobustError,
    UnfinishedRunError,
    unknown_name,
)
from genlabel_robust.core.files import write_text
from genlabel_robust.data.task import Task
from genlabel_robust.evaluation.aggregate import aggregate
from genlabel_robust.evaluation.cell import Cell, CellResult
from genlabel_robust.evaluation.config import SETTINGS, RunConfig
from genlabel_robust.evaluation.frame import results_frame
from genlabel_robust.evaluation.manifest import manifest
from genlabel_robust.evaluation.plan import Plan, make_plan
from genlabel_robust.evaluation.store import RunFolder

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Progress:
    """A cell has ended: ``done`` of ``total``, ``label`` names it, ``reused`` says it was there."""

    done: int
    total: int
    label: str
    reused: bool


@dataclass(frozen=True, eq=False)
class Run:
    """A finished run: its folder, and ``results`` as in ``results.json``."""

    path: Path
    results: Mapping[str, Any]

    def to_frame(self) -> pd.DataFrame:
        """Return one row per dataset, strategy, architecture and ε, as in ``results.csv``."""
        return results_frame(self.results)


def evaluate(
    config: RunConfig | None = None,
    /,
    *,
    sources: Mapping[str, str] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    **settings: Any,
) -> Run:
    """Train, attack and aggregate; return the finished run.

    ``config`` or its fields as keywords, single values allowed for the plural ones:
    ``evaluate(datasets="iris", eps=0.1, seeds=2)``. ``sources``: where each setting
    came from, kept in the manifest. ``on_progress`` is called as cells end. A run
    that was stopped goes on where it stopped, if it is given the same settings.

    Raises ``UsageError`` for anything that cannot be done, ``UnfinishedRunError`` if
    cells failed.
    """
    if config is not None and settings:
        raise ConfigurationError(
            f"evaluate() was given a RunConfig and {', '.join(settings)}; give one of both, or "
            "dataclasses.replace(config, ...)"
        )
    config = config or _config(settings)
    plan = make_plan(config)
    folder = RunFolder(Path(config.out or Path("runs") / config.short_hash))
    folder.open(plan.identity)
    folder.withdraw_reports()
    started = time.time()
    folder.write_json("manifest.json", manifest(plan, sources or {}, started, None))
    execute(plan, folder, on_progress or (lambda progress: None))
    results = [(cell, _loaded(folder, cell)) for cell in plan.cells]
    aggregated = aggregate(plan, results)
    folder.write_json("results.json", aggregated)
    run = Run(folder.path, aggregated)
    write_text(folder.path / "results.csv", run.to_frame().to_csv(index=False))
    folder.write_json("manifest.json", manifest(plan, sources or {}, started, time.time()))
    return run


def execute(plan: Plan, folder: RunFolder, on_progress: Callable[[Progress], None]) -> None:
    """Compute the cells that the folder does not hold yet.

    Every cell is tried; then the first mistake of the user's is raised, or an
    ``UnfinishedRunError`` that names the failed cells.
    """
    total, done = len(plan.cells), 0
    open_cells = []
    for cell in plan.cells:
        if folder.holds(cell.key):
            done += 1
            on_progress(Progress(done, total, cell.label, reused=True))
        else:
            open_cells.append(cell)
    # longest first, so that no worker is left with a long cell at the end
    open_cells.sort(key=lambda cell: -_cost(cell, plan.tasks[cell.dataset]))
    failures: list[tuple[Cell, GenlabelRobustError]] = []
    for cell, failure in _compute(plan, folder, open_cells):
        done += 1
        if failure is not None:
            failures.append((cell, failure))
        on_progress(Progress(done, total, cell.label, reused=False))
    if failures:
        failures.sort(key=lambda item: item[0].label)
        worst = [f for _, f in failures if f.exit_code != UnfinishedRunError.exit_code]
        if worst:
            raise worst[0]
        listing = "\n".join(f"{cell.label}: {failure}" for cell, failure in failures)
        raise UnfinishedRunError(f"{len(failures)} of {total} cells failed:\n{listing}")


def _compute(
    plan: Plan, folder: RunFolder, cells: list[Cell]
) -> Iterator[tuple[Cell, GenlabelRobustError | None]]:
    from joblib import Parallel, cpu_count, delayed, parallel_config
    from joblib.externals.loky import get_reusable_executor

    jobs = min(plan.config.jobs or cpu_count(), len(cells))
    if jobs <= 1:
        with single_thread():
            for cell in cells:
                yield cell, _work(cell, plan.tasks[cell.dataset], folder)
        return
    numbered = (
        delayed(_numbered_work)(number, cell, plan.tasks[cell.dataset], folder)
        for number, cell in enumerate(cells)
    )
    try:
        with parallel_config("loky", inner_max_num_threads=1):
            parallel = Parallel(n_jobs=jobs, return_as="generator_unordered", batch_size=1)
            for number, failure in parallel(numbered):
                yield cells[number], failure
    except BaseException:
        get_reusable_executor().shutdown(wait=False, kill_workers=True)
        raise


def _numbered_work(
    number: int, cell: Cell, task: Task, folder: RunFolder
) -> tuple[int, GenlabelRobustError | None]:
    with single_thread():
        return number, _work(cell, task, folder)


def _work(cell: Cell, task: Task, folder: RunFolder) -> GenlabelRobustError | None:
    """Compute and store one cell; return what went wrong, so that the others go on."""
    from genlabel_robust.evaluation.execute import run_cell

    try:
        result, model = run_cell(cell, task)
        about = {
            "dataset": cell.dataset,
            "strategy": cell.strategy,
            "architecture": cell.architecture,
            "seed": cell.seed,
            "settings": {k: dict(v) for k, v in cell.settings.items()},
        }
        folder.save_cell(cell.key, about, result, model)
    except GenlabelRobustError as error:
        return type(error)(f"{cell.label}: {error}")
    except OSError as error:
        return UnfinishedRunError(f"cannot be written: {error}")
    except Exception:
        # one broken cell must not lose the others
        return UnfinishedRunError(traceback.format_exc())
    return None


@contextmanager
def single_thread() -> Iterator[None]:
    """Give torch and BLAS one thread each: results do not depend on the number of cores."""
    import torch
    from threadpoolctl import threadpool_limits

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1):
            yield
    finally:
        torch.set_num_threads(threads)


def _loaded(folder: RunFolder, cell: Cell) -> CellResult:
    result = folder.load_cell(cell.key)
    if result is None:
        raise UnfinishedRunError(
            f"{cell.label}: its files were damaged; run the same command again"
        )
    return result


def _cost(cell: Cell, task: Task) -> float:
    searched = cell.strategy == "genlabel-cv" or bool(cell.settings["train"].get("tune"))
    return task.x_train.size * (50.0 if searched else 1.0)


def _config(settings: Mapping[str, Any]) -> RunConfig:
    for name in settings:
        if name not in SETTINGS:
            raise unknown_name("setting", name, SETTINGS)
    return RunConfig(**settings)
