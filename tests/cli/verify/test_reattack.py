"""Broken rows that are stored as robust are found by new attacks."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pytest

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.cli.commands.verify import chance_words
from genlabel_robust.runs.folder.store import RunFolder
from genlabel_robust.runs.folder.weights import read_model
from genlabel_robust.verify.row_claims.reattack import chance_of_missing, enough

if TYPE_CHECKING:
    from genlabel_robust.runs.cells.cell import Cell
    from tests.cli.verify.conftest import Forged

Named: TypeAlias = "Callable[..., bool]"


def rewrite(forged: Forged, cell: Cell, share: float) -> np.ndarray:
    """Rewrite a fraction of the broken rows as robust, consistently with the format."""
    arrays = forged.arrays(cell)
    clean = arrays["predictions"] == arrays["labels"]
    broken = np.flatnonzero(clean & (arrays["distances"].min(axis=0) <= forged.eps))
    rows = broken[:: round(1 / share)]
    for attack in range(2):
        able = rows[arrays["outcomes"][attack, rows] != Outcome.NOT_APPLICABLE]
        arrays["outcomes"][attack, able] = Outcome.SURVIVED
        arrays["distances"][attack, rows] = np.inf
        arrays["adversarial"][attack, rows] = np.nan
    forged.store(cell, arrays)
    return forged.plan.tasks["iris"].test_ids[rows]


@pytest.mark.nightly(but=["logistic"])
@pytest.mark.parametrize("architecture", ["mlp", "logistic", "sklearn:random-forest"])
def test_a_tenth_of_the_broken_rows_rewritten_as_robust_is_found(
    architecture: str, forged: Forged, verify: Callable[..., list[str]]
) -> None:
    cell = forged.cells[architecture]
    before = len(forged.broken(cell))
    numbers = rewrite(forged, cell, 0.1)
    assert 1 <= len(numbers) <= 0.1 * before + 1
    forged.aggregate_anew()
    lines = verify(forged, "--reattack", "0.05", "--seed", "3")
    assert all("stored as not broken, and the same attack" in line for line in lines)
    told = [re.match(rf"{cell.label}: rows? ([\d, ]+) under", line) for line in lines]
    assert all(told)
    assert {int(n) for t in told for n in t[1].split(",")} <= set(numbers.tolist())


def test_a_broken_row_pushed_beyond_the_ball_is_found(
    forged: Forged, verify: Callable[..., list[str]], named: Named
) -> None:
    cell, task = forged.cells["sklearn:random-forest"], forged.plan.tasks["iris"]
    arrays = forged.arrays(cell)
    model = read_model(RunFolder(forged.path).weights(cell.key), cell, 4, 3)
    spread = task.x_train.max(axis=0) - task.x_train.min(axis=0)
    for row in forged.broken(cell):
        # the same way, further: mislabelled still, inside the box, at a true distance
        far = task.x_test[row] + 1.5 * forged.eps / arrays["distances"][1, row] * (
            arrays["adversarial"][1, row] - task.x_test[row]
        )
        far = np.clip(far, task.x_train.min(axis=0), task.x_train.max(axis=0))
        distance = np.abs((far - task.x_test[row]) / spread).max()
        if model.predict(far[None])[0] != task.y_test[row] and distance > forged.eps:
            break
    else:
        pytest.fail("no row can be pushed")
    arrays["adversarial"][1, row], arrays["distances"][1, row] = far, distance
    forged.store(cell, arrays)
    forged.aggregate_anew()
    lines = verify(forged, "--reattack", "1")
    assert named(lines, cell, task.test_ids[row], what="stored as broken at .* only")


def test_an_attack_declared_not_applicable_is_found(
    forged: Forged, verify: Callable[..., list[str]], named: Named
) -> None:
    cell = forged.cells["mlp"]
    arrays = forged.arrays(cell)
    clean = arrays["predictions"] == arrays["labels"]
    arrays["outcomes"][1, clean] = Outcome.NOT_APPLICABLE
    arrays["distances"][1, clean] = np.inf
    arrays["adversarial"][1] = np.nan
    forged.store(cell, arrays)
    forged.aggregate_anew()
    what = "rows? \\d+.*under sign-bisect is stored as not applicable"
    assert named(verify(forged), cell, what=what)


def test_a_chance_is_a_lower_bound_or_certainty() -> None:
    assert chance_words(0.99999) == "with a probability of at least 0.9999"
    assert chance_words(1.0) == "for certain"


def test_the_chance_of_missing_is_that_of_drawing_without_replacement() -> None:
    assert chance_of_missing(10, 2, 3) == pytest.approx((8 * 7 * 6) / (10 * 9 * 8))
    assert chance_of_missing(10, 2, 9) == 0
    assert chance_of_missing(10, 0, 10) == 1
    # so a tenth of the broken rows, rewritten, is met with a probability of 99 % at least
    assert chance_of_missing(450, 50, enough(450, 50)) <= 0.01 < chance_of_missing(450, 50, 35)
    assert enough(450, 0) == 0
    assert enough(100_000, 1) == 200
