from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from genlabel_robust.structure.floats import at_ordinal, below, between, cut_of_float32, ordinal

_FINITE = st.floats(allow_nan=False, allow_infinity=False)
_SINGLE = st.floats(width=32, allow_nan=False, allow_infinity=False)


def _single(x: float) -> float:
    with np.errstate(over="ignore"):
        return float(np.float64(x).astype(np.float32))


@given(_FINITE | _SINGLE)
def test_a_cut_is_the_last_float64_whose_cast_is_at_most_the_threshold(t: float) -> None:
    for strict, left in ((False, lambda x: _single(x) <= t), (True, lambda x: _single(x) < t)):
        cut = float(cut_of_float32(np.array([t]), strict=strict)[0])
        if np.isfinite(cut):
            assert left(cut)
            after = float(np.nextafter(cut, np.inf))
            assert np.isinf(after) or not left(after)
        else:
            assert left(np.finfo(np.float64).max) == (cut > 0)


@given(_FINITE)
def test_neighbouring_floats_have_neighbouring_places(x: float) -> None:
    place = ordinal(np.array([x]))
    assert at_ordinal(place)[0] == x
    assert ordinal(below(np.array([x])))[0] in (place[0] - 1, np.iinfo(np.int64).min)


@given(_FINITE, _FINITE)
def test_the_middle_of_two_places_lies_between_them(x: float, y: float) -> None:
    low, high = ordinal(np.sort(np.array([x, y])))
    middle = between(np.array([low]), np.array([high]))[0]
    assert low <= middle <= high
    assert high - middle == 0 or int(high) - int(middle) <= (int(high) - int(low) + 2) // 2
