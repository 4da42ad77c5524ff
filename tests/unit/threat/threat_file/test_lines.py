from __future__ import annotations

import pytest

from genlabel_robust.threat.threat_file.lines import line_of

TEXT = """\
eps = 1      # line 1
one_hot = [
    ["a", "b"],
]
[features.age]
cost = 3
[features."net income"]
unit = "raw"
cost = 0
[features]
rent = {cost = 1, low = 2}
sex.cost = 4
"""


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (("eps",), 1),
        (("features", "age"), 5),
        (("features", "age", "cost"), 6),
        (("features", "net income", "cost"), 9),
        (("features", "rent", "cost"), 11),
        (("features", "sex", "cost"), 12),
        (("one_hot",), None),
        (("features", "age", "low"), None),
        (("nothing",), None),
    ],
)
def test_a_key_is_found_on_the_line_that_sets_it(keys: tuple[str, ...], line: int | None) -> None:
    assert line_of(TEXT, *keys) == line
