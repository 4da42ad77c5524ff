from __future__ import annotations

import pytest

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.strategies.build import build
from genlabel_robust.trainers.config import TrainConfig
from genlabel_robust.trainers.grid import Candidate, grid, member

SHORT = TrainConfig(learning_rates=(0.1, 0.01), gammas=(0.0, 0.5, 1.0))
SEARCH = TrainConfig(tune=True, learning_rates=(0.1, 0.01), gammas=(1.0, 0.0, 0.5))


def test_the_order_is_rate_then_density_then_gamma_with_gamma_zero_once():
    found = grid(build("genlabel-cv"), SHORT, 0.3, gamma_is_set=False)
    block = [("gaussian", 0.0), ("gaussian", 0.5), ("gaussian", 1.0), ("kde", 0.5), ("kde", 1.0)]
    assert found == tuple(Candidate(rate, *pair) for rate in (0.1, 0.01) for pair in block)


def test_the_papers_grid_has_44_points():
    assert len(grid(build("genlabel-cv"), TrainConfig(), 0.3, gamma_is_set=False)) == 44


def test_without_a_search_there_is_one_candidate():
    assert grid(build("vanilla"), SHORT, 0.3, False) == (Candidate(0.3, None, None),)
    found = grid(build("genlabel-nn", {"gamma": 0.4}), SHORT, 0.3, True)
    assert found == (Candidate(0.3, "nearest-neighbour", 0.4),)


def test_tuning_searches_what_the_strategy_has():
    assert len(grid(build("mixup"), SEARCH, 0.3, False)) == 2
    found = grid(build("genlabel-gm"), SEARCH, 0.3, False)
    assert [c.gamma for c in found] == [0.0, 0.5, 1.0] * 2


def test_what_is_set_is_not_searched():
    rate_set = TrainConfig(tune=True, learning_rate=0.2, gammas=(0.0, 1.0))
    assert [c.learning_rate for c in grid(build("genlabel-gm"), rate_set, 0.3, False)] == [0.2] * 2
    found = grid(build("genlabel-gm", {"gamma": 0.4}), SEARCH, 0.3, True)
    assert found == (Candidate(0.1, "gaussian", 0.4), Candidate(0.01, "gaussian", 0.4))


def test_a_model_without_learning_rate_gets_none():
    rate_set = TrainConfig(tune=True, learning_rate=0.2)
    assert {c.learning_rate for c in grid(build("genlabel-cv"), rate_set, None, False)} == {None}


def test_a_member_stands_at_its_candidates_gamma():
    found = member(build("genlabel-cv", {"bandwidth": 0.2}), Candidate(None, "kde", 0.6))
    assert (found.name, found.gamma, found.bandwidth) == ("genlabel-kde", 0.6, 0.2)
    with pytest.raises(ConfigurationError, match="no density 'kde'"):
        member(build("genlabel-gm"), Candidate(None, "kde", 0.6))
