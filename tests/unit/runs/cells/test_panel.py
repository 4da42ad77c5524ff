from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from genlabel_robust.certify.certificate import Certificate
from genlabel_robust.runs.cells.cell import CellResult, empty_result
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.threat.threat_model import TOLERANCE

Build = Callable[..., CellResult]
INF = np.inf


def test_the_worst_case_is_the_nearest_of_the_attacks_that_could_work(result: Build) -> None:
    panel = Panel(
        [result({"pgd": (0.3, INF, 0.1, INF), "fgsm": None, "hop": (0.2, 0.5, 0.4, INF)})]
    )
    assert [panel.applicable(i) for i in range(3)] == [True, False, True]
    assert panel.nearest is not None
    np.testing.assert_array_equal(panel.nearest, [[0.2, 0.5, 0.1, INF]])


def test_no_attack_that_could_work_gives_no_worst_case(result: Build) -> None:
    assert Panel([result({"pgd": None, "fgsm": None})]).nearest is None


def test_an_attack_that_could_not_work_on_one_of_the_seeds_does_not_count(result: Build) -> None:
    panel = Panel([result({"pgd": (0.3, 0.3, 0.3, 0.3)}), result({"pgd": None})])
    assert panel.nearest is None


def test_robust_is_correct_and_not_broken_within_the_budget(result: Build) -> None:
    panel = Panel([result({"pgd": (0.05, 0.1, 0.2, INF)}, predictions=(1, 0, 1, 1))])
    assert panel.nearest is not None
    np.testing.assert_array_equal(panel.clean, [[False, True, True, True]])
    np.testing.assert_array_equal(panel.robust(panel.nearest, 0.1), [[False, False, True, True]])
    np.testing.assert_array_equal(panel.robust(panel.nearest, 0.09), [[False, True, True, True]])


def test_the_edge_of_the_ball_is_inside_up_to_the_tolerance(result: Build) -> None:
    near, far = 0.1 * (1 + TOLERANCE / 2), 0.1 * (1 + 2 * TOLERANCE)
    panel = Panel([result({"pgd": (0.1, near, far, INF)})])
    np.testing.assert_array_equal(
        panel.robust(panel.distances[:, 0], 0.1), [[False, False, True, True]]
    )


def test_exact_distances_count_only_if_every_seed_has_them(result: Build) -> None:
    with_, without = (result({"pgd": (1, 1, 1, 1)}, exact=e) for e in ((1, 1, 1, 1), None))
    assert Panel([with_, without]).exact is None
    exact = Panel([with_, with_]).exact
    assert exact is not None
    assert exact.shape == (2, 4)


def certificate(lower: tuple[float, ...], upper: tuple[float, ...]) -> Certificate:
    n = len(lower)
    return Certificate(np.array(lower), np.array(upper), np.zeros((n, 2)), np.zeros(n, np.int64))


def test_a_distance_lies_between_what_is_proved_and_the_nearest_point_found(result: Build) -> None:
    attacked = result({"pgd": (0.3, 0.2, INF, INF), "fgsm": (0.25, INF, INF, INF)})
    proved = certificate((0.1, 0.1999, 0.1, INF), (0.28, 0.2, 0.4, INF))
    panel = Panel([replace(attacked, certificate=proved)])
    assert panel.between is not None
    # the second is known to a thousandth, the last cannot be broken at all
    np.testing.assert_array_equal(panel.between[0], [[0.1, 0.2, 0.1, INF]])
    np.testing.assert_array_equal(panel.between[1], [[0.25, 0.2, 0.4, INF]])


def test_distances_have_no_bounds_where_nothing_is_proved_of_a_seed(result: Build) -> None:
    attacked = result({"pgd": (0.3, 0.2, INF, INF)})
    proved = replace(attacked, certificate=certificate((0.1,) * 4, (0.2,) * 4))
    exact = result({"pgd": (0.3, 0.2, INF, INF)}, exact=(0.3, 0.2, 0.9, 0.9))
    assert Panel([attacked, proved]).between is None
    assert Panel([exact, attacked]).between is None
    assert Panel([exact, exact]).between is None
    mixed = Panel([exact, proved]).between
    assert mixed is not None
    np.testing.assert_array_equal(mixed[0], [[0.3, 0.2, 0.9, 0.9], [0.1] * 4])
    np.testing.assert_array_equal(mixed[1], [[0.3, 0.2, 0.9, 0.9], [0.2] * 4])


def test_a_cell_that_was_not_trained_gives_its_reason(result: Build) -> None:
    panel = Panel([empty_result("needs gradients", np.arange(3), np.zeros(3, dtype=np.int64))])
    assert panel.not_applicable == "needs gradients"
    assert not panel.clean.any()
    assert Panel([result({"pgd": (1, 1, 1, 1)})]).not_applicable is None
