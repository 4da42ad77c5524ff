"""A table with groups that its model does not use, and a finished audit by these groups."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression

if TYPE_CHECKING:
    from tests.cli.conftest import Call


@dataclass(frozen=True)
class Audited:
    """The folder of the input files, with the finished audit ``run`` inside."""

    folder: Path
    run: Path

    @property
    def table(self) -> pd.DataFrame:
        return pd.read_csv(self.folder / "test.csv")

    @property
    def results(self) -> Any:
        return json.loads((self.run / "results.json").read_text())


@pytest.fixture(scope="session")
def audit_by(call: Callable[..., Call]) -> Callable[..., Call]:
    """Audit the model of a folder into ``out`` with more ``options``."""

    def audit(folder: Path, out: Path, *options: str) -> Call:
        return call(
            *("audit", folder / "model.skops", "--data", folder / "test.csv", "--target", "y"),
            *("--reference", folder / "train.csv", "--suite", "quick", "--eps", "0.05"),
            *("--out", out, "-q", *options),
        )

    return audit


@pytest.fixture(scope="session")
def audited(tmp_path_factory: pytest.TempPathFactory, audit_by: Callable[..., Call]) -> Audited:
    folder = tmp_path_factory.mktemp("by")
    rng = np.random.default_rng(0)
    n = 360
    sex = np.array(["f", "m"])[rng.integers(0, 2, n)]
    # of the one group the rows lie closer to the boundary
    x = rng.normal(size=(n, 2)) * np.where(sex == "f", 0.4, 1.5)[:, None]
    table = pd.DataFrame({"a": x[:, 0], "b": x[:, 1], "sex": sex, "age": rng.integers(18, 80, n)})
    table["id"] = [f"id{i}" for i in range(n)]
    table.loc[rng.random(n) < 0.08, "age"] = np.nan
    table["y"] = np.where(x.sum(axis=1) + rng.normal(size=n) * 0.1 > 0, "yes", "no")
    train, test = table.iloc[:200], table.iloc[200:]
    # without the columns that only tell groups apart
    train.drop(columns=["sex", "age", "id"]).to_csv(folder / "train.csv", index=False)
    test.to_csv(folder / "test.csv", index=False)
    fitted = LogisticRegression().fit(train[["a", "b"]], train.y)
    skops.io.dump(fitted, folder / "model.skops")
    done = audit_by(
        folder, folder / "run", "--drop", "age", "--drop", "id", "--by", "sex", "--by", "age"
    )
    assert done.code == 0, done.stderr
    return Audited(folder, folder / "run")
