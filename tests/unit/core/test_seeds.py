from __future__ import annotations

import numpy as np

from genlabel_robust.core.seeds import generator, integer_seed

GOLDEN_STREAM = [769, 510, 753, 943, 393]
GOLDEN_SEED = 2547047599


def test_a_stream_has_the_same_values_for_ever() -> None:
    values = generator(0, "mixing", 3).integers(0, 1000, 5).tolist()
    assert values == GOLDEN_STREAM
    assert integer_seed(7, "split") == GOLDEN_SEED


def test_streams_of_other_purposes_and_seeds_differ() -> None:
    purposes = [(), ("a",), ("b",), ("a", 1), ("a", "1"), (1, "a")]
    streams = {
        tuple(generator(seed, *purpose).integers(0, 2**62, 4).tolist())
        for seed in (0, 1)
        for purpose in purposes
    }
    assert len(streams) == 2 * len(purposes)


def test_streams_of_two_purposes_are_uncorrelated() -> None:
    # |r| > 0.05 at n = 10,000 is 5 sigma: false alarm 6e-7, and the seed is fixed
    a = generator(0, "a").standard_normal(10_000)
    b = generator(0, "b").standard_normal(10_000)
    assert abs(np.corrcoef(a, b)[0, 1]) < 0.05


def test_drawing_does_not_touch_the_global_state() -> None:
    before = np.random.get_state(legacy=False)["state"]["pos"]  # noqa: NPY002
    generator(0, "a").standard_normal(10)
    assert np.random.get_state(legacy=False)["state"]["pos"] == before  # noqa: NPY002


def test_an_integer_seed_fits_into_32_bits() -> None:
    assert all(0 <= integer_seed(seed, "x") < 2**32 for seed in range(50))
