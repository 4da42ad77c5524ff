"""What twice the budget breaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from genlabel_robust.runs.cells.cell import CellResult
from genlabel_robust.runs.checks.judging import Check

Checks = Callable[..., dict[str, Check]]


def test_a_sample_of_the_survivors_stands_for_all_of_them(
    sound: CellResult, checks: Checks
) -> None:
    """Two of four rows survived; of one that was sampled it broke: so of both."""
    half = {"rows": 2, "sampled": 1, "broken": 1}
    planted = replace(sound, probes=sound.probes | {"convergence at 0.25": half})
    found = checks(planted)["doubled-budget"]
    assert (found.status, found.value, found.limit) == ("fail", pytest.approx(0.5), 0.005)
    assert found.sentence == (
        "With twice the budget, the attacks broke 1 of 1 sampled survivors (100 %): robust "
        "accuracy would be about 0 % (extrapolated from the sample; 95 % interval 0 % to "
        "39.7 %), not 50 %; a change of 0.5 points is allowed. Attack with a stronger suite or "
        "larger budgets."
    )


def test_where_all_survivors_were_tried_again_the_figure_is_no_estimate(
    sound: CellResult, checks: Checks
) -> None:
    broken = {"rows": 2, "sampled": 2, "broken": 1}
    planted = replace(sound, probes=sound.probes | {"convergence at 0.25": broken})
    found = checks(planted)["doubled-budget"]
    assert found.sentence == (
        "With twice the budget, the attacks broke 1 of 2 survivors (50 %): robust "
        "accuracy would be at most 25 %, not 50 %; a change of 0.5 points is allowed. Attack "
        "with a stronger suite or larger budgets."
    )


def test_a_sample_of_one_seed_stands_for_all_seeds(sound: CellResult, checks: Checks) -> None:
    """The second seed was not probed, and has three robust rows of four: 5 of 8 in all."""
    broken = sound.probes | {"convergence at 0.25": {"rows": 2, "sampled": 2, "broken": 1}}
    distances = sound.distances.copy()
    distances[:, 1] = np.inf
    other = replace(sound, probes={}, distances=distances)
    found = checks(replace(sound, probes=broken), other)["doubled-budget"]
    assert found.value == pytest.approx(5 / 16)
    assert "would be about 31.2 % (extrapolated from the sample; 95 % interval" in found.sentence
    assert "), not 62.5 %;" in found.sentence
