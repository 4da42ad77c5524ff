"""Bounds of a net for one example, and in boxes, hold at every point."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from genlabel_robust.certify.nets.bounds.boxes import bounded, raised
from genlabel_robust.certify.nets.bounds.leads import Leads
from genlabel_robust.certify.nets.bounds.local import Localised, localise
from genlabel_robust.certify.nets.bounds.region import Ball
from genlabel_robust.structure import ReluNet

D, RADIUS = 4, 0.2
RNG = np.random.default_rng(0)
WIDTHS = (D, 20, 20, 20, 3)
NET = ReluNet(
    np.zeros(D),
    np.full(D, 2.0),
    tuple(RNG.normal(size=(w, v)) * 1.5 / v**0.5 for v, w in pairwise(WIDTHS)),
    tuple(0.3 * RNG.normal(size=w) for w in WIDTHS[1:]),
    2.0**-24,
)
RAW = RNG.normal(size=D)


def about(radius: float = RADIUS) -> Localised:
    edge = np.full(D, radius)
    return localise(
        NET, RAW, np.zeros(D), np.ones(D), np.arange(D), -edge, edge, Ball("linf", radius)
    )


def hidden(local: Localised, delta: np.ndarray) -> list[np.ndarray]:
    """Return the pre-activations of the ReLUs that remain in each layer."""
    found, x = [], delta
    for weight, bias in zip(local.net.weights, local.net.biases, strict=True):
        found.append(x @ weight.T + bias)
        x = np.maximum(found[-1], 0.0)
    return found


def test_the_net_without_what_is_off_in_the_region_has_the_scores_of_the_whole() -> None:
    local = about()
    assert sum(len(bias) for bias in local.net.biases) < 3 * 20
    delta = RNG.uniform(-RADIUS, RADIUS, (200, D))
    last = np.maximum(hidden(local, delta)[-1], 0.0)
    scores = last @ NET.weights[-1][:, local.last].T + NET.biases[-1]
    np.testing.assert_allclose(scores, NET.scores(RAW + delta), atol=1e-12)


def test_a_layer_that_is_off_everywhere_leaves_a_constant() -> None:
    dead = ReluNet(
        NET.offset,
        NET.scale,
        NET.weights,
        (NET.biases[0], np.full(20, -99.0), *NET.biases[2:]),
        NET.rounding,
    )
    edge = np.full(D, RADIUS)
    local = localise(
        dead, RAW, np.zeros(D), np.ones(D), np.arange(D), -edge, edge, Ball("linf", RADIUS)
    )
    last = np.maximum(hidden(local, np.zeros((1, D)))[-1], 0.0)
    scores = last @ dead.weights[-1][:, local.last].T + dead.biases[-1]
    np.testing.assert_allclose(scores, dead.scores(RAW[None]), atol=1e-12)


def test_bounds_of_a_box_hold_at_its_points_and_better_slopes_prove_more() -> None:
    local = about()
    weight, bias = NET.weights[-1][:, local.last], NET.biases[-1]
    leads = Leads(weight[0] - weight[1:], bias[0] - bias[1:], np.zeros(2))
    center = RNG.uniform(-RADIUS / 2, RADIUS / 2, (30, D))
    low, high = center - RADIUS / 3, center + RADIUS / 3
    boxes = bounded(
        local,
        leads,
        low,
        high,
        [(np.repeat(a, 30, axis=0), np.repeat(b, 30, axis=0)) for a, b in local.bounds],
        np.full((30, 2), np.inf),
    )
    better = raised(local, leads, boxes)
    assert (better.short <= boxes.short).all()
    assert (better.short < boxes.short).any()
    for number in range(30):
        delta = RNG.uniform(low[number], high[number], (100, D))
        for z, (least, most) in zip(hidden(local, delta), boxes.bounds, strict=True):
            assert (z >= least[number]).all()
            assert (z <= most[number]).all()
        last = np.maximum(hidden(local, delta)[-1], 0.0)
        lead = last @ leads.coefficients.T + leads.constant
        assert (lead.min(axis=0) >= -better.short[number]).all()
