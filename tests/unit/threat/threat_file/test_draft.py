from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from genlabel_robust.data.rows import Rows, rows_of, task_of_rows
from genlabel_robust.data.table import Table
from genlabel_robust.threat.box_of_task import attack_space
from genlabel_robust.threat.constraints.constraints import Constraints
from genlabel_robust.threat.constraints.limits_of_columns import encoded_limits, freed
from genlabel_robust.threat.space import AttackSpace
from genlabel_robust.threat.threat_file.draft import audit_draft, threat_draft
from genlabel_robust.threat.threat_file.read import read_threat
from genlabel_robust.threat.threat_model import ThreatModel
from genlabel_robust.threat.violations import violations

NAMES = ('we"ird\\ né.x\n\x7f\u202e', "count", "to_a", "to_b", "always", "[x] # = '")


@pytest.fixture
def table() -> Table:
    n = 12
    rng = np.random.default_rng(0)
    a = np.arange(n) % 2
    x = np.column_stack(
        [rng.normal(size=n), rng.integers(0, 9, n), a, 1 - a, np.full(n, 1.5), rng.normal(size=n)]
    )
    return Table("two\nlines.csv#y", x, a, NAMES, ("p", "q"))


def test_a_draft_says_what_the_data_show(table: Table, tmp_path: Path) -> None:
    path = tmp_path / "threat.toml"
    path.write_text(threat_draft(table), encoding="utf-8")
    # shown as it is, it would turn the line that it stands in
    assert "\u202e" not in threat_draft(table)
    assert read_threat(path) == {
        "norm": "linf",
        "eps": (0.1,),
        "unit": "range",
        "constraints": {
            "immutable": ["always"],
            "integer": ["count"],
            "one_hot": [["to_a", "to_b"]],
        },
    }
    assert tuple(tomllib.loads(path.read_text(encoding="utf-8"))["features"]) == NAMES


def test_a_draft_tells_the_ranges_in_comments(table: Table) -> None:
    text = threat_draft(table)
    count = table.x[:, 1]
    assert f"# {count.min():g} to {count.max():g}, mean {count.mean():.4g}" in text
    assert f"# low = {count.min():g}\n# high = {count.max():g}\n" in text
    assert "immutable = true     # always 1.5" in text
    assert "# two lines.csv#y: 12 rows, 6 features." in text


def test_what_stands_behind_a_comment_can_be_used(table: Table, tmp_path: Path) -> None:
    lines = threat_draft(table).splitlines()
    used = [
        line.removeprefix("# ")
        if line.startswith(("# low =", "# high =", "# eps =", "# unit ="))
        else line
        for line in lines
    ]
    path = tmp_path / "threat.toml"
    path.write_text("\n".join(used), encoding="utf-8")
    constraints = read_threat(path)["constraints"]
    assert constraints["units"] == {"to_a": "raw", "to_b": "raw"}
    assert constraints["weights"] == {"to_a": 10.0, "to_b": 10.0}
    assert set(constraints["bounds"]) == set(NAMES) - {"to_a", "to_b", "always"}


FRAME = pd.DataFrame(
    {
        "age": [20.5, np.nan, 30.0, 39.5],
        'co"lor\n': ["red", "bl\nue", None, "red"],
        "count": [1, 2, 3, 9],
        "to_a": [1, 0, 1, 0],
        "to_b": [0, 1, 0, 1],
        "always": ["x", "x", "x", "x"],
        "member": [True, False, True, True],
    }
)
COLOR = 'co"lor\n'


def used(text: str, switch: str) -> str:
    """Return the text with its comments activated; a category's switch costs ``switch``."""
    lines = text.replace("# eps = 1          # in L∞", f"# eps = {switch} #").splitlines()
    return "\n".join(
        line.removeprefix("# ")
        if line.startswith(("# low =", "# high =", "# eps =", "# unit ="))
        else line
        for line in lines
    )


def test_a_draft_of_an_audit_leaves_categories_and_what_is_missing_as_they_are(
    tmp_path: Path,
) -> None:
    path = tmp_path / "threat.toml"
    text = audit_draft("two\nlines.csv", rows_of(FRAME))
    assert "features; the sizes below are of these rows.\n" in text
    path.write_text(text, encoding="utf-8")
    document = tomllib.loads(text)
    assert list(document["features"]) == [
        "age",
        "age is missing",
        COLOR,
        "count",
        "to_a",
        "to_b",
        "always",
        "member",
    ]
    assert document["one_hot"] == [["to_a", "to_b"]]
    settings = read_threat(path)
    assert settings["constraints"] == {
        "immutable": ["always"],
        "integer": ["count"],
        "one_hot": [["to_a", "to_b"]],
    }
    assert "# a category of 3 levels: 'bl\\nue', 'red' or missing\n" in text
    assert "# 1 in 1 row, else 0\n" in text
    assert "# 20.5 to 39.5, mean 30, standard deviation 7.757\n# low = 20.5\n" in text
    rows = rows_of(FRAME, free=freed(settings["constraints"]))
    space = space_of(rows, settings["constraints"], "linf", 0.1)
    mutable = dict(zip(rows.names, space.mutable.tolist(), strict=True))
    assert [name for name, changes in mutable.items() if changes] == [
        "age",
        "count",
        "to_a",
        "to_b",
    ]


@pytest.mark.parametrize(("norm", "switch"), [("linf", "1"), ("l2", "1.5"), ("l1", "2")])
def test_what_a_draft_says_of_categories_lets_them_change(
    norm: str, switch: str, tmp_path: Path
) -> None:
    path = tmp_path / "threat.toml"
    text = used(audit_draft("mine.csv", rows_of(FRAME)), switch)
    path.write_text(text.replace('norm = "linf"', f'norm = "{norm}"'), encoding="utf-8")
    settings = read_threat(path)
    (eps,) = settings["eps"]
    rows = rows_of(FRAME, free=freed(settings["constraints"]))
    space = space_of(rows, settings["constraints"], norm, eps)
    names = list(rows.names)
    moved = rows.x[:1].copy()
    moved[0, names.index(f"{COLOR}=red")], moved[0, names.index(f"{COLOR} is missing")] = 0, 1
    assert space.distance(rows.x[:1], moved, norm)[0] <= eps * (1 + 1e-9)
    assert not violations(space, rows.x[:1], moved).any()
    moved = rows.x[:1].copy()
    moved[0, names.index("age is missing")] = 1
    assert space.distance(rows.x[:1], moved, norm)[0] <= eps * (1 + 1e-9)
    assert not violations(space, rows.x[:1], moved).any()


def test_a_category_of_too_many_levels_is_immutable() -> None:
    rows = rows_of(pd.DataFrame({"id": [f"{'long' * 20}{i}" for i in range(1500)]}))
    text = audit_draft("ids.csv", rows)
    assert tomllib.loads(text)["features"] == {"id": {"immutable": True}}
    assert max(map(len, text.splitlines())) < 600


def space_of(rows: Rows, constraints: Any, norm: Any, eps: float) -> AttackSpace:
    limits = Constraints.of(encoded_limits(rows.encoding.parts, constraints))
    task = task_of_rows("mine", rows, [0, 1, 0, 1], (0, 1))
    return attack_space(task, ThreatModel(norm, (eps,), "range", limits))
