from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from genlabel_robust.runs.cells.cell import CellResult
from genlabel_robust.runs.folder.checked.coherence import incoherence
from genlabel_robust.runs.results.dataset import Dataset, Feature
from genlabel_robust.runs.results.results import Results
from genlabel_robust.runs.results.row import Row
from genlabel_robust.threat.threat_model import ThreatModel

Build = Callable[..., CellResult]
GROUP = ("iris", "mlp", "genlabel")
FOUND = (0.1, 0.2, 0.3, 0.4)
KEPT = {"square": "the suite keeps it for models without gradients"}
OTHERS = {"hopskipjump": "the suite keeps it for models that give labels alone"}


def wrong(cells: Sequence[CellResult], **fields: Any) -> str | None:
    """Return in which way these cells of one recipe contradict results on pgd and noise."""
    dataset, architecture, strategy = GROUP
    attacks = dict.fromkeys(("pgd", "noise"))
    row = Row(dataset, strategy, architecture, 0.1, "linf", "range", 4, 1, attacks, ({},))
    features = tuple(Feature(name, mutable=True, raw_eps=(0.1,)) for name in "uv")
    about = Dataset("c", {}, 2, 4, ("a", "b"), "range", (), {}, features)
    results = {
        "attacks": [*attacks],
        "threat": ThreatModel("linf", (0.1,)).as_dict(),
        "datasets": {dataset: about.as_dict()},
        "rows": [row.as_dict()],
        "differences": [],
        **fields,
    }
    return incoherence(Results(results), {GROUP: cells})


@pytest.fixture
def cell(result: Build) -> Callable[..., CellResult]:
    def build(*attacks: str, not_chosen: tuple[str, ...] = ()) -> CellResult:
        found = result(dict.fromkeys(attacks, FOUND))
        adversarial = np.full((len(attacks), 4, 2), np.nan)
        return replace(found, not_chosen=not_chosen, adversarial=adversarial)

    return build


def test_cells_with_the_attacks_of_the_results_are_of_one_run(cell: Build) -> None:
    assert wrong([cell("pgd", "noise"), cell("pgd", "noise")]) is None


def test_attacks_that_the_suite_keeps_for_other_models_may_stand_beside_them(cell: Build) -> None:
    cells = [cell("pgd", "square", "noise", not_chosen=("square",)) for _ in range(2)]
    assert wrong(cells, not_chosen=KEPT) is None


def test_an_attack_left_out_of_the_results_must_be_one_that_they_say_is_kept_for_others(
    cell: Build,
) -> None:
    cells = [cell("pgd", "square", "noise", not_chosen=("square",)) for _ in range(2)]
    told = "a cell of iris/mlp/genlabel does not have the attacks of the run"
    assert wrong(cells) == told
    assert wrong(cells, not_chosen=OTHERS) == told


def test_an_attack_that_a_cell_ran_is_not_one_that_the_suite_keeps_for_others(cell: Build) -> None:
    told = "a cell of iris/mlp/genlabel does not have the attacks of the run"
    assert wrong([cell("pgd", "square", "noise")], not_chosen=KEPT) == told


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(("pgd", "noise"), id="none"),
        pytest.param(("pgd", "noise", "square"), id="the same in another order"),
        pytest.param(("pgd", "hopskipjump", "noise"), id="another"),
    ],
)
def test_cells_of_one_recipe_with_other_unlisted_attacks_are_not_of_one_run(
    other: tuple[str, ...], cell: Build
) -> None:
    first = cell("pgd", "square", "noise", not_chosen=("square",))
    second = cell(*other, not_chosen=tuple({*other} & {"square", "hopskipjump"}))
    for cells in ([first, second], [second, first]):
        told = wrong(cells, not_chosen=KEPT | OTHERS)
        assert told == "the cells of iris/mlp/genlabel do not have the same attacks"


def test_an_attack_is_kept_from_all_cells_of_one_recipe_or_from_none(cell: Build) -> None:
    cells = [cell("pgd", "noise", not_chosen=("noise",)), cell("pgd", "noise")]
    assert wrong(cells) == "the cells of iris/mlp/genlabel do not have the same attacks"
