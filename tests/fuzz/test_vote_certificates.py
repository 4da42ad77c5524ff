"""Fuzzing of a few votes; run ``tests/fuzz/vote_certificates.py`` for hundreds."""

from __future__ import annotations

import importlib
import os
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from genlabel_robust.certify.nets.discrete import choices, chosen_among
from genlabel_robust.certify.trees.boxes import leaf_boxes
from genlabel_robust.certify.votes.bounds import Bounder
from genlabel_robust.certify.votes.region import radius_of, region_of

#: How many votes; more with GENLABEL_FUZZ_COUNT, from another seed with GENLABEL_FUZZ_SEED.
COUNT, SEED = (
    int(os.environ.get(f"GENLABEL_FUZZ_{name}", usual))
    for name, usual in (("COUNT", "8"), ("SEED", "3"))
)

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.usefixtures("libraries")]


@pytest.fixture(scope="module")
def libraries() -> None:
    pytest.importorskip("xgboost")
    pytest.importorskip("lightgbm")


@pytest.fixture(scope="module")
def votes(libraries: None) -> ModuleType:
    sys.path.insert(0, str(Path(__file__).parent))
    return importlib.import_module("vote_certificates")


def test_nothing_that_exists_contradicts_a_certificate(votes: ModuleType) -> None:
    total: Counter[str] = Counter()
    # steps of 4 meet each norm and kind of constraint soon
    for seed in range(SEED, SEED + 4 * COUNT, 4):
        found = votes.tried(votes.made(seed), np.random.default_rng((seed, 1)))
        assert not found.pop("wrong"), seed
        total.update(found)
    assert total["certified"] > COUNT
    assert total["broken"] > COUNT / 4
    assert not total["missed"]


def test_a_certificate_that_says_too_much_is_found_out(
    votes: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    certify_vote = votes.certify_vote

    def bold(*arguments: Any) -> Any:
        found = certify_vote(*arguments)
        return replace(found, lower=np.full_like(found.lower, np.inf), upper=found.upper + np.inf)

    monkeypatch.setattr(votes, "certify_vote", bold)
    assert any(
        votes.tried(votes.made(seed), np.random.default_rng((seed, 1)))["wrong"]
        for seed in (0, 1, 2)
    )


def test_a_region_that_is_too_small_is_found_out(
    votes: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    def small(*arguments: Any) -> Any:
        found = region_of(*arguments)
        row = found.choice.row
        return replace(
            found, low=row + 0.9 * (found.low - row), high=row + 0.9 * (found.high - row)
        )

    monkeypatch.setattr("genlabel_robust.certify.votes.row.region_of", small)
    assert any(
        votes.tried(votes.made(seed), np.random.default_rng((seed, 1)))["wrong"]
        for seed in range(6)
    )


def test_no_point_of_a_box_leads_by_less_than_the_box_allows(votes: ModuleType) -> None:
    """The library's own probabilities, in random boxes and at their corners."""
    tight = 0
    for seed in range(SEED, SEED + 4 * COUNT, 4):
        case, rng = votes.made(seed), np.random.default_rng((seed, 2))
        boxes = [leaf_boxes(trees, len(case.space.scale)) for trees in case.net.trees]
        row, none = case.raw[0], np.zeros(0, dtype=np.int64)
        found = choices(case.space, row, none, case.norm, radius_of(case.space, row, 0.3))
        assert found is not None
        chosen = chosen_among(case.space, none)
        y = int(case.model.predict(case.raw[:1])[0])
        region = region_of(case.space, row, found[-1], chosen, case.norm, 0.3)
        bounder = Bounder.of(case.net, boxes, region, y)
        low, high = np.sort(rng.uniform(region.low, region.high, (2, 20, len(row))), axis=0)
        whole = bounder.bounded(low, high, np.ones((20, len(bounder.leaves.gain)), dtype=bool))
        for number in range(20):
            points = rng.uniform(low[number], high[number], (50, len(row)))
            points[:10] = np.where(rng.random((10, len(row))) < 0.5, low[number], high[number])
            # of the whole numbers' columns those between steps count for these bounds as well
            size = case.space.distance(
                np.broadcast_to(found[-1].row, points.shape), points, case.norm
            )
            points = points[size <= region.ball.radius]
            if len(points):
                shares = case.model.scores(points)
                lead = shares[:, y] - np.delete(shares, y, axis=1).max(axis=1)
                assert lead.min() > whole.value[number], (seed, number)
                tight += lead.min() < whole.value[number] + 0.1
    assert tight > 20 * COUNT / 10
