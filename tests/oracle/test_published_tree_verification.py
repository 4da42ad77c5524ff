"""The boosted trees of Chen et al. 2019 and what its authors proved of them.

``benchmarks/chen2019.py`` has the model, and what is published of it.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

_ROOT = Path(__file__).resolve().parents[2]
_SHARED = _ROOT.parent / "shared" / "data" / "chen2019"


@pytest.fixture(scope="module")
def chen2019() -> Any:
    """The module of the benchmark."""
    if not _SHARED.is_dir():
        pytest.skip("the example of Chen et al. 2019 is not here; it is not part of the project")
    spec = importlib.util.spec_from_file_location("chen2019", _ROOT / "benchmarks/chen2019.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("edge", [0.0, 100.0], ids=["in the unit box", "without a box"])
def test_distances_on_the_model_of_chen_et_al_are_exact_and_above_their_bound(
    chen2019: Any, edge: float
) -> None:
    model, raw, y = chen2019.example(_SHARED)
    np.testing.assert_array_equal(model.predict(raw), y)
    found = chen2019.proved(model, raw, y, edge)
    np.testing.assert_array_equal(found.lower, found.upper)
    assert found.upper.mean() > chen2019.MEAN_BOUND
    assert np.median(found.upper) == pytest.approx(0.388889, abs=1e-6)


def test_the_benchmark_finds_the_published_error(chen2019: Any) -> None:
    record = chen2019.measured(_SHARED)
    assert record["error"] == chen2019.ERROR == 0.13
    assert record["mean_distance"] == pytest.approx(0.396111, abs=1e-6)
    assert record["open"] == 0
