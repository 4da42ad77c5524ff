from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from genlabel_robust.core.errors import OutputError
from genlabel_robust.runs.folder.stored_arrays import check_arrays

N, A, D = 4, 2, 3


def arrays(**changed: Any) -> dict[str, Any]:
    found = {
        "ids": np.arange(N),
        "labels": np.array([0, 0, 1, 1]),
        "predictions": np.array([0, 1, 1, -1]),
        "logit_margin": np.full(N, np.nan),
        "distances": np.full((A, N), np.inf),
        "outcomes": np.full((A, N), 1),
        "queries": np.zeros((A, N), dtype=np.int64),
        "adversarial": np.full((A, N, D), np.nan),
        "exact": np.full(N, 0.5),
    }
    return {name: array for name, array in {**found, **changed}.items() if array is not None}


def test_the_arrays_of_a_cell_are_let_through() -> None:
    check_arrays(arrays(), A, "c.npz")
    check_arrays(arrays(exact=None), A, "c.npz")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"labels": None}, "it has no array 'labels'"),
        ({"labels": np.array([0])}, "labels has the shape (1,), and there are 4 rows"),
        ({"labels": np.array(0)}, "labels has the shape (); it must have 1 axes"),
        ({"labels": np.array([0.0, 0, 1, 1])}, "labels is of type float64; it must be of int64"),
        ({"labels": np.array([0, 0, 1, -1])}, "it holds labels below 0"),
        ({"predictions": np.full(N, -2)}, "it holds predictions below -1"),
        ({"outcomes": np.full((A, N), 99)}, "it holds outcomes that there are none of"),
        ({"distances": np.full((1, N), 1.0)}, "distances has the shape (1, 4), and there are"),
        ({"distances": np.full((A, N), np.nan)}, "it holds distances that are below 0, or none"),
        ({"exact": np.full(N, -1.0)}, "it holds exact distances that are below 0, or none"),
        ({"tried": np.full((A, N), np.nan)}, "it holds an ε that was tried"),
        ({"queries": np.full((A, N), -1)}, "it holds queries below 0"),
        ({"ids": np.zeros(N, dtype=np.int64)}, "it holds the number of a row twice"),
    ],
)
def test_what_cannot_be_a_cell_is_told(change: dict[str, Any], told: str) -> None:
    with pytest.raises(OutputError) as caught:
        check_arrays(arrays(**change), A, "c.npz")
    assert str(caught.value).startswith(f"c.npz is not as a run writes it: {told}")


def test_a_cell_without_rows_is_none() -> None:
    empty = {
        name: array[:0] if array.ndim == 1 else array[:, :0] for name, array in arrays().items()
    }
    with pytest.raises(OutputError, match="it has no rows"):
        check_arrays(empty, A, "c.npz")
