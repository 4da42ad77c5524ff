from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest

from genlabel_robust.data.table import Table
from genlabel_robust.evaluation.threat_draft import threat_draft
from genlabel_robust.evaluation.threat_file import read_threat

NAMES = ('we"ird\\ né.x\n\x7f', "count", "to_a", "to_b", "always", "[x] # = '")


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
        line.removeprefix("# ") if line.startswith(("# low =", "# high =", "# eps =", "# unit ="))
        else line
        for line in lines
    ]  # fmt: skip
    path = tmp_path / "threat.toml"
    path.write_text("\n".join(used), encoding="utf-8")
    constraints = read_threat(path)["constraints"]
    assert constraints["units"] == {"to_a": "raw", "to_b": "raw"}
    assert constraints["weights"] == {"to_a": 10.0, "to_b": 10.0}
    assert set(constraints["bounds"]) == set(NAMES) - {"to_a", "to_b", "always"}
