"""Print the overhead of a cell, and the time of 5,000 cells on many cores.

    python benchmarks/scale.py --out FOLDER

 * 100 to 5,000 cells that do nothing: a strategy that needs hidden layers, on a model that has
   none. Everything else is as in any run: the plan, keys, sending tasks to a process and back,
   writing and reading files, and results. Costs are CPU time of the driver and its two workers.
 * Real cells of the default run, whose own work is measured in one process.
 * An estimate from both for 5,000 such cells on 2, 64 and 256 cores: the cells' own work divided
   by the number of cores, and the serial work of the driver. The longer of the two counts, plus
   the plan before and the results after.

It takes a few minutes.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from genlabel_robust.core.files.writing import json_text, write_text
from genlabel_robust.core.parallel.pool import end_imports
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.execute.schedule import execute
from genlabel_robust.runs.folder.manifest import manifest
from genlabel_robust.runs.folder.store import RunFolder
from genlabel_robust.runs.plan.recipe_plan import make_plan
from genlabel_robust.runs.results.aggregate import aggregate

COUNTS = (100, 300, 1000, 3000, 5000)
CORES = (2, 64, 256)
WORKERS = 2
#: The default run with fewer trainings.
REAL = RunConfig(seeds=2, jobs=1)


@dataclass(frozen=True)
class Cost:
    """The CPU seconds of a run of ``cells``.

    ``before``: making the plan. ``driver``, ``workers``: of each while cells are computed.
    ``after``: reading the cells and computing the results.
    """

    cells: int
    before: float
    driver: float
    workers: float
    after: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print; with ``--out``, also write ``scale.json`` there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path)
    parser.add_argument("--counts", type=int, nargs="+", default=COUNTS)
    options = parser.parse_args(arguments)
    costs = [nothing(count) for count in options.counts]
    print("cells   plan   driver per cell   workers per cell   results   (processor seconds)")
    for cost in costs:
        print(
            f"{cost.cells:5d} {cost.before:6.2f} {cost.driver / cost.cells:17.4f} "
            f"{cost.workers / cost.cells:18.4f} {cost.after:9.2f}"
        )
    own = real_cell()
    print(f"a cell of the default run: {own:.2f} s of its own work")
    forecast = {cores: seconds(costs[0], costs[-1], own, cores) for cores in CORES}
    for cores, needed in forecast.items():
        print(f"5,000 real cells on {cores:3d} cores: {needed / 60:.1f} minutes")
    if options.out is not None:
        found = {"costs": [vars(cost) for cost in costs], "real_cell_seconds": own}
        write_text(options.out / "scale.json", json_text(found | {"forecast_seconds": forecast}))


def nothing(cells: int) -> Cost:
    """Return the cost of ``cells`` that do nothing, with two worker processes."""
    groups = -(-cells // 1000)
    config = RunConfig(
        datasets=("iris", "wine", "breast-cancer", "gaussian-9", "cube-3d")[:groups],
        strategies=("genlabel-gm-latent",),
        architectures=("logistic",),
        seeds=cells // groups,
        checks="off",
        jobs=WORKERS,
    )
    return run(config)


def run(config: RunConfig) -> Cost:
    """Return the costs of the parts of a run."""
    with tempfile.TemporaryDirectory() as place:
        start = used()
        plan = make_plan(config)
        keys = {cell.key for cell in plan.cells}
        planned = used()
        folder = RunFolder(Path(place) / "run")
        folder.open(manifest(plan, {}))
        execute(plan, folder, lambda progress: None)
        end_imports()
        executed = used()
        results = [(cell, folder.load_cell(cell.key)) for cell in plan.cells]
        aggregate(plan, [(cell, result) for cell, result in results if result is not None], None)
        ended = used()
    return Cost(
        len(keys),
        planned[0] - start[0],
        executed[0] - planned[0],
        executed[1] - planned[1],
        ended[0] - executed[0],
    )


def real_cell() -> float:
    """Return the mean CPU seconds of a cell's own work, over 48 cells on three data sets."""
    run(replace(REAL, datasets=("iris",), seeds=1, strategies=("vanilla",)))  # imports
    cost = run(REAL)
    return cost.driver / cost.cells


def seconds(least: Cost, most: Cost, own: float, cores: int, cells: int = 5000) -> float:
    """Estimate the time of ``cells`` that take ``own`` seconds each, on ``cores``, with one driver.

    The overhead per cell is the slope between the costs of few and of many cells, so that starting
    the workers does not count.
    """

    def grown(part: Literal["before", "driver", "workers", "after"]) -> float:
        return float(getattr(most, part) - getattr(least, part)) / (most.cells - least.cells)

    start = (least.workers - grown("workers") * least.cells) / WORKERS
    shared = start + cells * (own + grown("workers")) / cores
    alone = cells * (grown("before") + grown("after"))
    return alone + max(shared, cells * grown("driver"))


def used() -> tuple[float, float]:
    """Return the CPU seconds of this process, and of its finished child processes."""
    own, ended = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime, ended.ru_utime + ended.ru_stime


if __name__ == "__main__":
    main()
