"""Checks that the parts of a stored run belong together: rows, data sets, attacks and cells."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from genlabel_robust.runs.cells.cell import CellResult
from genlabel_robust.runs.results.dataset import Dataset
from genlabel_robust.runs.results.results import Results


def incoherence(
    results: Results,
    groups: Mapping[tuple[str, str, str], Sequence[CellResult]],
) -> str | None:
    """Return the first reason why ``results`` and cells cannot be of the same run, else None.

    ``groups``: the cells by data set, architecture, strategy.
    """
    return next(_incoherences(results, groups), None)


def _incoherences(
    results: Results,
    groups: Mapping[tuple[str, str, str], Sequence[CellResult]],
) -> Iterator[str]:
    attacks, budgets = results.attacks, results.threat.eps
    for name, about in results.datasets.items():
        for feature in about.features:
            if len(feature.raw_eps) != len(budgets):
                yield f"of a feature of {name!r} it has not one budget for each ε"
    listed = set()
    for index, row in enumerate(results.rows):
        group = row.group
        listed.add((*group, row.eps))
        if group not in groups:
            yield f"rows[{index}] is of {'/'.join(group)}, of which there is no cell"
        elif row.eps not in budgets:
            yield f"rows[{index}] is at ε = {row.eps:g}, which is none of the run's"
        elif set(row.attacks) != set(attacks):
            yield f"rows[{index}] does not have the attacks of the run"
        elif not set(row.outcomes) <= set(attacks):
            yield f"rows[{index}] has outcomes of another attack than the run's"
    if len(listed) < len(results.rows):
        yield "it has two rows of the same at one ε"
    if len(listed) < len(groups) * len(budgets):
        yield "it has not a row of each recipe at each ε"
    for index, found in enumerate(results.differences):
        for strategy in (found.strategy, found.reference):
            if (found.dataset, found.architecture, strategy) not in groups:
                yield f"differences[{index}] is of what there is no cell of"
        if found.eps is not None and found.eps not in budgets:
            yield f"differences[{index}] is at ε = {found.eps:g}, which is none of the run's"
    for group, cells in groups.items():
        if group[0] not in results.datasets:
            yield f"it has a cell of {group[0]!r}, and says nothing of these data"
            return
        about = results.datasets[group[0]]
        for cell in cells:
            yield from _of_cell("/".join(group), cell, cells[0], about, results)


def _of_cell(
    name: str,
    cell: CellResult,
    first: CellResult,
    about: Dataset,
    results: Results,
) -> Iterator[str]:
    """Yield how a cell contradicts its data set, or the ``first`` cell of its panel."""
    if len(cell.labels) != about.n_test:
        yield f"a cell of {name} has {len(cell.labels)} rows, and its data {about.n_test}"
    elif not np.array_equal(cell.labels, first.labels):
        yield f"the cells of {name} are of different rows"
    elif cell.labels.max() >= len(about.classes):
        yield f"a cell of {name} has labels beyond its {len(about.classes)} classes"
    if (cell.not_applicable is None) != (first.not_applicable is None):
        yield f"some cells of {name} were evaluated, and others were not"
    elif _listed(cell, results) != _attacks_of(cell, results):
        yield f"a cell of {name} does not have the attacks of the run"
    elif (cell.attacks, cell.not_chosen) != (first.attacks, first.not_chosen):
        yield f"the cells of {name} do not have the same attacks"
    elif cell.attacks and cell.adversarial.shape[2] != len(about.features):
        yield (
            f"a cell of {name} has {cell.adversarial.shape[2]} columns, and its data "
            f"{len(about.features)} features"
        )


def _attacks_of(cell: CellResult, results: Results) -> tuple[str, ...]:
    """Return the attacks that a cell must have by the results: none if it was not trained."""
    return () if cell.not_applicable is not None else results.attacks


def _listed(cell: CellResult, results: Results) -> tuple[str, ...]:
    """Return the attacks of a cell, without those that no model of the run was attacked by.

    The results list the latter separately, as those that the suite keeps for other models.
    """
    left_out = set(cell.not_chosen) & set(results.not_chosen)
    return tuple(name for name in cell.attacks if name not in left_out)
