"""Comparison of ``results.json``, ``results.csv`` and ``transfer.json`` with the cells."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from genlabel_robust.core import InputError
from genlabel_robust.core.files.opening import file_text
from genlabel_robust.core.files.parsing import parsed_json, read_json
from genlabel_robust.core.files.writing import json_text
from genlabel_robust.runs.assess.canaries import run_canaries
from genlabel_robust.runs.cells.cell import Cell, CellResult
from genlabel_robust.runs.cells.model_record import called
from genlabel_robust.runs.execute.transfer import transfer
from genlabel_robust.runs.folder.finished import is_baseline
from genlabel_robust.runs.folder.store import RunFolder
from genlabel_robust.runs.plan.plan import Plan
from genlabel_robust.runs.results.aggregate import aggregate
from genlabel_robust.runs.results.frame import results_csv
from genlabel_robust.runs.results.results import Results
from genlabel_robust.verify.finding import Finding
from genlabel_robust.verify.json_differences import json_differences, same_number

RESULTS, TABLE, TRANSFER = "results.json", "results.csv", "transfer.json"
#: The source of all three files, as findings call it.
_CELLS = "the cells"


def results_again(plan: Plan, results: Sequence[tuple[Cell, CellResult]]) -> Results:
    """Compute the results from the cells again; this runs the canaries again too."""
    canaries = None
    if plan.config.checks != "off":
        canaries = run_canaries(plan.attacks, plan.threat.norm, map(plan.knowledge, plan.cells))
    found = aggregate(plan, results, canaries)
    return Results(parsed_json(json_text(found).encode(), RESULTS))


def check_results(
    folder: Path, plan: Plan, results: Sequence[tuple[Cell, CellResult]], again: Results
) -> Iterator[Finding]:
    """Compare all three files, field by field, with ``again`` and with the cells."""
    stored = _read(folder / RESULTS)
    if isinstance(stored, Finding):
        yield stored
    else:
        yield from _compare(stored, _as_old_as(stored, again))
    yield from _check_table(folder, again)
    wanted = plan.transfers
    if wanted != (folder / TRANSFER).is_file():
        word = "is missing" if wanted else "was not asked for"
        yield Finding(TRANSFER, f"it {word}")
    elif wanted:
        moved = _read(folder / TRANSFER)
        if isinstance(moved, Finding):
            yield moved
            return
        moved_again = json_text(transfer(plan, results, RunFolder(folder)))
        tried = parsed_json(moved_again.encode(), TRANSFER)
        for difference in json_differences(moved, tried, source=_CELLS):
            yield Finding(TRANSFER, difference)


def _as_old_as(stored: Mapping[str, Any], again: Results) -> dict[str, Any]:
    """Return ``again`` without the ranges of data sets for which an older run stored none."""
    known = stored.get("datasets")
    about = known if isinstance(known, dict) else {}

    def older(name: str) -> bool:
        return isinstance(about.get(name), dict) and "ranges" not in about[name]

    datasets = {
        name: {k: v for k, v in one.items() if k != "ranges" or not older(name)}
        for name, one in again["datasets"].items()
    }
    return again | {"datasets": datasets}


def _read(path: Path) -> dict[str, Any] | Finding:
    try:
        found = read_json(path, name="it")
    except InputError as error:
        return Finding(path.name, str(error))
    return found if isinstance(found, dict) else Finding(path.name, "it holds no table")


def _compare(stored: Mapping[str, Any], again: Mapping[str, Any]) -> Iterator[Finding]:
    """Compare two result documents; findings name the row or difference that they are about."""
    for part in sorted({*stored, *again}):
        one: Any = stored.get(part)
        other: Any = again.get(part)
        lists = isinstance(one, list) and isinstance(other, list)
        if part in ("rows", "differences") and lists and len(one) == len(other):
            for index, (row, own) in enumerate(zip(one, other, strict=True)):
                for difference in json_differences(row, own, source=_CELLS):
                    yield Finding(f"{RESULTS} {part}[{index}], {_of(own)}", difference)
        else:
            yield from (
                Finding(RESULTS, what) for what in json_differences(one, other, part, _CELLS)
            )


def _of(row: Mapping[str, Any]) -> str:
    name = called(row["dataset"], row["strategy"], row["architecture"])
    reference, eps = row.get("reference"), row["eps"]
    name += "" if reference is None else f" beside {reference}"
    return name if eps is None else f"{name} at ε = {eps:g}"


def _check_table(folder: Path, again: Results) -> Iterator[Finding]:
    """Compare ``results.csv`` field by field with the rows in ``again``."""
    if is_baseline(folder) and not (folder / TABLE).exists():
        return
    try:
        stored = list(csv.reader(io.StringIO(file_text(folder / TABLE, name="it"))))
    except InputError as error:
        yield Finding(TABLE, str(error))
        return
    except csv.Error as error:  # such as a field of more than 131,072 characters
        yield Finding(TABLE, f"it is no table: {error}")
        return
    wanted = list(csv.reader(io.StringIO(results_csv(again))))
    if len(stored) != len(wanted) or stored[:1] != wanted[:1]:
        yield Finding(TABLE, "its columns, or the number of its rows, are not those of the cells")
        return
    for row, own in zip(stored[1:], wanted[1:], strict=True):
        about = called(*own[:3])
        if len(row) != len(own):
            yield Finding(TABLE, f"{about}: a row of {len(row)} fields, and not of {len(own)}")
            continue
        for name, one, other in zip(wanted[0], row, own, strict=True):
            if one != other and not same_number(_number(one), _number(other)):
                yield Finding(TABLE, f"{about}: {name} is {one!r}, and the cells give {other!r}")


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
