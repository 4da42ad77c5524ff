from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from genlabel_robust.certify.affine import rivals
from genlabel_robust.certify.affine.distance import exact_distance
from genlabel_robust.core.errors import ConfigurationError, UnknownNameError

WIDE = 1e6


def instance(n: int = 3, d: int = 2, k: int = 2) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    u = rng.normal(size=(n, d))
    return {
        "weight": rng.normal(size=(k, d)),
        "bias": rng.normal(size=k),
        "u": u,
        "y": np.zeros(n, dtype=np.int64),
        "low": u - 1.0,
        "high": u + 1.0,
        "norm": "linf",
    }


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_blocks_of_rows_change_nothing(norm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = instance(n=23, d=4, k=3) | {"norm": norm}
    whole = exact_distance(**arguments)
    monkeypatch.setattr(rivals, "_BLOCK", 60)
    assert exact_distance(**arguments) == pytest.approx(whole, rel=1e-12)


def test_no_rows_have_no_distances() -> None:
    assert exact_distance(**instance(n=0)).shape == (0,)


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_a_misclassified_example_is_at_distance_0(norm: str) -> None:
    arguments = instance() | {"weight": np.zeros((2, 2)), "bias": np.array([0.0, 1.0])}
    assert exact_distance(**arguments | {"norm": norm}).tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("label", [0, 1])
def test_a_tie_is_at_distance_0_whichever_class_argmax_takes(label: int) -> None:
    arguments = instance() | {"weight": np.zeros((2, 2)), "bias": np.zeros(2)}
    arguments["y"] = np.full(3, label)
    assert exact_distance(**arguments).tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_zero_weights_are_never_broken(norm: str) -> None:
    arguments = instance() | {"weight": np.zeros((2, 2)), "bias": np.array([1.0, 0.0])}
    assert np.isposinf(exact_distance(**arguments | {"norm": norm})).all()


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_slopes_past_the_range_of_a_double_are_out_of_reach(norm: str) -> None:
    arguments = instance() | {"weight": np.array([[1e-310, 0.0], [0.0, 0.0]])}
    arguments |= {"bias": np.array([1.0, 0.0]), "norm": norm}
    assert np.isposinf(exact_distance(**arguments)).all()


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_a_box_without_walls_is_allowed(norm: str) -> None:
    arguments = instance(n=20, d=5, k=3) | {"norm": norm}
    arguments["weight"][:, 2] = 0.0
    far = arguments | {"low": arguments["u"] - WIDE, "high": arguments["u"] + WIDE}
    open_box = arguments | {"low": np.full((20, 5), -np.inf), "high": np.full((20, 5), np.inf)}
    assert exact_distance(**open_box) == pytest.approx(exact_distance(**far), rel=1e-12)


def test_another_norm_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="did you mean"):
        exact_distance(**instance() | {"norm": "l22"})


@pytest.mark.parametrize("name", ["bias", "y", "low", "high"])
def test_a_shape_that_does_not_fit_is_named(name: str) -> None:
    arguments = instance()
    arguments[name] = arguments[name][:-1]
    with pytest.raises(ConfigurationError, match=f"{name} has the shape"):
        exact_distance(**arguments)


def test_points_of_one_axis_are_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"\(k, d\) and \(n, d\)"):
        exact_distance(**instance() | {"u": np.zeros(2)})


def test_features_that_do_not_match_the_weights_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="u has the shape"):
        exact_distance(**instance() | {"u": np.zeros((3, 5))})


def test_a_label_without_weights_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="0 … 1"):
        exact_distance(**instance() | {"y": np.array([0, 1, 2])})


def test_a_box_beside_its_point_is_refused_with_its_row() -> None:
    arguments = instance()
    arguments["low"][1, 0] = arguments["u"][1, 0] + 0.1
    with pytest.raises(ConfigurationError, match=r"1 of 3 boxes .* row 1"):
        exact_distance(**arguments)
