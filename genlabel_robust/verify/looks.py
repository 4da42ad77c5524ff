"""The checks of the stored cells, in this process or in several."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from genlabel_robust.certify.exact import exact_margins
from genlabel_robust.core import FloatArray, NotApplicableError, one_thread
from genlabel_robust.core.parallel import as_completed_with
from genlabel_robust.core.parallel.packing import pickled
from genlabel_robust.data import Task
from genlabel_robust.models import Model
from genlabel_robust.models.structures.checked import checked_structure
from genlabel_robust.models.structures.quick_model import quick_model
from genlabel_robust.runs.cells.cell import Cell, CellResult
from genlabel_robust.runs.execute.train import train_model
from genlabel_robust.runs.plan.origin import Recipes, varies
from genlabel_robust.runs.plan.plan import Plan
from genlabel_robust.structure import NoStructure, Structure
from genlabel_robust.threat import AttackSpace, attack_space
from genlabel_robust.verify.cell_files import check_about, check_rows, read_weights
from genlabel_robust.verify.finding import Finding
from genlabel_robust.verify.proofs.certificates import check_certificates
from genlabel_robust.verify.proofs.confirm import Confirmed, confirm_some
from genlabel_robust.verify.row_claims.examples import check_examples
from genlabel_robust.verify.row_claims.few_features import check_few_features
from genlabel_robust.verify.row_claims.predictions import check_clean, check_scaling
from genlabel_robust.verify.row_claims.rates import check_rates
from genlabel_robust.verify.row_claims.reattack import Again, attack_again, nearest_examples

Data = TypeVar("Data")


@dataclass(frozen=True)
class Looked:
    """The results of the checks.

    ``again``: the results of attacking some rows again. ``confirmed``: the results of confirming
    some proofs with another method. ``at``: for each model, the name of each check and whether
    it passed.
    """

    findings: tuple[Finding, ...] = ()
    again: tuple[Again, ...] = ()
    confirmed: tuple[Confirmed, ...] = ()
    at: tuple[tuple[str, bool], ...] = ()

    @property
    def passed(self) -> tuple[str, ...]:
        """The names of the checks that every model passed."""
        failed = {name for name, fine in self.at if not fine}
        return tuple(dict.fromkeys(name for name, _ in self.at if name not in failed))

    @classmethod
    def join(cls, parts: Iterable[Looked]) -> Looked:
        """Concatenate ``parts`` in order."""
        parts = list(parts)
        return cls(
            tuple(one for part in parts for one in part.findings),
            tuple(one for part in parts for one in part.again),
            tuple(one for part in parts for one in part.confirmed),
            tuple(one for part in parts for one in part.at),
        )


@dataclass(frozen=True, eq=False)
class StoredCells:
    """The readable cells of ``plan`` in ``folder``, with their ``results``.

    ``reattack``, ``seed``: as in ``verify_run``. ``known``: the model if it was read already.
    """

    folder: Path
    plan: Plan
    results: tuple[tuple[Cell, CellResult], ...]
    reattack: float
    seed: int
    known: Model | None

    def others(self, cell: Cell) -> list[FloatArray]:
        """Return the nearest stored examples of the other models on the same data, (n, d) each."""
        same = (one for one in self.results if one[0].dataset == cell.dataset)
        return nearest_examples(result for one, result in same if one is not cell)


@dataclass(frozen=True, eq=False)
class _Opened:
    """A cell with its model and the model's structure, opened as the run did."""

    cell: Cell
    result: CellResult
    task: Task
    model: Model
    space: AttackSpace
    structure: Structure | NoStructure | None
    exact: FloatArray | None
    others: list[FloatArray]
    reattack: float
    seed: int


def look_at_cells(
    stored: StoredCells,
    jobs: int | None,
    on_cell: Callable[[int, str], None] = lambda done, name: None,
) -> Looked:
    """Run all checks on the cells ``stored``, with the same result for any number of processes.

    ``jobs``: the number of processes. ``on_cell``: called with the number of finished cells and
    the label of the next one.
    """
    labels = [cell.label for cell, _ in stored.results]
    with one_thread():
        if len(labels) != 1:
            numbers = {number: number for number in range(len(labels))}
            parts = _all(_look, numbers, stored, jobs, lambda done: on_cell(done, labels[done]))
            return Looked.join(parts)
        on_cell(0, labels[0])
        begun, opened = _open(stored, 0)
        if opened is None:
            return begun
        looks = {number: number for number in range(len(_LOOKS))}
        return Looked.join([begun, *_all(_look_once, looks, opened, jobs)])


def _all(
    work: Callable[[int, Data], Looked],
    numbers: Mapping[int, int],
    data: Data,
    jobs: int | None,
    on_begin: Callable[[int], None] = lambda done: None,
) -> list[Looked]:
    """Call ``work`` for all ``numbers``, and return the results in their order."""
    if jobs == 1 or not _can_be_sent(data):
        done = []
        for number in numbers.values():
            on_begin(number)
            done.append(work(number, data))
        return done
    found: dict[int, Looked] = {}
    for number, part in as_completed_with(work, numbers, dict.fromkeys(numbers, data), jobs):
        found[number] = part
        if len(found) < len(numbers):
            on_begin(len(found))
    return [found[number] for number in numbers]


