"""Columns in two orders: matched by name if the model knows names, by position only on request."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from torch import nn

import genlabel_robust
from genlabel_robust.core.errors import ConfigurationError, UnknownNameError
from genlabel_robust.gates.comparison.comparable import differences
from genlabel_robust.model_files.reading import Permission, read_model_file
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.folder.stored_run import read_run
from genlabel_robust.runs.plan.audit_rows.rows import Tables, audited_rows

COLUMNS = ["a", "b", "c"]


def _data(n: int = 40) -> tuple[pd.DataFrame, Any]:
    x = np.random.default_rng(0).normal(size=(n, 3)) + np.array([0, 10, 100])
    return pd.DataFrame(x, columns=COLUMNS), (x[:, 0] > 0).astype(int)


def _files_model(path: Path) -> Any:
    return read_model_file(path, path.read_bytes(), Permission()).model


def _boosted(library: str, folder: Path, *, named: bool) -> Any:
    x, y = _data(200)
    rows = x if named else x.to_numpy()
    if library == "xgboost":
        import xgboost

        xgboost.XGBClassifier(n_estimators=3, n_jobs=1).fit(rows, y).save_model(folder / "m.json")
        return _files_model(folder / "m.json")
    import lightgbm

    model = lightgbm.LGBMClassifier(n_estimators=3, n_jobs=1, verbose=-1).fit(rows, y)
    model.booster_.save_model(folder / "m.txt")
    return _files_model(folder / "m.txt")


def _onnx(folder: Path, *, named: bool) -> Any:
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType

    x, y = _data()
    if named:
        model = LogisticRegression().fit(x, y)
        from sklearn.compose import make_column_transformer
        from sklearn.pipeline import make_pipeline

        model = make_pipeline(make_column_transformer(("passthrough", COLUMNS)), model).fit(x, y)
        inputs = [(name, FloatTensorType([None, 1])) for name in COLUMNS]
    else:
        model = LogisticRegression().fit(x.to_numpy(), y)
        inputs = [("X", FloatTensorType([None, 3]))]
    graph = to_onnx(model, initial_types=inputs, options={"zipmap": False})
    (folder / "m.onnx").write_bytes(graph.SerializeToString())
    return _files_model(folder / "m.onnx")


class _Linear(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.stack([-x[:, 0], x[:, 0]], dim=1)


def _model(kind: str, folder: Path, *, named: bool) -> Any:
    x, y = _data()
    if kind in ("xgboost", "lightgbm"):
        return _boosted(kind, folder, named=named)
    if kind == "onnx":
        return _onnx(folder, named=named)
    if kind == "estimator":
        return LogisticRegression().fit(x if named else x.to_numpy(), y)
    return _Linear() if kind == "module" else lambda rows: (rows[:, 0] > 0).astype(int)


@pytest.mark.parametrize("kind", ["estimator", "module", "function", "onnx", "xgboost", "lightgbm"])
def test_a_model_without_names_is_not_given_columns_in_one_of_two_orders(
    kind: str, tmp_path: Path
) -> None:
    x, _ = _data()
    model = _model(kind, tmp_path, named=False)
    with pytest.raises(ConfigurationError) as caught:
        audited_rows(model, Tables(x[["b", "a", "c"]], x, ("te.csv", "tr.csv")), RunConfig())
    assert (
        "the columns of te.csv and tr.csv stand in different orders (column 0 is 'b' in te.csv and "
        "'a' in tr.csv; column 1 is 'a' in te.csv and 'b' in tr.csv), and the model has no names"
    ) in str(caught.value)
    assert "--column-order data or --column-order reference" in str(caught.value)


@pytest.mark.nightly(but=["estimator", "xgboost", "lightgbm"])
@pytest.mark.parametrize("kind", ["estimator", "onnx", "xgboost", "lightgbm"])
def test_a_model_with_names_gets_its_columns_by_name_whatever_the_order(
    kind: str, tmp_path: Path
) -> None:
    x, y = _data()
    model = _model(kind, tmp_path, named=True)
    found = [
        genlabel_robust.audit(
            model,
            x[order],
            y,
            reference=x,
            eps=0.01,
            attacks="sign-bisect",
            checks="off",
            classes=None if kind == "estimator" else [0, 1],
            out=tmp_path / "".join(order),
        ).results["rows"][0]["clean_accuracy"]["value"]
        for order in (COLUMNS, ["c", "b", "a"])
    ]
    assert found[0] == found[1] > 0.8


@pytest.mark.parametrize(("whose", "right"), [("reference", 1.0), ("data", 0.5)])
def test_the_order_that_is_said_is_the_order_that_the_model_gets(
    whose: str, right: float, tmp_path: Path
) -> None:
    x, _ = _data()
    y = (x["a"] > x["a"].median()).astype(int)
    middle = float(x["a"].median())

    def model(rows: Any) -> Any:
        return (rows[:, 0] > middle).astype(int)

    run = genlabel_robust.audit(
        model,
        x[["c", "b", "a"]],
        y,
        reference=x,
        eps=1e-6,
        attacks="sign-bisect",
        checks="off",
        column_order=whose,
        out=tmp_path / "run",
    )
    assert run.results["rows"][0]["clean_accuracy"]["value"] == right
    about = run.results["datasets"]["data"]
    assert about["column_order"] == whose
    first = "a" if whose == "reference" else "c"
    assert about["features"][0]["name"] == first
    assert f"in the order of {'x' if whose == 'data' else 'the reference'}" in about["notices"][0]


def test_a_callable_that_finds_columns_by_name_in_a_frame_may_get_any_order() -> None:
    x, _ = _data()
    frame = x.assign(d=["u", "v"] * 20)

    def model(rows: Any) -> Any:
        return (rows["a"] > 0).astype(int).to_numpy()

    def by_position(rows: Any) -> Any:
        return (rows.iloc[:, 0] > 0).astype(int).to_numpy()

    turned = frame[["b", "a", "c", "d"]]
    assert audited_rows(model, Tables(turned, frame), RunConfig()).column_order is None
    with pytest.raises(ConfigurationError, match="different orders"):
        audited_rows(by_position, Tables(turned, frame), RunConfig())


def test_a_choice_of_order_that_there_is_not_is_refused() -> None:
    x, _ = _data()
    with pytest.raises(UnknownNameError, match="no column order 'refrence'; did you mean"):
        audited_rows(_Linear(), Tables(x, x, order="refrence"), RunConfig())
    with pytest.raises(ConfigurationError, match="there is no reference; give reference rows"):
        audited_rows(_Linear(), Tables(x, order="reference"), RunConfig())


def test_runs_in_other_orders_are_not_compared_and_the_order_is_named(tmp_path: Path) -> None:
    x, y = _data()
    model = LogisticRegression().fit(x, y)
    for name, order in (("one", COLUMNS), ("two", ["b", "a", "c"])):
        genlabel_robust.audit(
            model, x[order], y, eps=0.1, attacks="sign-bisect", checks="off", out=tmp_path / name
        )
    found = differences(read_run(tmp_path / "one"), read_run(tmp_path / "two"), "data")
    assert (
        "data of data: the order of the columns: column 0 is 'a' in the baseline and 'b' now "
        "(features)"
    ) in found


def test_the_results_with_a_chosen_order_fit_the_schema(tmp_path: Path) -> None:
    import jsonschema

    from genlabel_robust.runs.results.schema import results_schema

    x, y = _data()
    genlabel_robust.audit(
        _Linear(),
        x[["b", "a", "c"]],
        y,
        reference=x,
        eps=0.1,
        checks="off",
        attacks="sign-bisect",
        column_order="reference",
        out=tmp_path / "run",
        classes=[0, 1],
    )
    text = (tmp_path / "run" / "results.json").read_text(encoding="utf-8")
    jsonschema.validate(json.loads(text), results_schema())
