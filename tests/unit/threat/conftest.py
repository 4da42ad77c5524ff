"""A small table with categories, integers, sums and missing values, and relations on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest

from genlabel_robust.core.arrays import BoolArray, FloatArray, IntArray
from genlabel_robust.data.rows import rows_of, task_of_rows
from genlabel_robust.data.task import Task
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.threat.box_of_task import attack_space
from genlabel_robust.threat.constraints.constraints import Constraints
from genlabel_robust.threat.constraints.limits_of_columns import encoded_limits, freed, kept_whole
from genlabel_robust.threat.norms import Norm
from genlabel_robust.threat.threat_model import ThreatModel

NUMBERS = {"HS": 9, "BA": 13, "MA": 14, "PhD": 16}
TIERS = {"HS": "low", "BA": "mid", "MA": "mid", "PhD": "top"}


class FirstColumn:
    """A model that is only asked for predictions."""

    knowledge = "scores"
    n_classes = 2

    def predict(self, raw: FloatArray) -> IntArray:
        return (raw[:, 0] > 0).astype(np.int64)

    decide = predict

    def scores(self, raw: FloatArray) -> FloatArray:
        return np.stack([-raw[:, 0], raw[:, 0]], axis=1)


@dataclass
class Asked:
    """The ``task`` of a table in attack space, with an attack's view of it."""

    task: Task
    target: AttackTarget


def made_table(seed: int, n: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    a, c = rng.integers(0, 20, n), rng.integers(0, 9, n)
    b = np.round(rng.uniform(0, 10, n), 2)
    education = rng.choice([*NUMBERS], n)
    age = rng.integers(18, 80, n)
    return pd.DataFrame(
        {
            "a": a,
            "b": b,
            "c": c,
            "total": a + b + c,
            "education": education,
            "education_num": [NUMBERS[level] for level in education],
            "tier": [TIERS[level] for level in education],
            "hours": rng.integers(10, 60, n),
            "age": age,
            "tenure": np.minimum(rng.uniform(0, 40, n), age - 16).round(1),
            "married": rng.random(n) < 0.5,
        }
    )


@pytest.fixture(scope="session")
def table() -> Callable[[int, int], pd.DataFrame]:
    """Return a function: seed and number of rows -> a table that satisfies all relations."""
    return made_table


@pytest.fixture(scope="session")
def asked() -> Callable[..., Asked]:
    """Return a function: test rows, reference rows and limits -> the task in attack space."""

    def ask(
        test: pd.DataFrame,
        train: pd.DataFrame,
        constraints: dict[str, Any],
        norm: Norm = "linf",
        eps: float = 0.1,
    ) -> Asked:
        limits = Constraints.of(constraints)
        rows = rows_of(test, train, freed(limits), kept_whole(limits), continuous=limits.continuous)
        task = task_of_rows("made", rows, np.zeros(len(test), dtype=int), (0, 1))
        encoded = Constraints.of(encoded_limits(rows.encoding.parts, limits))
        space = attack_space(task, ThreatModel(norm, (eps,), "range", encoded))
        return Asked(
            task, AttackTarget(FirstColumn(), space, task.x_test, task.y_test, task.x_train)
        )

    return ask


def _below(least: Any, most: Any) -> BoolArray:
    """Mark rows in which one column is at most another, up to rounding."""
    least, most = np.asarray(least, dtype=float), np.asarray(most, dtype=float)
    with np.errstate(invalid="ignore"):
        near = 2e-9 * np.maximum(np.abs(least), np.abs(most))
        return np.asarray(~(least > most + near))


#: Relations, and what says of a frame which rows keep to them: written down once more, by hand.
HELD: dict[str, Callable[[pd.DataFrame], Any]] = {
    "tenure <= age - 16": lambda t: _below(t.tenure + 16, t.age),
    "a + b + c == total": lambda t: (
        _below(t.a + t.b + t.c, t.total) & _below(t.total, t.a + t.b + t.c)
    ),
    "education_num == table(education)": lambda t: t.education_num == t.education.map(NUMBERS),
    "tier == table(education)": lambda t: t.tier == t.education.map(TIERS),
    'education == "HS" -> hours <= 40': lambda t: (t.education != "HS") | _below(t.hours, 40),
    "hours < age or married": lambda t: (t.hours < t.age) | t.married.astype(bool),
    "not (a == 3)": lambda t: np.abs(t.a - 3) > 2e-9,
    "married implies tenure <= 30 and hours >= 12": lambda t: (
        ~t.married.astype(bool) | t.tenure.isna() | (_below(t.tenure, 30) & _below(12, t.hours))
    ),
    'tier == "top" or education != "PhD"': lambda t: (t.tier == "top") | (t.education != "PhD"),
    "0 <= b <= total": lambda t: _below(0, t.b) & _below(t.b, t.total),
    "hours / 2 + tenure <= 60": lambda t: _below(t.hours / 2 + t.tenure, 60),
    "tier == table(education_num)": lambda t: (
        t.tier == t.education_num.map({NUMBERS[level]: TIERS[level] for level in NUMBERS})
    ),
}


@pytest.fixture(scope="session")
def held() -> dict[str, Callable[[pd.DataFrame], Any]]:
    """Relations on the table, each with a function that marks the rows that satisfy it."""
    return HELD
