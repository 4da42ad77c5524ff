"""Compute every claim of a run folder again, and say what differs."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from genlabel_robust.certify.exact import exact_margins
from genlabel_robust.core import NotApplicableError, UsageError, one_thread
from genlabel_robust.data import Task
from genlabel_robust.models import Model
from genlabel_robust.models.structures.checked import checked_structure
from genlabel_robust.models.structures.quick_model import quick_model
from genlabel_robust.runs.cells.cell import Cell, CellResult
from genlabel_robust.runs.execute.train import train_model
from genlabel_robust.runs.folder.finished import MANIFEST
from genlabel_robust.runs.plan.audit_plan import PlannedAudit
from genlabel_robust.runs.plan.origin import Recipes, sha256_of, varies
from genlabel_robust.runs.plan.plan import Plan
from genlabel_robust.threat import attack_space
from genlabel_robust.verify.cell_files import (
    check_about,
    check_rows,
    check_shapes,
    read_cell,
    read_weights,
)
from genlabel_robust.verify.checksums import (
    SUMS,
    check_checksums,
    check_digest,
    file_digest,
    run_digest,
)
from genlabel_robust.verify.examples import check_examples
from genlabel_robust.verify.few_features import check_few_features
from genlabel_robust.verify.finding import Finding
from genlabel_robust.verify.manifest_claims import (
    check_files_of_cells,
    check_groups,
    check_inputs,
    check_manifest,
    read_manifest,
)
from genlabel_robust.verify.pages import Pages, Render, check_pages
from genlabel_robust.verify.planned_again import planned_again
from genlabel_robust.verify.predictions import check_clean, check_scaling
from genlabel_robust.verify.proofs.certificates import check_certificates
from genlabel_robust.verify.proofs.confirm import Confirmed, by_method, confirm_some
from genlabel_robust.verify.rates import check_rates
from genlabel_robust.verify.reattack import Again, attack_again, nearest_examples
from genlabel_robust.verify.results_again import RESULTS, TABLE, TRANSFER, check_results

#: Done, of so many, and the name of what comes next.
Step = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Verification:
    """What verifying looked at and found; ``digest``: of the folder's ``SHA256SUMS``.

    ``results``: of its ``results.json``; ``model``: of a model file that was audited.

    ``missed``: for each cell with broken rows the chance that what was attacked again would
    have held none of them, had a tenth been rewritten as robust. ``by_chance``: rows that
    fall to the run's attacks under a new seed only; that is no difference. ``confirmed``: how
    many proofs another method was asked about, by its name, and confirmed. ``loosely``:
    sentences about what was compared by its numbers only, or by its rates. ``unread``:
    files that were not computed again, of which only the checksums were compared.
    """

    findings: tuple[Finding, ...]
    digest: str | None
    cells: int = 0
    rows: int = 0
    examples: int = 0
    attacked: int = 0
    robust: int = 0
    missed: tuple[float, ...] = ()
    by_chance: tuple[str, ...] = ()
    confirmed: tuple[Confirmed, ...] = ()
    model: str | None = None
    results: str | None = None
    loosely: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def verify_run(
    folder: Path,
    *,
    render: Render,
    digest: str | None = None,
    reattack: float = 0.05,
    seed: int = 0,
    trust: bool = False,
    on_step: Step = lambda done, total, name: None,
) -> Verification:
    """Return what differs in the finished run in ``folder`` from what can be computed again.

    ``render``: what makes pages and figures. ``digest``: what that of ``SHA256SUMS`` should be.
    ``reattack``: the share of the rows called robust
    that is attacked again, 0 for none; ``seed``: of that sample and of the new attacks.
    ``trust``: whether an audited model may be read whose loader executes what its file says.

    Raises ``OutputError`` for a folder without a run, ``UnfinishedRunError``, and
    ``UsageError`` where its data are not to be had.
    """
    if not 0 <= reattack <= 1:
        raise UsageError(f"--reattack is {reattack}; it must be a share between 0 and 1")
    stored = read_manifest(folder)
    found = list(check_digest(folder, digest)) if digest is not None else []
    found += check_checksums(folder)
    plan: Plan
    model: Model | None
    match planned_again(folder, stored, trust=trust):
        case Finding() as finding:
            return Verification((*found, finding), run_digest(folder))
        case PlannedAudit() as audit:
            plan, model = audit.plan, audit.model
        case Plan() as plan:
            model = None
    found += check_manifest(stored, plan)
    found += check_files_of_cells(folder, plan)
    found += check_inputs(folder, plan)
    found += check_groups(folder, plan)
    results: list[tuple[Cell, CellResult]] = []
    for cell in plan.cells:
        task, result = plan.tasks[cell.dataset], read_cell(folder, cell)
        wrong = [result] if isinstance(result, Finding) else list(check_shapes(cell, result, task))
        found += wrong
        if not wrong and isinstance(result, CellResult):
            results.append((cell, result))
    total = len(results) + 1
    again: list[Again] = []
    confirmed: list[Confirmed] = []
    with one_thread():
        for number, (cell, result) in enumerate(results):
            on_step(number, total, cell.label)
            more, attacked, others = _check_cell(
                folder, plan, cell, result, results, reattack, seed, model
            )
            found += more
            again += attacked
            confirmed += others
    on_step(len(results), total, "results")
    if len(results) == len(plan.cells):
        wrong = list(check_results(folder, plan, results))
    else:
        wrong = [Finding("results.json", "it cannot be computed again without all cells")]
    pages = check_pages(folder, stored, render)
    found += [*wrong, *_untold(pages, wrong)]
    on_step(total, total, "")
    return Verification(
        findings=tuple(found),
        digest=run_digest(folder),
        cells=len(results),
        rows=sum(len(result.labels) for _, result in results),
        examples=sum(
            int(np.isfinite(result.adversarial).all(axis=2).sum()) for _, result in results
        ),
        attacked=sum(one.attacked for one in again),
        robust=sum(one.robust for one in again),
        missed=tuple(one.missed for one in again if one.missed < 1),
        by_chance=tuple(row for one in again for row in one.by_chance),
        confirmed=by_method(confirmed),
        model=None if model is None else sha256_of(plan.origin),
        results=file_digest(folder / RESULTS),
        loosely=(*_by_rates(plan), *pages.loosely),
        unread=_unread(folder, pages),
    )


def _untold(pages: Pages, wrong: list[Finding]) -> list[Finding]:
    """Return what comparing the pages found, without the table if it is wrong by the cells.

    ``wrong``: what is, by the cells. The pages and the table that it is compared with are made
    from the stored results, which may be what was edited: the cells say what it should be.
    """
    named = {finding.where for finding in wrong}
    return [one for one in pages.findings if one.where != TABLE or TABLE not in named]


def _unread(folder: Path, pages: Pages) -> tuple[str, ...]:
    """Return the files in ``folder`` that nothing here computes again."""
    known = {*pages.names, MANIFEST, RESULTS, TRANSFER, SUMS}
    names = [
        path.relative_to(folder).as_posix()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    ]
    rooms = ("cells/", "models/", "inputs/")
    return tuple(name for name in names if name not in known and not name.startswith(rooms))


def _by_rates(plan: Plan) -> tuple[str, ...]:
    """Say that rows were not compared, where the model's answers are not its rows' own."""
    if not varies(plan.origin):
        return ()
    return (
        "The model's answers are no function of a row: its rates were compared with those of new "
        "draws, and not its predictions row by row.",
    )


def _check_cell(
    folder: Path,
    plan: Plan,
    cell: Cell,
    result: CellResult,
    results: list[tuple[Cell, CellResult]],
    reattack: float,
    seed: int,
    known: Model | None,
) -> tuple[list[Finding], list[Again], list[Confirmed]]:
    """Return what differs in a cell, and what attacking and proving some of its rows showed.

    ``known``: the model, where it was read already.
    """
    task = plan.tasks[cell.dataset]
    found = [*check_about(folder, cell), *check_rows(cell, result, task)]
    space = attack_space(task, cell.threat)
    if result.not_applicable is not None:
        return found + _check_not_applicable(cell, task, result), [], []
    model = known or read_weights(folder, cell, task)
    if isinstance(model, Finding):
        return [*found, model], [], []
    if result.attacks != tuple(attack.name for attack in cell.attacks):
        # told by check_about; which array is of which attack is not known
        return found, [], []
    if plan.origin == Recipes():
        found += check_scaling(cell, task, model)
    structure, norm = None, cell.threat.norm
    drawn = varies(plan.origin)
    # looked at as the run did
    if cell.certify != "off" and space.mutable.any() and not drawn:
        structure = checked_structure(model, space, task.x_test)
    exact = exact_margins(model, space, task.x_test, task.y_test, norm, structure)
    if drawn:
        found += check_examples(cell, result, task, model, space, structure, exact, draws=True)
        found += check_rates(cell, result, task, model, space, reattack=reattack > 0)
        return found, [], []
    found += check_clean(cell, result, task, model, exact, space)
    found += check_examples(cell, result, task, model, space, structure, exact)
    found += check_certificates(cell, result, task, model, space, structure, reattack, seed)
    found += check_few_features(cell, result, task, model, space, structure, reattack, seed)
    if not reattack or not space.mutable.any():
        return found, [], []
    confirmed = confirm_some(cell, result, task, model, space, structure, seed)
    found += [finding for one in confirmed for finding in one.findings]
    others = nearest_examples(
        other for one, other in results if one.dataset == cell.dataset and one is not cell
    )
    asked = quick_model(model, structure, task.x_test, space)
    again = attack_again(cell, result, task, asked, space, others, reattack, seed)
    return [*found, *again.findings], [again], confirmed


def _check_not_applicable(cell: Cell, task: Task, result: CellResult) -> list[Finding]:
    """A strategy that can train this model is no reason to leave a cell empty."""
    try:
        train_model(cell, task, attack_space(task, cell.threat))
    except NotApplicableError as error:
        if str(error) == result.not_applicable and not len(result.distances):
            return []
        return [Finding(cell.label, f"it is stored as {result.not_applicable!r}, not as: {error}")]
    return [
        Finding(cell.label, f"it is stored as not applicable ({result.not_applicable}), and is not")
    ]
