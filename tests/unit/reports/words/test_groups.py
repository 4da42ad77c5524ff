from __future__ import annotations

from typing import Any

from genlabel_robust.reports.words.groups import grouped
from genlabel_robust.runs.results.results import Results


def test_rows_are_grouped_in_the_order_of_the_run(results: dict[str, Any]) -> None:
    one, two, three = results["rows"]
    other = [row | {"dataset": "a-later-one"} for row in (one, two)]
    results["rows"] = [one, other[0], two, other[1], three]
    found = [(key[0], [row.strategy for row in rows]) for key, rows in grouped(Results(results))]
    assert found == [
        ("two", ["vanilla", "mixup", "adamixup"]),
        ("a-later-one", ["vanilla", "mixup"]),
    ]
