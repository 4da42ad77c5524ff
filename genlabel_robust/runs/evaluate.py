"""Evaluation: execute a plan in parallel, resume it if interrupted, and aggregate."""

import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pandas as pd

from genlabel_robust.core import ConfigurationError, UnfinishedRunError, one_thread
from genlabel_robust.core.admitted import admitting
from genlabel_robust.core.files.large_arrays import of_file
from genlabel_robust.core.files.writing import write_text
from genlabel_robust.core.machine.stopwatch import Stopwatch
from genlabel_robust.core.machine.unused_memory import release_unused
from genlabel_robust.core.parallel import end_processes, on_cluster
from genlabel_robust.models import Model
from genlabel_robust.models.on_device import on_device
from genlabel_robust.runs.assess.attacking import Step
from genlabel_robust.runs.assess.canaries import run_canaries
from genlabel_robust.runs.cells.cell import Cell, CellResult
from genlabel_robust.runs.cells.model_record import ModelRecord
from genlabel_robust.runs.config.keywords import Threat, of_keywords, of_threat
from genlabel_robust.runs.config.named_parts import named_parts, of_admitted
from genlabel_robust.runs.config.run_config import SETTINGS, RunConfig
from genlabel_robust.runs.execute.cell_work import assess_cell
from genlabel_robust.runs.execute.early import begin_imports
from genlabel_robust.runs.execute.schedule import Progress, execute
from genlabel_robust.runs.execute.spread import Spread
from genlabel_robust.runs.execute.transfer import transfer
from genlabel_robust.runs.folder.cell_arrays import large_arrays, with_rows_in_files
from genlabel_robust.runs.folder.cells_left import cells_left
from genlabel_robust.runs.folder.changes.unchanged import Ended
from genlabel_robust.runs.folder.finished_pieces import FinishedPieces, remove_pieces
from genlabel_robust.runs.folder.inputs import save_inputs
from genlabel_robust.runs.folder.manifest import manifest
from genlabel_robust.runs.folder.store import RunFolder
from genlabel_robust.runs.plan.origin import InMemory, Recipes, varies
from genlabel_robust.runs.plan.plan import Plan
from genlabel_robust.runs.plan.recipe_plan import make_plan
from genlabel_robust.runs.plan.workable import refuse_unworkable
from genlabel_robust.runs.results.aggregate import aggregate
from genlabel_robust.runs.results.frame import results_csv, results_frame
from genlabel_robust.runs.results.results import Results
from genlabel_robust.runs.results.subgroups_table import SUBGROUPS, subgroups_csv

#: Errors that end a run although the run itself is sound, besides an interruption.
_PASSING = (UnfinishedRunError, MemoryError, OSError)


@dataclass(frozen=True, eq=False)
class Run:
    """A finished run: its folder, and ``results`` as in ``results.json``, with typed parts."""

    path: Path
    results: Results

    def to_frame(self) -> pd.DataFrame:
        """Return one row per dataset, strategy, architecture and ε, as in ``results.csv``."""
        return results_frame(self.results)

    def adversarial(
        self, dataset: str | None = None, *, every: bool = False, sparse: bool = False
    ) -> pd.DataFrame:
        """Return the rows that misled the models, before and after: see ``adversarial_rows``."""
        from genlabel_robust.runs.folder.frames.adversarial_rows import adversarial_rows
        from genlabel_robust.runs.folder.stored_run import read_run

        return adversarial_rows(
            read_run(self.path), dataset, every=every, sparse=sparse, trust=True
        )


def evaluate(
    config: RunConfig | None = None,
    /,
    *,
    sources: Mapping[str, str] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    threat: Threat | None = None,
    parts: Iterable[Any] = (),
    **settings: Any,
) -> Run:
    """Train models, attack them, and return the finished run.

    Pass ``config``, or its fields as keywords. A single value is allowed instead of a list:
    ``evaluate(datasets="iris", eps=0.1, seeds=2)``. Tables of settings are keywords too:
    ``train={"epochs": 20}``, ``attack={"pgd": {"steps": 100}}``. ``threat``: a threat
    file, or what ``read_threat`` returns; keywords win over it. ``sources``: where each setting
    came from, stored in the manifest. ``on_progress`` is called when a cell ends. If a run was
    stopped, the same call computes only what is missing.

    Strategies, architectures and attacks may come from outside: in a keyword, an entry is a
    name, the name of an entry point, "module:Name", or the object itself. ``parts``: other
    parts to use, and those that ``config`` names. Parts that you do not name are not imported.

    Raises ``UsageError`` for anything that cannot be done, ``UnfinishedRunError`` if
    cells failed.
    """
    beside = [*settings, *([] if threat is None else ["threat"])]
    if config is not None and beside:
        raise ConfigurationError(
            f"evaluate() got both a RunConfig and {', '.join(beside)}; give only one of them, or "
            "use dataclasses.replace(config, ...)"
        )
    plain, named = named_parts({**of_threat(threat), **settings}, parts)
    with admitting(named):
        recipe = config or RunConfig(**of_keywords(plain, SETTINGS, "setting"))
        plan = make_plan(of_admitted(recipe))
        refuse_unworkable(plan)
        progress = on_progress or (lambda progress: None)
        return _carry_out(plan, lambda folder: execute(plan, folder, progress), sources or {})


