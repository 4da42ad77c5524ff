from __future__ import annotations

import numpy as np
import pytest
import torch

from genlabel_robust.models.nets.chain import LOGISTIC
from genlabel_robust.strategies.build import build
from genlabel_robust.trainers.config import TrainConfig
from genlabel_robust.trainers.fitting.stacked import Streams
from genlabel_robust.trainers.grid import Candidate, member
from genlabel_robust.trainers.job import Job, Recipe

RNG = np.random.default_rng(0)
X = torch.tensor(RNG.normal(size=(40, 2)), dtype=torch.float32)
Y = torch.arange(40) % 2


def job(fold, candidate):
    rows = torch.arange(40) % 3 != fold
    return Job(X[rows], Y[rows], candidate, fold)


def recipe(name):
    return Recipe(LOGISTIC, build(name), 2, TrainConfig(), seed=0)


def test_all_gammas_of_a_fold_share_one_mixup_and_one_stream_per_density():
    cv, streams, parts = recipe("genlabel-cv"), Streams(recipe("genlabel-cv")), {}
    for fold in (1, 2):
        for density in ("gaussian", "kde"):
            for gamma in (0.0, 0.25, 1.0):
                candidate = Candidate(0.1, density, gamma)
                one = streams.parts(job(fold, candidate), member(cv.strategy, candidate))
                parts[fold, density, gamma] = one
    assert len(streams.all) == 2 * 3
    mixup = parts[1, "gaussian", 0.0]
    assert mixup == parts[1, "kde", 0.0] == ((0, 1.0),)
    assert parts[1, "gaussian", 0.25] == ((1, 0.25), (0, 0.75))
    assert parts[1, "kde", 1.0] == ((2, 1.0),)


@pytest.mark.parametrize("name", ["mixup-exclude-mi", "genlabel-kde"])
def test_every_fold_has_a_strategy_fitted_on_its_own_rows(name):
    candidate = Candidate(0.1, "kde", 1.0)
    streams, strategy = Streams(recipe(name)), build(name)
    for fold in (1, 2):
        streams.parts(job(fold, candidate), strategy)
    for fold, stream in zip((1, 2), streams.all, strict=True):
        alone = build(name).fit(stream.x, stream.y, 2)(X, Y, np.random.default_rng(0))
        found = stream.strategy(X, Y, np.random.default_rng(0))
        assert len(stream.x) == int((torch.arange(40) % 3 != fold).sum())
        assert torch.equal(found.target, alone.target)
        assert torch.equal(found.weight, alone.weight)
    first, second = (s.strategy(X, Y, np.random.default_rng(4)) for s in streams.all)
    assert not (
        torch.equal(first.target, second.target) and torch.equal(first.weight, second.weight)
    )
