"""The adversarial examples of a stored run as a table, in the data's own columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from genlabel_robust.attacks.sparse import fewer_changes
from genlabel_robust.certify.singles.singles import Singles
from genlabel_robust.core import (
    BoolArray,
    DataError,
    FloatArray,
    IntArray,
    OutputError,
    UsageError,
    quoted,
    unknown_name,
)
from genlabel_robust.data.columns.encoding import Encoding
from genlabel_robust.data.columns.number_or_category import Number
from genlabel_robust.models import Model
from genlabel_robust.runs.cells.cell import CellResult
from genlabel_robust.runs.folder.stored_run import StoredCell, StoredRun
from genlabel_robust.runs.plan.origin import InMemory
from genlabel_robust.runs.results.dataset import Dataset
from genlabel_robust.threat import distance, within
from genlabel_robust.threat.features import features_of
from genlabel_robust.threat.relations.linked import given_back_together
from genlabel_robust.threat.table_columns import TableColumn, table_columns

#: The names in place of an attack for witnesses of proofs, and for changes of one column alone.
PROOF, SINGLE = "proof", "single feature"
#: Prefixes of columns beside the table's: facts about an example, and the untouched row.
ABOUT, BEFORE = "example.", "before."


@dataclass(frozen=True, eq=False)
class _Examples:
    """q adversarial examples of one model: ``rows`` (q,) of the n test rows, ``points`` (q, d)."""

    rows: IntArray
    attacks: list[str]
    points: FloatArray


def adversarial_rows(
    run: StoredRun,
    dataset: str | None = None,
    *,
    every: bool = False,
    sparse: bool = False,
    trust: bool = False,
) -> pd.DataFrame:
    """Return a row for each test row broken at the largest ε; for each model the nearest first.

    The data's own columns and types contain the adversarial row. Columns that begin with "before."
    contain the untouched one. Those that begin with "example." contain the model, the row's number
    in the data, its class, the attack or "proof" or "single feature", the distance in the unit of
    ε, the changed columns, and, if the run keeps the model, its predictions and scores before and
    after.

    ``dataset``: which one, in a run of several. ``every``: return one row for each attack that
    broke the test row, and one each for a proof and for the nearest change of a single feature,
    instead of only the nearest. ``sparse``: undo changes that neither the model
    nor the relations between features need. ``trust``: as for ``StoredRun.model``. Raises
    ``UsageError`` for what the run does not have, ``OutputError`` for a damaged folder,
    ``DataError`` if the table's own columns have such names.
    """
    name = _chosen(run, dataset)
    about = run.results.datasets[name]
    raw = run.inputs(about.content_hash)
    if raw is None:
        raise OutputError(f"{run.path} does not contain its test rows; make the run again")
    kept = not isinstance(run.origin, InMemory)
    if sparse and not kept:
        raise UsageError(
            "the model of this run was an object in memory, which is not stored, so no sparser "
            "rows can be searched; leave out --sparse"
        )
    columns = _table_columns(run, about)
    tables = []
    for group, cells in run.cells.items():
        if group[0] != name:
            continue
        for cell, result in zip(cells, run.panels[group].results, strict=True):
            found = _broken(result, run.results.threat.eps[-1], columns, raw, every=every)
            if not len(found.rows):
                continue
            model = run.model(cell, trust=trust) if kept else None
            table = _table(run, about, cell, result, found, raw, model, sparse=sparse)
            tables.append(table.sort_values(f"{ABOUT}distance", kind="stable"))
    if not tables:
        raise UsageError(f"no row of {name!r} was broken, so there are no examples")
    return pd.concat(tables, ignore_index=True)


def _chosen(run: StoredRun, dataset: str | None) -> str:
    known = tuple(run.results.datasets)
    if dataset is None and len(known) > 1:
        raise UsageError(
            f"the run has {len(known)} data sets, {quoted(known)}, whose columns differ; choose "
            "one with --dataset"
        )
    if dataset is not None and dataset not in known:
        raise unknown_name("data set", dataset, known, of="the run")
    return known[0] if dataset is None else dataset


def _broken(
    result: CellResult,
    eps: float,
    columns: Sequence[TableColumn],
    raw: FloatArray,
    *,
    every: bool,
) -> _Examples:
    """Return the examples within ``eps``: the nearest of each row, or those of ``every`` source.

    Sources are attacks, proofs, and changes of one of the ``columns`` of ``raw`` (n, d).
    """
    names = [*result.attacks]
    sources = [*zip(result.distances, result.adversarial, strict=True)]
    if result.certificate is not None:
        names.append(PROOF)
        sources.append((result.certificate.upper, result.certificate.witness))
    if result.few is not None and columns:
        names.append(SINGLE)
        sources.append((result.few.alone, _nearest_alone(result.few.singles, columns, raw)))
    if not sources:
        return _Examples(np.zeros(0, dtype=np.int64), [], raw[:0])
    distances = np.stack([far for far, _ in sources])
    right = result.predictions == result.labels
    distances = np.where(right & (distances > 0) & within(distances, eps), distances, np.inf)
    if not every:
        nearest = np.arange(len(distances))[:, None] == distances.argmin(axis=0)
        distances = np.where(nearest, distances, np.inf)
    places, rows = np.nonzero(np.isfinite(distances))
    points = [sources[place][1][row] for place, row in zip(places, rows, strict=True)]
    return _Examples(rows, [names[i] for i in places], np.array(points).reshape(-1, raw.shape[1]))


def _nearest_alone(singles: Singles, columns: Sequence[TableColumn], raw: FloatArray) -> FloatArray:
    """Return ``raw`` (n, d) with the nearest change of one of the ``columns`` in each row.

    The values of a row that no such change breaks are arbitrary.
    """
    points, best = raw.copy(), singles.upper.argmin(axis=1)
    for number, column in enumerate(columns):
        rows = np.flatnonzero(best == number)
        points[rows] = singles.points(raw, rows, column.features)
    return points


def _table_columns(run: StoredRun, about: Dataset) -> tuple[TableColumn, ...]:
    """Return the columns of the table as the run counted them."""
    names = [feature.name for feature in about.features]
    # without the limits of a table's categories, which the encoding itself keeps together
    groups = [g for g in run.results.threat.constraints.one_hot if set(g) <= set(names)]
    places = [[names.index(name) for name in group] for group in groups]
    return table_columns(names, run.encoding(about), places)


def _table(
    run: StoredRun,
    about: Dataset,
    cell: StoredCell,
    result: CellResult,
    found: _Examples,
    raw: FloatArray,
    model: Model | None,
    *,
    sparse: bool,
) -> pd.DataFrame:
    encoding = run.encoding(about)
    before, after, labels = raw[found.rows], found.points, result.labels[found.rows]
    unit = about.raw_units(run.results.threat)
    if sparse and model is not None:
        queried, relations = model, run.relations(about)

        def misled(points: FloatArray, rows: IntArray) -> BoolArray:
            wrong: BoolArray = np.asarray(queried.predict(points) != labels[rows])
            return wrong & relations.kept(before[rows], points)

        columns = given_back_together(_columns(run, encoding), relations)
        after = fewer_changes(misled, before, after, columns, unit)
    after = _as_shown(encoding, before, after)
    moved = (after - before) / np.where(unit > 0, unit, 1.0)
    attacked, untouched = encoding.frame(after), encoding.frame(before)
    changed = _changed(encoding, before, after)
    known: dict[str, object] = {}
    if run.results.model is None:
        known |= {"architecture": cell.architecture, "strategy": cell.strategy, "seed": cell.seed}
    classes = np.array(about.classes, dtype=object)
    known |= {
        "row": result.ids[found.rows],
        "class": classes[labels],
        "attack": found.attacks,
        "distance": _distance(run, about, encoding, moved),
        "columns_changed": [len(names) for names in changed],
        "changed": [", ".join(names) for names in changed],
    }
    if model is not None:
        for when, rows in (("before", before), ("after", after)):
            known[f"predicted_{when}"] = classes[model.predict(rows)]
            known |= {
                f"score_{when}.{name}": column
                for name, column in zip(about.classes, model.scores(rows).T, strict=True)
            }
    parts = [pd.DataFrame(known).add_prefix(ABOUT), attacked, untouched.add_prefix(BEFORE)]
    table = pd.concat(parts, axis=1)
    if twice := table.columns[table.columns.duplicated()].tolist():
        raise DataError(f"the table has columns {quoted(twice)}, which are named so here as well")
    return table


def _as_shown(encoding: Encoding, before: FloatArray, after: FloatArray) -> FloatArray:
    """Return the rows ``after`` (q, d) with placeholders of missing values as ``before``.

    An attack may have moved a placeholder where the value is missing in both rows.
    """
    after, start = after.copy(), 0
    for (part, old), (_, new) in zip(
        encoding.blocks(before), encoding.blocks(after.copy()), strict=True
    ):
        if isinstance(part, Number):
            hidden = part.gone(old) & part.gone(new)
            after[hidden, start] = before[hidden, start]
        start += len(part.names)
    return after


def _columns(run: StoredRun, encoding: Encoding) -> list[IntArray]:
    """Return the features of each column of the table; those of a one-hot group are together."""
    ends = np.cumsum([0, *(len(part.names) for part in encoding.parts)])
    groups = run.results.threat.constraints.one_hot
    owner = {name: group[0] for group in groups for name in group}
    found: dict[str, list[int]] = {}
    for part, start, end in zip(encoding.parts, ends[:-1], ends[1:], strict=True):
        found.setdefault(owner.get(part.name, part.name), []).extend(range(start, end))
    return [np.array(features) for features in found.values()]


def _distance(run: StoredRun, about: Dataset, encoding: Encoding, moved: FloatArray) -> FloatArray:
    """Return the length (n,) of the moves (n, d), in the unit of ε."""
    threat = run.results.threat
    if threat.norm != "l0":
        return distance(moved, threat.norm)
    names = [feature.name for feature in about.features]
    return features_of(names, encoding.parts, threat.constraints).length(moved != 0)


def _changed(encoding: Encoding, before: FloatArray, after: FloatArray) -> list[list[str]]:
    """Return the names of the table's columns that differ, for each row (q, d)."""
    blocks = zip(encoding.blocks(before), encoding.blocks(after), strict=True)
    marks = [(old != new).any(axis=1) for (_, old), (_, new) in blocks]
    names = np.array(encoding.columns, dtype=object)
    return [names[row].tolist() for row in np.stack(marks, axis=1)]
