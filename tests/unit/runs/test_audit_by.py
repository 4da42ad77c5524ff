"""Groups in an audit in memory: columns of the frame, or separate values."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.linear_model import LogisticRegression

from genlabel_robust.core.errors import DataError, UnknownNameError
from genlabel_robust.runs.audit import audit

pytestmark = pytest.mark.usefixtures("known_canaries")

RNG = np.random.default_rng(0)
X = pd.DataFrame(RNG.normal(size=(120, 2)), columns=["a", "b"], index=RNG.permutation(120) + 500)
Y = (X.a > 0).astype(int)
SITE = np.array(["x", "y", "z"])[np.arange(120) % 3]
MODEL = LogisticRegression().fit(X, Y)


def _sizes(tmp_path: Path, x: Any = X, model: Any = MODEL, **options: Any) -> dict[str, int]:
    run = audit(model, x, Y, suite="quick", eps=0.05, out=tmp_path / "run", **options)
    (row,) = run.results.rows
    return {one.label: one.n_examples for one in row.subgroups}


def test_values_beside_the_rows_group_them(tmp_path: Path) -> None:
    # a series in another order of labels is taken by position
    by = {"site": pd.Series(SITE, index=range(120)), "right": list(X.b > 0)}
    counts = {"right=False": int((X.b <= 0).sum()), "right=True": int((X.b > 0).sum())}
    wanted = {"site=x": 40, "site=y": 40, "site=z": 40, **counts}
    assert _sizes(tmp_path, by=by) == wanted


@pytest.mark.nightly(but=["<lambda>"])
@pytest.mark.parametrize("kind", [lambda frame: frame, pa.Table.from_pandas])
def test_a_column_that_the_model_does_not_know_only_groups(
    kind: Callable[[pd.DataFrame], Any], tmp_path: Path
) -> None:
    frame = X.assign(site=SITE).reset_index(drop=True)
    wanted = dict.fromkeys(("site=x", "site=y", "site=z"), 40)
    assert _sizes(tmp_path, kind(frame), by="site", reference=kind(frame)) == wanted


def test_a_column_that_the_model_takes_can_group_as_well(tmp_path: Path) -> None:
    assert list(_sizes(tmp_path, by=["a"]).values()) == [30, 30, 30, 30]
    array = LogisticRegression().fit(X.to_numpy(), Y)
    assert list(_sizes(tmp_path / "array", X.to_numpy(), array, by="x1").values()) == [30] * 4


def test_a_sample_takes_the_groups_of_its_rows(tmp_path: Path) -> None:
    run = audit(
        MODEL,
        X,
        Y,
        suite="quick",
        eps=0.05,
        max_examples=60,
        by={"sign": np.where(Y == 1, "positive", "negative")},
        out=tmp_path / "run",
    )
    (row,) = run.results.rows
    sizes = {one.name: one.n_examples for one in row.per_class}
    assert [one.n_examples for one in row.subgroups] == [sizes["0"], sizes["1"]]


def test_values_of_another_number_and_unknown_columns_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="'site' has 119 values and x 120 rows"):
        _sizes(tmp_path, by={"site": SITE[1:]})
    with pytest.raises(UnknownNameError, match="x has no column 'c' to group by"):
        _sizes(tmp_path, by="c")
    assert not (tmp_path / "run").exists()
