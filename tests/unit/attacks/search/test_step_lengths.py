from __future__ import annotations

import numpy as np

from genlabel_robust.attacks.search.step_lengths import StepLengths

YES, NO = np.ones(1, dtype=bool), np.zeros(1, dtype=bool)


def after(notes: list[tuple[np.ndarray, np.ndarray]]) -> tuple[float, float]:
    lengths = StepLengths(0.01, 0.02, 1.5, 1)
    for kept, reached in notes:
        lengths.adapt(kept, reached)
    return lengths.sideways[0] / 0.01, lengths.inward[0] / 0.02


def middling(count: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Notes of which neither rule makes anything: 40 % sideways, 20 % whole steps."""
    return [(YES if i % 5 < 2 else NO, YES if i % 5 == 0 else NO) for i in range(count)]


def test_nothing_changes_between_the_bounds() -> None:
    assert after(middling(300)) == (1.0, 1.0)


def test_sideways_success_lengthens_both_after_a_hundred_notes() -> None:
    whole = [reached for _, reached in middling(200)]
    assert after([(YES, r) for r in whole[:99]]) == (1.0, 1.0)
    assert after([(YES, r) for r in whole[:100]]) == (1.5, 1.5)
    # the hundred begin anew: the next change needs as many again
    assert after([(YES, r) for r in whole[:199]]) == (1.5, 1.5)
    assert after([(YES, r) for r in whole[:200]]) == (1.5**2, 1.5**2)


def test_sideways_failure_shortens_both() -> None:
    notes = [(NO, reached) for _, reached in middling(100)]
    np.testing.assert_allclose(after(notes), (1 / 1.5, 1 / 1.5))


def test_whole_steps_change_the_inward_length_alone_after_thirty_notes() -> None:
    kept = [sideways for sideways, _ in middling(30)]
    assert after([(s, YES) for s in kept[:29]]) == (1.0, 1.0)
    assert after([(s, YES) for s in kept]) == (1.0, 1.5)
    np.testing.assert_allclose(after([(s, NO) for s in kept]), (1.0, 1 / 1.5))


def test_each_walk_has_lengths_of_its_own_and_ends_when_they_are_negligible() -> None:
    lengths = StepLengths(0.01, 2e-7, 1.5, 3)
    for _ in range(60):
        lengths.adapt(np.array([True, False, True]), np.array([True, False, False]))
    # two thirties of failures: 2e-7 / 1.5² is below 1e-7
    assert lengths.keep_going().tolist() == [0]
    np.testing.assert_allclose(lengths.inward, [2e-7 * 1.5**2])
    lengths.adapt(YES, YES)
    assert len(lengths.sideways) == 1
