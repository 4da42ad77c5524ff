"""Which rows fall by one column alone, against the pipeline's own answers to all that it can be.

The table is that of the case ``mixed_table.py``, and what is to be expected of it stands beside it.
Whole numbers and levels are listed, of ``tenure_years`` 2,001 values are tried.
"""

from __future__ import annotations

import os
import runpy
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

from genlabel_robust.certify.singles.search import single_columns
from genlabel_robust.models.structures.checked import checked_structure
from genlabel_robust.models.structures.quick_model import quick_model
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.plan.audit_plan import Called, plan_audit
from genlabel_robust.runs.plan.audit_rows.rows import Tables, audited_rows
from genlabel_robust.threat import attack_space, within
from genlabel_robust.threat.table_columns import table_columns

CASES = Path(__file__).resolve().parents[2].parent / "shared" / "cases"
EPS = 0.1
FREE = ("occupation", "married")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    if not (CASES / "mixed_table.py").is_file():
        pytest.skip("the made-up table is not part of the project, and is not here")
    before = Path.cwd()
    os.chdir(tmp_path_factory.mktemp("mixed"))
    try:
        return runpy.run_path(str(CASES / "mixed_table.py"))
    finally:
        os.chdir(before)


@pytest.fixture(scope="module")
def tables(case: dict[str, Any]) -> tuple[pd.DataFrame, pd.Series, pd.DataFrame, pd.Series]:
    train, test = case["tr"], case["te"].sample(150, random_state=0)
    return (
        test.drop(columns="income"),
        test["income"],
        train.drop(columns="income"),
        train["income"],
    )


@pytest.fixture(scope="module")
def fitted(case: dict[str, Any], tables: Any) -> Callable[[str], Any]:
    cores = {
        "forest": RandomForestClassifier(30, random_state=0),
        "logistic": LogisticRegression(max_iter=1000),
        "net": MLPClassifier((16, 8), max_iter=40, random_state=0),
        "vote": VotingClassifier(
            [("a", RandomForestClassifier(5, random_state=0)), ("b", LogisticRegression())],
            voting="soft",
        ),
    }

    @cache
    def fit(core: str) -> Any:
        if core == "boosting":
            return case["m"]
        pipeline = clone(case["m"])
        pipeline.steps[-1] = ("core", cores[core])
        return pipeline.fit(*tables[2:])

    return fit


def decided(model: Any, tables: Any, free: tuple[str, ...] = ()) -> dict[str, tuple[int, int]]:
    """Return how many rows each column alone breaks, and of how many it is not known."""
    x, y, reference, _ = tables
    limits = {"weights": dict.fromkeys(free, 1 / EPS), "units": dict.fromkeys(free, "raw")}
    config = RunConfig(eps=(EPS,), constraints=limits if free else {})
    rows = audited_rows(model, Tables(x, reference), config)
    planned = plan_audit(model, rows, y, config, Called("table"))
    task, asked = planned.plan.tasks["table"], planned.model
    space = attack_space(task, planned.plan.threat)
    columns = table_columns(task.feature_names, task.encoding, space.rules.one_hot)
    structure = checked_structure(asked, space, task.x_test)
    found = single_columns(
        asked,
        structure,
        space,
        task.x_test,
        task.y_test,
        "linf",
        (EPS,),
        columns,
        asked=quick_model(asked, structure, task.x_test, space),
    )
    right = (asked.predict(task.x_test) == task.y_test)[:, None]
    broken = right & within(found.upper, EPS)
    open_ = right & ~broken & within(found.lower, EPS)
    return {
        column.name: (int(broken[:, i].sum()), int(open_[:, i].sum()))
        for i, column in enumerate(columns)
        if space.mutable[list(column.features)].any()
    }


def by_brute_force(model: Any, tables: Any, free: tuple[str, ...] = ()) -> dict[str, int]:
    """Return how many rows each column alone breaks, by the pipeline's own answers."""
    x, y, reference, _ = tables
    truth, counts = y.to_numpy(), {}
    right = np.flatnonzero(model.predict(x) == truth)
    for name in x.columns:
        if name not in free and not pd.api.types.is_numeric_dtype(x[name]):
            continue
        if x[name].dtype == bool and name not in free:
            continue
        values = [all_values(reference[name], x[name].iloc[i]) for i in right]
        rows = np.repeat(right, [len(one) for one in values])
        changed = x.iloc[rows].copy()
        changed[name] = pd.Series(np.concatenate(values), index=changed.index).astype(x[name].dtype)
        broken = rows[model.predict(changed) != truth[rows]]
        counts[name] = len(set(broken.tolist()))
    return counts


def all_values(known: pd.Series, here: Any) -> np.ndarray:
    """Return what a cell ``here`` of the column ``known`` can become."""
    if known.dtype == object or known.dtype == bool or known.dtype.kind not in "if":
        levels = [level for level in known.dropna().unique() if level != here]
        return np.array(levels, dtype=object)
    if pd.isna(here):
        return np.zeros(0)
    low, high = float(known.min()), float(known.max())
    reach = EPS * (high - low)
    low, high = max(min(low, here), here - reach), min(max(high, here), here + reach)
    if known.dtype.kind == "f":
        return np.linspace(low, high, 2001)
    # of a number of thousands every seventh, with both ends
    step = 1 if high - low < 1000 else 7
    inside = np.arange(np.ceil(low - 1e-9), np.floor(high + 1e-9) + 1, step)
    return np.concatenate([inside, [np.floor(high + 1e-9)]]).astype(int)


pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def test_boosted_trees_give_the_counts_that_are_known_of_the_table(
    fitted: Callable[[str], Any], tables: Any
) -> None:
    known = {
        "age": 8,
        "education_num": 0,
        "hours_per_week": 5,
        "capital_gain": 37,
        "tenure_years": 1,
    }
    model = fitted("boosting")
    assert decided(model, tables) == {name: (count, 0) for name, count in known.items()}
    freed = decided(model, tables, FREE)
    assert freed["occupation"] == (22, 0)
    assert freed["married"] == (27, 0)


@pytest.mark.nightly(but=["forest"])
@pytest.mark.parametrize("core", ["forest", "logistic", "net"])
def test_what_is_said_of_a_pipeline_is_what_it_answers(
    fitted: Callable[[str], Any], tables: Any, core: str
) -> None:
    model, (x, y, *reference) = fitted(core), tables
    tables = (x[:60], y[:60], *reference)
    found = decided(model, tables, FREE)
    assert sum(broken > 0 for broken, _ in found.values()) > 3
    assert {name: broken for name, (broken, _) in found.items()} == by_brute_force(
        model, tables, FREE
    )
    assert not any(open_ for _, open_ in found.values())


@pytest.mark.nightly
def test_of_what_is_not_known_from_inside_no_more_is_said_than_the_grid_finds(
    fitted: Callable[[str], Any], tables: Any
) -> None:
    model = fitted("vote")
    found, right = decided(model, tables, FREE), by_brute_force(model, tables, FREE)
    for name, (broken, open_) in found.items():
        assert broken <= right[name] <= broken + open_
    # whole numbers of few steps, and levels, are listed whatever the model is
    for name in ("age", "hours_per_week", "occupation", "married"):
        assert found[name] == (right[name], 0)