def evaluate_model(
    model: Model,
    plan: Plan,
    weights: tuple[str, bytes] | None = None,
    *,
    tables: Mapping[str, bytes] | None = None,
    sources: Mapping[str, str] | None = None,
    on_step: Step = lambda done, total, name: None,
) -> Run:
    """Attack ``model`` as the only cell of ``plan``, and return the finished run.

    ``weights``: suffix and content of the model file that the run keeps, None for none.
    ``tables``: the data files that it keeps, by path. ``on_step``: as for ``assess``. A folder
    that contains the run of another model, by the plan's ``origin``, is refused. If the attack
    fails, a new folder is removed; if it is interrupted, finished work is kept, and the same call
    resumes it. A finished run is not computed again; see ``cells_left``. Raises
    ``NotApplicableError`` before it begins if no attack of the plan can work.
    """
    (cell,) = plan.cells
    refuse_unworkable(plan)
    config = plan.config
    release_unused()
    left = cells_left(plan, RunFolder(plan.folder))
    if left and config.jobs is not None and not varies(plan.origin):
        begin_imports(config)
    placed = on_device(model, config.device)

    def assess(folder: RunFolder) -> None:
        kept = FinishedPieces.of(folder.path, cell.key) if _known(plan) else None
        requested = config.jobs is not None or config.cluster is not None
        with one_thread(), large_arrays(folder.path, cell.key) as arrays:
            task = with_rows_in_files(plan.tasks[cell.dataset], arrays)
            result = assess_cell(
                cell,
                task,
                placed,
                on_step=on_step,
                varies=varies(plan.origin),
                carry_out=Spread.of(config, kept, requested=requested),
                new_array=arrays,
            )
            if of_file(task.x_test) is not None:  # with many rows, aggregation needs the memory
                end_processes()
            folder.save_cell(cell.key, cell.about, result, weights)

    def fill(folder: RunFolder) -> None:
        if left:
            assess(folder)
        else:  # the copy may have been damaged
            folder.save_weights(cell.key, weights)
        folder.save_tables(tables or {})
        remove_pieces(folder.path, cell.key)

    return _carry_out(plan, fill, sources or {})


def _folder(plan: Plan, *, known: bool) -> Path:
    """Return the run's folder; an unidentifiable model gets a new one, which is created here."""
    folder = plan.folder
    if known or plan.config.out is not None:
        return folder
    for number in count(1):
        free = folder if number == 1 else folder.with_name(f"{folder.name}-{number}")
        try:
            free.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError:
            break  # opening the folder reports the error
        return free
    return folder


def _carry_out(plan: Plan, fill: Callable[[RunFolder], None], sources: Mapping[str, str]) -> Run:
    """Open the run's folder, ``fill`` it with cells, and aggregate them."""
    known = _known(plan)
    # connect first, so that nothing is written if the cluster cannot be used
    with on_cluster(plan.config.cluster):
        folder = RunFolder(_folder(plan, known=known))
        watch = Stopwatch.start()
        ended = Ended.of(folder.path, [cell.key for cell in plan.cells])
        new = folder.open(manifest(plan, sources, watch.times(ended=False)), resume=known)
        try:
            return _filled(plan, folder, fill, sources, (watch, ended))
        except BaseException as error:
            # keep the folder of a single model only if finished work in it can be resumed
            if new and plan.origin != Recipes() and not _resumable(plan, folder, error):
                shutil.rmtree(folder.path, ignore_errors=True)
            raise


def _known(plan: Plan) -> bool:
    """Say whether the model can be identified: a function in memory has no digest.

    Its run is never resumed for another function.
    """
    match plan.origin:
        case InMemory(record=ModelRecord(sha256=None)):
            return False
    return True


def _resumable(plan: Plan, folder: RunFolder, error: BaseException) -> bool:
    """Say whether the same call can resume ``folder``, whose run ended with ``error``."""
    if isinstance(error, Exception) and not isinstance(error, _PASSING):
        return False
    return _known(plan) and any(
        FinishedPieces.of(folder.path, cell.key).any() for cell in plan.cells
    )


def _filled(
    plan: Plan,
    folder: RunFolder,
    fill: Callable[[RunFolder], None],
    sources: Mapping[str, str],
    clocks: tuple[Stopwatch, Ended],
) -> Run:
    """Fill and aggregate; ``clocks``: of this run, and of the previous one in the folder."""
    watch, ended = clocks
    folder.withdraw_reports()
    canaries = None
    if plan.config.checks != "off":
        canaries = run_canaries(plan.attacks, plan.threat.norm, map(plan.knowledge, plan.cells))
    fill(folder)
    results = [(cell, _loaded(folder, cell)) for cell in plan.cells]
    aggregated = aggregate(plan, results, canaries)
    save_inputs(folder.path, plan.tasks.values())
    folder.write_json("results.json", aggregated)
    if plan.transfers:
        folder.write_json("transfer.json", transfer(plan, results, folder))
    run = Run(folder.path, aggregated)
    write_text(folder.path / "results.csv", results_csv(aggregated))
    _write_subgroups(folder.path, aggregated)
    # a repeated command that computes nothing keeps the run's date
    same = ended.still(folder.path, [cell.key for cell in plan.cells])
    times = ended.times if same else watch.times(ended=True)
    folder.write_json("manifest.json", manifest(plan, sources, times))
    return run


def _write_subgroups(path: Path, results: Results) -> None:
    table = subgroups_csv(results)
    if table is not None:
        write_text(path / SUBGROUPS, table)
    else:  # remove those from when the same run had groups
        (path / SUBGROUPS).unlink(missing_ok=True)


def _loaded(folder: RunFolder, cell: Cell) -> CellResult:
    result = folder.load_cell(cell.key)
    if result is None:
        raise UnfinishedRunError(f"{cell.label}: its files were damaged; repeat the command")
    return result
