"""Checks that the rates in the results agree with the cells' arrays; no model is queried."""

from collections.abc import Iterator, Mapping
from math import isclose

import numpy as np

from genlabel_robust.core import BoolArray
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.results.results import Results
from genlabel_robust.runs.results.row import Row
from genlabel_robust.statistics import Estimate

#: The largest difference of equal rates, which are ratios of counts.
_PRECISION = 1e-9


def contradiction(results: Results, panels: Mapping[tuple[str, str, str], Panel]) -> str | None:
    """Return a sentence on the first rate of ``results`` that contradicts the cells, else None."""
    for index, row in enumerate(results.rows):
        for name, stated, correct in _rates(row, panels[row.group]):
            if stated is None or correct is None:
                continue
            again = float(correct.mean())
            if not isclose(stated.value, again, rel_tol=0, abs_tol=_PRECISION):
                of = f"{row.dataset}/{row.strategy}/{row.architecture} at ε = {row.eps:g}"
                return f"rows[{index}], {of}: {name} is {stated.value}, and the cells give {again}"
    return None


def _rates(row: Row, panel: Panel) -> Iterator[tuple[str, Estimate | None, BoolArray | None]]:
    """Yield the name of each rate of a row, its stated value, and its examples (S, n)."""
    if panel.not_applicable is not None:
        return
    robust = None if panel.nearest is None else panel.robust(panel.nearest, row.eps)
    yield "clean_accuracy", row.clean_accuracy, panel.clean
    yield "robust_accuracy", row.robust_accuracy, robust
    yield "certified_accuracy", row.certified_accuracy, panel.certified(row.eps)
    yield "exact_robust_accuracy", row.exact_robust_accuracy, panel.exactly_robust(row.eps)
    for name, stated in row.attacks.items():
        if name in panel.attacks:
            distances = panel.distances[:, panel.attacks.index(name)]
            yield f"attacks.{name}", stated, panel.robust(distances, row.eps)
    labels = np.unique(panel.labels)
    if robust is None or len(labels) != len(row.per_class):
        return
    for index, (label, one) in enumerate(zip(labels, row.per_class, strict=True)):
        rows = panel.labels == label
        yield f"per_class[{index}].clean_accuracy", one.clean_accuracy, panel.clean[:, rows]
        yield f"per_class[{index}].robust_accuracy", one.robust_accuracy, robust[:, rows]