def _can_be_sent(data: object) -> bool:
    try:
        pickled(data)
    except Exception:  # the classes of a user's model can raise anything
        return False
    return True


def _look(number: int, stored: StoredCells) -> Looked:
    """Run all checks on a cell."""
    begun, opened = _open(stored, number)
    if opened is None:
        return begun
    return Looked.join([begun, *(_look_once(one, opened) for one in range(len(_LOOKS)))])


def _open(stored: StoredCells, number: int) -> tuple[Looked, _Opened | None]:
    """Check the stored files of a cell, and open the cell for the other checks.

    The second value is None if the other checks cannot run or do not apply.
    """
    (cell, result), folder, plan = stored.results[number], stored.folder, stored.plan
    task, reattack = plan.tasks[cell.dataset], stored.reattack
    found = [*check_about(folder, cell), *check_rows(cell, result, task)]
    space = attack_space(task, cell.threat)
    if result.not_applicable is not None:
        return Looked((*found, *_check_not_applicable(cell, task, result))), None
    model = stored.known or read_weights(folder, cell, task)
    if isinstance(model, Finding):
        return Looked((*found, model)), None
    if result.attacks != tuple(attack.name for attack in cell.attacks):
        # ``check_about`` reports this; it is unknown which array belongs to which attack
        return Looked(tuple(found)), None
    if plan.origin == Recipes():
        found += check_scaling(cell, task, model)
    structure, norm = None, cell.threat.norm
    draws = varies(plan.origin)
    # the same condition as in the run
    if cell.certify != "off" and space.mutable.any() and not draws:
        structure = checked_structure(model, space, task.x_test)
    exact = exact_margins(model, space, task.x_test, task.y_test, norm, structure)
    if draws:
        found += check_examples(cell, result, task, model, space, structure, exact, draws=True)
        found += check_rates(cell, result, task, model, space, reattack=reattack > 0)
        return Looked(tuple(found)), None
    others = stored.others(cell)
    return Looked(tuple(found)), _Opened(
        cell, result, task, model, space, structure, exact, others, reattack, stored.seed
    )


def _look_once(number: int, of: _Opened) -> Looked:
    name, look = _LOOKS[number]
    found = look(of)
    if found == Looked() and not _has(name, of.result):
        return found
    return replace(found, at=((name, not found.findings),))


def _has(name: str, result: CellResult) -> bool:
    """Return whether ``result`` contains anything for the check ``name`` to look at."""
    if name == _PROOFS:
        return result.certificate is not None
    return result.few is not None if name == _FEW else name in (_PREDICTIONS, _EXAMPLES)


def _clean(of: _Opened) -> Looked:
    return Looked(tuple(check_clean(of.cell, of.result, of.task, of.model, of.exact, of.space)))


def _examples(of: _Opened) -> Looked:
    about = of.cell, of.result, of.task, of.model, of.space, of.structure
    return Looked(tuple(check_examples(*about, of.exact)))


def _certificates(of: _Opened) -> Looked:
    about = of.cell, of.result, of.task, of.model, of.space, of.structure
    return Looked(tuple(check_certificates(*about, of.reattack, of.seed)))


def _few_features(of: _Opened) -> Looked:
    about = of.cell, of.result, of.task, of.model, of.space, of.structure
    return Looked(tuple(check_few_features(*about, of.reattack, of.seed)))


def _confirmed(of: _Opened) -> Looked:
    if not of.reattack or not of.space.mutable.any():
        return Looked()
    about = of.cell, of.result, of.task, of.model, of.space, of.structure
    confirmed = confirm_some(*about, of.seed)
    findings = tuple(finding for one in confirmed for finding in one.findings)
    return Looked(findings, confirmed=tuple(confirmed))


def _attacked_again(of: _Opened) -> Looked:
    if not of.reattack or not of.space.mutable.any():
        return Looked()
    quick = quick_model(of.model, of.structure, of.task.x_test, of.space)
    about = of.cell, of.result, of.task, quick, of.space
    again = attack_again(*about, of.others, of.reattack, of.seed)
    return Looked(again.findings, (again,))


_PREDICTIONS, _EXAMPLES, _PROOFS = "predictions", "adversarial examples", "proofs"
_FEW = "changes of few features"

#: All checks of an opened cell, by name, in the order of their findings.
_LOOKS: tuple[tuple[str, Callable[[_Opened], Looked]], ...] = (
    (_PREDICTIONS, _clean),
    (_EXAMPLES, _examples),
    (_PROOFS, _certificates),
    (_FEW, _few_features),
    ("proofs that another method was asked about", _confirmed),
    ("rows attacked again", _attacked_again),
)


def _check_not_applicable(cell: Cell, task: Task, result: CellResult) -> list[Finding]:
    """Train the model of a cell that is stored as not applicable; it must fail as stored."""
    try:
        train_model(cell, task, attack_space(task, cell.threat))
    except NotApplicableError as error:
        if str(error) == result.not_applicable and not len(result.distances):
            return []
        return [Finding(cell.label, f"it is stored as {result.not_applicable!r}, not as: {error}")]
    return [
        Finding(cell.label, f"it is stored as not applicable ({result.not_applicable}), and is not")
    ]
