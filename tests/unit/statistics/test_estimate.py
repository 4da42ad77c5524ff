from __future__ import annotations

import dataclasses

import pytest

from genlabel_robust.statistics.estimate import Estimate, bounded


def test_an_estimate_is_written_as_plain_unrounded_floats() -> None:
    estimate = Estimate(1 / 3, 0.1, 0.6, 0.95, "wilson", 9)
    written = estimate.as_dict()
    assert written == {
        "value": 1 / 3,
        "low": 0.1,
        "high": 0.6,
        "level": 0.95,
        "method": "wilson",
    }
    assert all(type(value) in (float, str) for value in written.values())
    assert Estimate.from_dict(written, 9) == estimate


def test_an_estimate_cannot_be_changed() -> None:
    estimate = Estimate(0.5, 0.1, 0.6, 0.95, "wilson", 9)
    with pytest.raises(dataclasses.FrozenInstanceError):
        estimate.value = 0.6  # type: ignore[misc]


def test_bounds_enclose_the_value_and_stay_in_range() -> None:
    estimate = bounded(1.0, -0.2, 1.0 - 1e-16, least=0.0, level=0.95, method="m", n=3)
    assert (estimate.low, estimate.value, estimate.high) == (0.0, 1.0, 1.0)
    assert bounded(-0.9, -1.4, 0.2, least=-1.0, level=0.95, method="m", n=3).low == -1.0
