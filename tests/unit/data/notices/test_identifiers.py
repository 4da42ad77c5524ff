from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.data.notices.identifiers import identifiers, numbers_identify, texts_identify

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    "values",
    [np.arange(100), RNG.permutation(100) + 5000, RNG.choice(3000, 900, replace=False) + 100000],
)
def test_counters_and_parts_of_them_identify(values: np.ndarray) -> None:
    assert numbers_identify(values.astype(float))


@pytest.mark.parametrize(
    "values",
    [
        RNG.normal(size=500),  # all different, and no whole numbers
        RNG.integers(0, 100, 200),  # repeat
        RNG.choice(10**6, 150, replace=False),  # all different, as draws from far are
        np.arange(10),  # few
        np.arange(100) + 0.5,
    ],
)
def test_measures_do_not_identify(values: np.ndarray) -> None:
    assert not numbers_identify(values.astype(float))


def test_whole_numbers_drawn_anyhow_hardly_ever_identify() -> None:
    """Expected of 2,000 draws of 100 from a range of 500, the widest that counts: 0.1."""
    draws = RNG.integers(0, 500, (2000, 100)).astype(float)
    assert sum(numbers_identify(draw) for draw in draws) <= 2


def test_texts_that_nearly_all_differ_identify() -> None:
    assert texts_identify(np.arange(100))
    assert texts_identify(np.r_[np.arange(96), 0, 1, 2, 3])
    assert not texts_identify(np.r_[np.arange(90), np.arange(10)])
    assert not texts_identify(np.arange(10))


def test_the_concern_names_columns_and_what_to_do() -> None:
    (concern,) = identifiers(["customer"], ["row"], "reference rows")
    assert "2 columns look like identifiers among the reference rows: 'customer'" in concern.text
    assert (
        "(--drop); an attacker may change 'row', unless you give it immutable = true"
        in concern.text
    )
    (concern,) = identifiers(["customer"], [], "reference rows")
    assert concern.text.startswith("1 column looks like an identifier among")
    assert "attacker" not in concern.text
    assert identifiers([], [], "rows") == []
