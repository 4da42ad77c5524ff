"""The schedule that computes the open cells of a plan in parallel and keeps finished ones."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from genlabel_robust.core import GenlabelRobustError, UnfinishedRunError, one_thread, plural
from genlabel_robust.core.parallel import as_completed_with
from genlabel_robust.core.unforeseen import one_line, with_traceback
from genlabel_robust.data import Task
from genlabel_robust.runs.assess.pieces.piece import CarryOut, in_turn
from genlabel_robust.runs.cells.cell import Cell
from genlabel_robust.runs.execute.early import begin_imports
from genlabel_robust.runs.execute.spread import Spread
from genlabel_robust.runs.folder.cell_files import cell_files
from genlabel_robust.runs.folder.finished_pieces import FinishedPieces, remove_pieces
from genlabel_robust.runs.folder.store import RunFolder
from genlabel_robust.runs.plan.plan import Plan
from genlabel_robust.strategies import STRATEGIES


@dataclass(frozen=True)
class Progress:
    """The end of a cell: ``done`` of ``total``, its ``label``, and whether it was ``reused``.

    ``share``: the completed share of the work on new cells, by estimated cost.
    """

    done: int
    total: int
    label: str
    reused: bool
    share: float = 0.0


def execute(
    plan: Plan,
    folder: RunFolder,
    on_progress: Callable[[Progress], None],
    cells: Sequence[Cell] | None = None,
) -> None:
    """Compute the ``cells`` that the folder does not contain yet, by default all of the plan.

    Several cells are computed in parallel, one process each. The rows of a single cell are divided
    instead, and finished pieces are kept as in an audit. A cell that another process finishes
    meanwhile is reused.

    Every cell is tried; then the first error of the user's is raised, or an
    ``UnfinishedRunError`` that names the failed cells.
    """
    cells = plan.cells if cells is None else cells
    total, done = len(cells), 0
    open_cells = []
    for cell in cells:
        if folder.holds(cell.key):
            done += 1
            on_progress(Progress(done, total, cell.label, reused=True))
        else:
            open_cells.append(cell)
    # longest first, so that no worker is left with a long cell at the end
    open_cells.sort(key=lambda cell: -_cost(cell, plan.tasks[cell.dataset]))
    failures: list[tuple[Cell, GenlabelRobustError]] = []
    whole, worked = sum(_cost(cell, plan.tasks[cell.dataset]) for cell in open_cells), 0.0
    for cell, failure in _compute(plan, folder, open_cells):
        done += 1
        worked += _cost(cell, plan.tasks[cell.dataset])
        if failure is not None:
            failures.append((cell, failure))
        on_progress(Progress(done, total, cell.label, reused=False, share=worked / whole))
    if failures:
        failures.sort(key=lambda item: item[0].label)
        worst = [f for _, f in failures if f.exit_code != UnfinishedRunError.exit_code]
        if worst:
            raise worst[0]
        raise _unfinished(failures, total)


def _unfinished(
    failures: Sequence[tuple[Cell, GenlabelRobustError]], total: int
) -> UnfinishedRunError:
    """Return the error for failed cells; equal failures are listed once."""
    by_reason: dict[str, list[tuple[Cell, GenlabelRobustError]]] = {}
    for cell, failure in failures:
        by_reason.setdefault(str(failure), []).append((cell, failure))
    listed = []
    for reason, alike in by_reason.items():
        others = f" and {plural(len(alike) - 1, 'other')}" if len(alike) > 1 else ""
        listed.append(f"{alike[0][0].label}{others}: {reason}")
    error = UnfinishedRunError(f"{len(failures)} of {total} cells failed: {'; '.join(listed)}")
    for note in (note for _, one in failures for note in getattr(one, "__notes__", ())):
        error.add_note(note)
    return error


def _compute(
    plan: Plan, folder: RunFolder, cells: list[Cell]
) -> Iterator[tuple[Cell, GenlabelRobustError | None]]:
    if not cells:
        return
    # on a cluster a worker does it, because this host may not be meant for work
    if len(cells) == 1 and plan.config.cluster is None:
        yield cells[0], _alone(plan, folder, cells[0])
        return
    numbered = dict(enumerate(cells))
    tasks = {number: plan.tasks[cell.dataset] for number, cell in numbered.items()}
    met: list[Cell] = []

    def wanted(number: int) -> bool:
        finished = folder.holds(cells[number].key)
        if finished:
            met.append(cells[number])
        return not finished

    begin_imports(plan.config)
    for number, made in as_completed_with(_work, numbered, tasks, plan.config.jobs, wanted):
        yield cells[number], _written(folder, cells[number], made)
    yield from ((cell, None) for cell in met)


def _alone(plan: Plan, folder: RunFolder, cell: Cell) -> GenlabelRobustError | None:
    """Compute the only open cell, with its rows in several processes; return its error, if any."""
    spread = Spread.of(plan.config, FinishedPieces.of(folder.path, cell.key))
    with one_thread():
        made = _work(cell, plan.tasks[cell.dataset], spread)
    return _written(folder, cell, made)


def _work(
    cell: Cell, task: Task, carry_out: CarryOut = in_turn
) -> dict[str, bytes] | GenlabelRobustError:
    """Compute one cell; return its files, or its error, so that other cells continue.

    Writes nothing, because this may be another host with its own disks.
    """
    from genlabel_robust.runs.execute.cell_work import run_cell
    from genlabel_robust.runs.folder.weights import weights_file

    try:
        result, model = run_cell(cell, task, carry_out)
        weights = None if model is None else weights_file(model, cell.about)
        return cell_files(cell.key, cell.about, result, weights)
    except GenlabelRobustError as error:
        return type(error)(f"{cell.label}: {error}")
    except Exception as error:
        # a broken cell must not lose the others
        failed = UnfinishedRunError(one_line(error))
        with_traceback(failed, error)
        return failed


def _written(
    folder: RunFolder, cell: Cell, made: dict[str, bytes] | GenlabelRobustError
) -> GenlabelRobustError | None:
    """Write the files of a cell; return its error, if any."""
    if isinstance(made, GenlabelRobustError):
        return made
    try:
        folder.write_cell(made)
        remove_pieces(folder.path, cell.key)
    except OSError as error:
        return UnfinishedRunError(f"cannot be written: {error}")
    except GenlabelRobustError as error:
        return error
    return None


def _cost(cell: Cell, task: Task) -> float:
    searched = bool(cell.settings["train"].get("tune"))
    if cell.strategy in STRATEGIES:  # not that of an audited model
        searched |= STRATEGIES.load(cell.strategy).searched
    if not searched:
        return float(task.x_train.size)
    return task.x_train.size * (15.0 if "search" in cell.settings else 50.0)
