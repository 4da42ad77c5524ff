from __future__ import annotations

from genlabel_robust.data.wording import SHOWN, plural, quoted


def test_few_names_are_all_shown_and_many_are_counted() -> None:
    assert quoted(["a", "b"]) == "'a', 'b'"
    assert quoted([str(i) for i in range(SHOWN)]).count(",") == SHOWN - 1
    assert quoted([str(i) for i in range(SHOWN + 3)]).endswith("'9' and 3 more")


def test_one_is_singular() -> None:
    assert [plural(n, "row") for n in (0, 1, 2)] == ["0 rows", "1 row", "2 rows"]
