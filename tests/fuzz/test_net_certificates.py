"""Fuzzing of a few nets; run ``tests/fuzz/net_certificates.py`` for thousands."""

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

from genlabel_robust.certify.nets.bounds.local import localise

#: How many nets; more with GENLABEL_FUZZ_COUNT, from another seed with GENLABEL_FUZZ_SEED.
COUNT, SEED = (
    int(os.environ.get(f"GENLABEL_FUZZ_{name}", usual))
    for name, usual in (("COUNT", "10"), ("SEED", "2"))
)


@pytest.fixture(scope="module")
def nets() -> ModuleType:
    sys.path.insert(0, str(Path(__file__).parent))
    return importlib.import_module("net_certificates")


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_nothing_that_exists_contradicts_a_certificate(nets: ModuleType) -> None:
    total: Counter[str] = Counter()
    # steps of 7 meet each source, norm and kind of constraint soon
    for seed in range(SEED, SEED + 7 * COUNT, 7):
        found = nets.tried(nets.made(seed), np.random.default_rng((seed, 1)))
        assert not found.pop("wrong"), seed
        total.update(found)
    assert total["certified"] > COUNT
    assert total["broken"] > COUNT / 2


def test_a_certificate_that_says_too_much_is_found_out(
    nets: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    certify_net = nets.certify_net

    def bold(*arguments: Any, **keywords: Any) -> Any:
        found = certify_net(*arguments, **keywords)
        return replace(found, lower=np.full_like(found.lower, np.inf), upper=found.upper + np.inf)

    monkeypatch.setattr(nets, "certify_net", bold)
    assert any(
        nets.tried(nets.made(seed), np.random.default_rng((seed, 1)))["wrong"] for seed in (0, 2, 8)
    )


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_region_that_is_too_small_is_found_out(
    nets: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    def small(net: Any, raw: Any, slack: Any, scale: Any, free: Any, *edges: Any) -> Any:
        low, high, *rest = edges
        return localise(net, raw, slack, scale, free, 0.9 * low, 0.9 * high, *rest)

    monkeypatch.setattr("genlabel_robust.certify.nets.row.localise", small)
    assert any(
        nets.tried(nets.made(seed), np.random.default_rng((seed, 1)))["wrong"] for seed in range(12)
    )
