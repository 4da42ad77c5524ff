"""Fuzzing of a few models; run ``tests/fuzz/single_features.py`` for thousands."""

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

from genlabel_robust.certify.singles.net_bounds import NetOnLines

#: How many models; more with GENLABEL_FUZZ_COUNT, from another seed with GENLABEL_FUZZ_SEED.
COUNT, SEED = (
    int(os.environ.get(f"GENLABEL_FUZZ_{name}", usual))
    for name, usual in (("COUNT", "16"), ("SEED", "3"))
)
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module")
def models() -> ModuleType:
    sys.path.insert(0, str(Path(__file__).parent))
    return importlib.import_module("single_features")


def problems(models: ModuleType, seed: int) -> list[str]:
    found: list[str] = models.tried(models.made(seed), np.random.default_rng((seed, 1)))["wrong"]
    return found


def test_nothing_that_one_column_can_become_contradicts_what_is_said(models: ModuleType) -> None:
    total: Counter[str] = Counter()
    # steps of 13 meet each source, norm, kind of model and kind of constraint soon
    for seed in range(SEED, SEED + 13 * COUNT, 13):
        found = models.tried(models.made(seed), np.random.default_rng((seed, 1)))
        assert not found.pop("wrong"), seed
        total.update(found)
    assert total["certified"] > COUNT
    assert total["broken"] > COUNT / 2


def test_a_proof_that_says_too_much_is_found_out(
    models: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bold(net: NetOnLines, lines: Any, *ends: Any) -> Any:
        return np.ones(len(lines), dtype=bool)

    monkeypatch.setattr(NetOnLines, "proved", bold)
    assert any(problems(models, seed) for seed in range(0, 12, 2))


def test_a_listing_that_leaves_something_out_is_found_out(
    models: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    single_columns = models.single_columns

    def hasty(*arguments: Any) -> Any:
        found = single_columns(*arguments)
        nothing = np.full_like(found.upper, np.inf)
        return replace(found, lower=nothing, upper=nothing, value=np.full_like(found.value, np.nan))

    monkeypatch.setattr(models, "single_columns", hasty)
    assert any(problems(models, seed) for seed in range(8))
