from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import numpy as np

from genlabel_robust.certify.certificate import Certificate
from genlabel_robust.runs.cells.cell import CellResult
from genlabel_robust.runs.cells.chosen_rows import chosen_rows
from genlabel_robust.runs.cells.panel import Panel

ROWS = np.array([True, False, False, True])


def test_every_array_of_rows_keeps_the_chosen_ones(result: Callable[..., Any]) -> None:
    cell: CellResult = result({"pgd": (0.1, 0.2, 0.3, 0.4), "noise": None}, exact=(1, 2, 3, 4))
    bounds = np.arange(4.0)
    known = Certificate(bounds, bounds + 1, np.zeros((4, 2)), np.arange(4), bounds)
    cell = replace(cell, tried=np.ones((2, 4)), certificate=known)
    part = chosen_rows(Panel([cell, cell]), ROWS)
    assert len(part.results) == 2
    for one in fields(CellResult):
        whole, chosen = getattr(cell, one.name), getattr(part.results[1], one.name)
        if isinstance(whole, np.ndarray):
            np.testing.assert_array_equal(
                chosen, whole[..., ROWS, :] if whole.ndim == 3 else whole[..., ROWS]
            )
    found = part.results[0].certificate
    assert found is not None
    for field in fields(Certificate):
        np.testing.assert_array_equal(getattr(found, field.name), getattr(known, field.name)[ROWS])


def test_a_cell_without_attacks_and_proofs_can_be_cut_as_well(result: Callable[..., Any]) -> None:
    part = chosen_rows(Panel([result({})]), ROWS)
    assert part.labels.tolist() == [0, 1]
    assert part.results[0].adversarial.shape == (0, 2, 2)
    assert part.results[0].certificate is part.results[0].exact is None
