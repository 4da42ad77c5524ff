"""Recompute every claim of a run folder, and report the differences."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from genlabel_robust.core import UsageError
from genlabel_robust.core.admitted import admitted, admitting_only
from genlabel_robust.core.files.writing import json_text
from genlabel_robust.models import Model
from genlabel_robust.runs.cells.cell import Cell, CellResult
from genlabel_robust.runs.folder.bundle import bundle_note, opened_run
from genlabel_robust.runs.folder.finished import BASELINE, MANIFEST
from genlabel_robust.runs.plan.audit_plan import PlannedAudit
from genlabel_robust.runs.plan.origin import sha256_of, varies
from genlabel_robust.runs.plan.plan import Plan
from genlabel_robust.runs.plan.stored_parts import stored_parts
from genlabel_robust.verify.bundles import look_at_bundle
from genlabel_robust.verify.cell_files import (
    check_shapes,
    read_cell,
)
from genlabel_robust.verify.checksums import (
    LATER,
    SUMS,
    check_checksums,
    check_digest,
    file_digest,
    run_digest,
)
from genlabel_robust.verify.data_files import Elsewhere, sentences_on_files
from genlabel_robust.verify.finding import Finding
from genlabel_robust.verify.looks import StoredCells, look_at_cells
from genlabel_robust.verify.manifest_claims import (
    check_files_of_cells,
    check_groups,
    check_inputs,
    check_manifest,
    read_manifest,
)
from genlabel_robust.verify.odd_one_out import Fit, odd_one_out
from genlabel_robust.verify.pages import Pages, Render, check_pages
from genlabel_robust.verify.planned_again import planned_again
from genlabel_robust.verify.proofs.confirm import by_method
from genlabel_robust.verify.results_again import (
    RESULTS,
    TABLE,
    TRANSFER,
    check_results,
    results_again,
)
from genlabel_robust.verify.verification import Step, Verification

#: Files that are written into a run's folder later: a PDF depends on the machine, and the history
#: of a baseline is no claim of the run.
_LATER = ("report.pdf", BASELINE)


def verify_run(
    folder: Path,
    *,
    render: Render,
    digest: str | None = None,
    reattack: float = 0.05,
    seed: int = 0,
    trust: bool = False,
    jobs: int | None = 1,
    elsewhere: Elsewhere | None = None,
    on_step: Step = lambda done, total, name: None,
) -> Verification:
    """Recompute the finished run in ``folder``, and return the differences.

    ``folder``: a run or a bundle, or the ``.zip`` of one. A bundle without rows or model is
    checked as far as is possible without them. ``render``: renders pages and figures.
    ``digest``: the expected digest of ``SHA256SUMS``, or None. ``reattack``: the fraction of
    robust rows to attack again, 0 for none. ``seed``: for that sample and the new attacks.
    ``trust``: whether to read an audited model whose loader executes code in its file. ``jobs``:
    the number of processes, None for one per processor; with a single model, its checks are
    distributed. ``elsewhere``: the verifier's copies of the run's data, if not at the run's paths.
    ``on_step``: progress callback.

    Raises ``OutputError`` for a folder without a run, ``UnfinishedRunError`` for an unfinished
    run, and ``UsageError`` if its data are missing or the files named are not its data.
    """
    if not 0 <= reattack <= 1:
        raise UsageError(f"--reattack is {reattack}; it must be a share between 0 and 1")
    if jobs is not None and jobs < 1:
        raise UsageError(f"--jobs is {jobs}; it must be a whole number of at least 1")
    places = elsewhere or Elsewhere()
    with opened_run(folder) as where:
        found = _verify(where, render, digest, reattack, seed, trust, jobs, places, on_step)
    if where == folder:
        return found
    findings = (
        Finding(one.where, one.what.replace(f"{where}", f"{folder}")) for one in found.findings
    )
    read = (one.replace(f"{where}", f"{folder}") for one in found.read)
    return replace(found, findings=tuple(findings), read=tuple(read))


def _verify(
    folder: Path,
    render: Render,
    digest: str | None,
    reattack: float,
    seed: int,
    trust: bool,
    jobs: int | None,
    places: Elsewhere,
    on_step: Step,
) -> Verification:
    stored = read_manifest(folder)
    note = bundle_note(folder)
    if note is not None and note.without:
        seen = look_at_bundle(folder, stored, note, render, digest, places)
        return Verification(
            findings=seen.findings,
            digest=run_digest(folder),
            results=file_digest(folder / RESULTS),
            read=seen.read,
            agreeing=seen.agreeing,
            bundle=note,
        )
    # only the parts that the run used, as others would change its cells; report sections may have
    # been added later
    sections = [part for part in admitted() if part.kind == "sections"]
    with admitting_only(dict.fromkeys((*stored_parts(stored, "the run"), *sections))):
        return _verified(
            folder, stored, render, digest, reattack, seed, trust, jobs, places, on_step
        )


def _verified(
    folder: Path,
    stored: Mapping[str, Any],
    render: Render,
    digest: str | None,
    reattack: float,
    seed: int,
    trust: bool,
    jobs: int | None,
    elsewhere: Elsewhere,
    on_step: Step,
) -> Verification:
    found = list(check_digest(folder, digest)) if digest is not None else []
    sums = list(check_checksums(folder))
    found += sums
    plan: Plan
    model: Model | None
    match planned_again(folder, stored, trust=trust, elsewhere=elsewhere):
        case Finding() as finding:
            return Verification(
                (*found, finding), run_digest(folder), results=file_digest(folder / RESULTS)
            )
        case PlannedAudit() as audit:
            plan, model = audit.plan, audit.model
        case Plan() as plan:
            model = None
    about = [*check_manifest(stored, plan), *check_files_of_cells(folder, plan)]
    about += [*check_inputs(folder, plan), *check_groups(folder, plan)]
    results, wrong_cells = _read_cells(folder, plan)
    total = len(results) + 1
    stored_cells = StoredCells(folder, plan, tuple(results), reattack, seed, model)
    looked = look_at_cells(stored_cells, jobs, lambda done, name: on_step(done, total, name))
    wrong_cells += looked.findings
    on_step(len(results), total, "results")
    wrong, fit = _summed_up(folder, stored, plan, results, render, cells=not wrong_cells)
    found += [*about, *wrong_cells, *wrong]
    on_step(total, total, "")
    unread, foreign = _beside(folder, fit.pages)
    return Verification(
        findings=tuple(found),
        digest=run_digest(folder),
        cells=len(results),
        rows=sum(len(result.labels) for _, result in results),
        examples=sum(
            int(np.isfinite(result.adversarial).all(axis=2).sum()) for _, result in results
        ),
        attacked=sum(one.attacked for one in looked.again),
        robust=sum(one.robust for one in looked.again),
        missed=tuple(one.missed for one in looked.again if one.missed < 1),
        by_chance=tuple(row for one in looked.again for row in one.by_chance),
        confirmed=by_method(looked.confirmed),
        model=None if model is None else sha256_of(plan.origin),
        results=file_digest(folder / RESULTS),
        loosely=(*_by_rates(plan), *fit.pages.loosely),
        unread=tuple(unread),
        foreign=tuple(foreign),
        read=tuple(sentences_on_files(stored, plan, elsewhere)),
        odd=odd_one_out(fit),
        agreeing=(
            *([] if sums else ["the checksums"]),
            *([] if about else ["the manifest"]),
            *looked.passed,
            *fit.agreeing,
        ),
    )


def _read_cells(folder: Path, plan: Plan) -> tuple[list[tuple[Cell, CellResult]], list[Finding]]:
    """Return the readable cells with their results, and findings about the others."""
    results: list[tuple[Cell, CellResult]] = []
    found: list[Finding] = []
    for cell in plan.cells:
        task, result = plan.tasks[cell.dataset], read_cell(folder, cell)
        wrong = [result] if isinstance(result, Finding) else list(check_shapes(cell, result, task))
        found += wrong
        if not wrong and isinstance(result, CellResult):
            results.append((cell, result))
    return results, found


def _summed_up(
    folder: Path,
    stored: Mapping[str, Any],
    plan: Plan,
    results: Sequence[tuple[Cell, CellResult]],
    render: Render,
    *,
    cells: bool,
) -> tuple[list[Finding], Fit]:
    """Compare results and pages with the cells; ``cells``: whether all cells are correct."""
    if len(results) < len(plan.cells):
        wrong = [Finding(RESULTS, "it cannot be computed again without all cells")]
        pages = check_pages(folder, stored, render)
        return [*wrong, *pages.findings], Fit(False, False, pages)
    again = results_again(plan, results)
    wrong = list(check_results(folder, plan, results, again))
    altered = any(finding.where.startswith(RESULTS) for finding in wrong)
    # altered results are no reference for the pages: correct cells give what they should show
    reference = json_text(again).encode() if altered and cells else None
    pages = check_pages(folder, stored, render, reference)
    if altered and not cells:
        pages = pages.without_cells()
    return [*wrong, *_not_reported(pages, wrong)], Fit(cells, not altered, pages)


def _not_reported(pages: Pages, wrong: list[Finding]) -> list[Finding]:
    """Return the findings about pages, without the table if ``wrong`` already reports it."""
    named = {finding.where for finding in wrong}
    return [one for one in pages.findings if one.where != TABLE or TABLE not in named]


def _beside(folder: Path, pages: Pages) -> tuple[list[str], list[str]]:
    """Return the files in ``folder`` that are not recomputed: known files, and foreign ones."""
    known = {*pages.names, MANIFEST, RESULTS, TRANSFER, SUMS}
    names = [
        path.relative_to(folder).as_posix()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    ]
    rooms = ("cells/", "models/", "inputs/")
    rest = [name for name in names if name not in known and not name.startswith(rooms)]
    own = [name for name in rest if name in _LATER or name.startswith(LATER)]
    return own, [name for name in rest if name not in own]


def _by_rates(plan: Plan) -> tuple[str, ...]:
    """Return the note that rows were not compared, if the model's predictions vary."""
    if not varies(plan.origin):
        return ()
    return (
        "The model's answers are no function of a row: its rates were compared with those of new "
        "draws, and not its predictions row by row.",
    )
