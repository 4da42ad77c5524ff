from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from genlabel_robust.certify.singles.net_bounds import NetOnLines
from genlabel_robust.structure import FLOAT32, ReluNet


def net(seed: int, widths: tuple[int, ...] = (4, 9, 7, 3)) -> ReluNet:
    rng = np.random.default_rng(seed)
    pairs = list(pairwise(widths))
    weights = tuple(rng.normal(size=(w, v)) / v**0.5 for v, w in pairs)
    biases = tuple(0.3 * rng.normal(size=w) for _, w in pairs)
    d = widths[0]
    return ReluNet(rng.normal(size=d), rng.uniform(0.5, 3, d), weights, biases, FLOAT32)


def lines(
    found: ReluNet, rng: np.random.Generator, count: int
) -> tuple[NetOnLines, np.ndarray, np.ndarray]:
    begin = rng.normal(size=(count, len(found.scale)))
    number = rng.integers(0, len(found.scale), count)
    y = found.scores(begin).argmax(axis=1)
    slack = np.zeros_like(begin)
    return NetOnLines.of(found, begin, number, np.full(count, 4.0), slack, y), begin, number


@pytest.mark.parametrize("seed", range(20))
def test_no_point_of_a_segment_that_is_proved_has_another_label(seed: int) -> None:
    found, rng = net(seed), np.random.default_rng((seed, 1))
    on_lines, begin, number = lines(found, rng, 60)
    every = np.arange(60)
    ends = np.sort(rng.uniform(-4, 4, (2, 60)) * rng.choice([0.1, 0.5, 1.0], 60), axis=0)
    proved = on_lines.proved(every, *ends)
    assert 0 < proved.sum() < 60
    for i in np.flatnonzero(proved):
        points = np.tile(begin[i], (2001, 1))
        points[:, number[i]] += np.linspace(ends[0, i], ends[1, i], 2001)
        labels = found.scores(points).argmax(axis=1)
        assert (labels == on_lines.y[i]).all(), i


def test_a_segment_without_a_kink_is_proved_up_to_its_boundary() -> None:
    found = net(3)
    on_lines, begin, number = lines(found, np.random.default_rng(5), 200)
    t = np.linspace(0, 0.01, 50)
    met = 0
    for i in range(200):
        points = np.tile(begin[i], (50, 1))
        points[:, number[i]] += t
        *hidden, scores = found.values(points)
        if any(((z > 0) != (z[0] > 0)).any() for z in hidden):
            continue
        ranked = np.sort(scores, axis=1)
        if (ranked[:, -1] - ranked[:, -2]).min() > 1e-4:
            assert on_lines.proved(np.array([i]), t[:1], t[-1:])[0]
            met += 1
    assert met > 100


def test_what_may_overflow_is_never_proved() -> None:
    found = net(1)
    huge = ReluNet(
        found.offset,
        found.scale,
        (found.weights[0] * 1e35, *found.weights[1:]),
        found.biases,
        FLOAT32,
    )
    on_lines, *_ = lines(huge, np.random.default_rng(2), 10)
    assert not on_lines.proved(np.arange(10), np.zeros(10), np.zeros(10)).any()
