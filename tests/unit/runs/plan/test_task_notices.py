from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from genlabel_robust.data.rows import rows_of, task_of_rows
from genlabel_robust.data.task import Task
from genlabel_robust.runs.plan.task_notices import noticed
from genlabel_robust.threat.constraints.constraints import Constraints
from genlabel_robust.threat.constraints.limits_of_columns import encoded_limits, freed
from genlabel_robust.threat.threat_model import ThreatModel

RNG = np.random.default_rng(0)
N = 60
FRAME = pd.DataFrame(
    {
        "id": [f"C{i}" for i in range(N)],
        "row": np.arange(N) + 0.0,
        "age": RNG.normal(size=N),
        "job": RNG.choice(["x", "y", "z"], N),
        "married": RNG.random(N) < 0.5,
        "one": 1.0,
        "income": np.where(np.arange(N) % 3 == 0, -999.0, RNG.normal(size=N)),
        "tenure": np.where(np.arange(N) % 10 == 0, np.nan, RNG.normal(size=N)),
    }
)


def _noticed(**limits: Any) -> Task:
    rows = rows_of(FRAME, FRAME, freed(limits))
    task = task_of_rows("d", rows, np.arange(N) % 2, [0, 1])
    constraints = Constraints.of(encoded_limits(rows.encoding.parts, limits))
    return noticed(task, ThreatModel("linf", (0.1,), "range", constraints), referred=True)


def test_columns_that_stay_as_they_are_are_named_with_the_reason() -> None:
    told = _noticed(immutable=["age"]).notices
    assert any(t.startswith("The attacker does not change 2 categories: 'id', 'job'") for t in told)
    assert any("1 column of true and false: 'married'" in t for t in told)
    assert any("1 feature: 'age', which the threat model makes immutable." in t for t in told)
    assert any(t.startswith("Values are missing in 1 column of numbers: 'tenure'.") for t in told)
    # constant columns have a notice of their own
    assert not any("'one'" in t for t in told)


def test_what_a_threat_file_frees_is_not_said_to_stay() -> None:
    limits = {
        "weights": {"job": 10.0, "tenure is missing": 10.0},
        "units": {"job": "raw", "tenure is missing": "raw"},
    }
    told = _noticed(**limits).notices
    assert any("1 category: 'id'" in t for t in told)
    assert not any("'job'" in t or "'tenure'" in t for t in told)


def test_far_values_and_identifiers_are_concerns_until_they_are_dealt_with() -> None:
    concerns = {concern.kind: concern for concern in _noticed().concerns}
    assert [one["name"] for one in concerns["far_value"].figures["columns"]] == ["income"]
    assert concerns["identifier"].figures["columns"] == ["id", "row"]
    settled = _noticed(immutable=["row"], weights={"income": 1.0}, units={"income": "raw"})
    assert [concern.kind for concern in settled.concerns] == ["identifier"]
    assert settled.concerns[0].figures["columns"] == ["id"]


def test_values_that_are_missing_are_not_looked_at() -> None:
    """What stands in their place repeats, and lies in the middle."""
    gaps = FRAME[["age"]].assign(age=np.where(np.arange(N) % 2 == 0, np.nan, FRAME["age"]))
    rows = rows_of(gaps, gaps)
    task = task_of_rows("d", rows, np.arange(N) % 2, [0, 1])
    assert (
        noticed(task, ThreatModel("linf", (0.1,), "range", Constraints()), referred=True).concerns
        == ()
    )
