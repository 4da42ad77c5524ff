from __future__ import annotations

import pandas as pd
import pytest

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.data.rows import rows_of
from genlabel_robust.models.inputs.view import view_of

FRAME = pd.DataFrame({"a b": [1.0, 2.0], "c": [3.0, 4.0], "d_e": [5.0, 6.0]})


def test_columns_are_matched_by_name_and_called_as_the_model_calls_them() -> None:
    rows = rows_of(FRAME)
    for names in (("d_e", "c", "a b"), ("d_e", "c", "a_b")):
        view = view_of(rows, "frame", names)
        assert view.order == (2, 1, 0)
        shown = view(rows.x)
        assert tuple(shown) == names
        assert shown.to_numpy().tolist() == [[5, 3, 1], [6, 4, 2]]
        assert view_of(rows, "matrix", names)(rows.x).tolist() == [[5, 3, 1], [6, 4, 2]]


@pytest.mark.parametrize(
    "names", [None, ("Column_0", "Column_1", "Column_2"), ("f0", "f1", "f2"), ("0", "1", "2")]
)
def test_names_that_say_nothing_are_positions(names: tuple[str, ...] | None) -> None:
    rows = rows_of(FRAME)
    view = view_of(rows, "frame", names)
    assert view.order == (0, 1, 2)
    assert tuple(view(rows.x)) == (names or tuple(FRAME))


def test_an_array_has_no_names_to_differ() -> None:
    rows = rows_of(FRAME.to_numpy())
    assert view_of(rows, "frame", ("p", "q", "r")).order == (0, 1, 2)
    with pytest.raises(ConfigurationError, match="made for 2 columns, and the data have 3"):
        view_of(rows, "frame", ("p", "q"))


def test_what_is_shown_is_the_model_s_to_change() -> None:
    rows = rows_of(FRAME)
    for form in ("matrix", "frame"):
        shown = view_of(rows, form)(rows.x)
        shown *= 0
    assert (rows.x == FRAME).all().all()


def test_names_that_are_alike_once_blanks_are_gone_are_told_apart_or_refused() -> None:
    rows = rows_of(FRAME.rename(columns={"c": "a_b"}))
    assert view_of(rows, "frame", ("a_b", "a b", "d_e")).order == (1, 0, 2)
    with pytest.raises(ConfigurationError, match="too much alike"):
        view_of(rows, "frame", ("a_b", "d_e"))


def test_names_that_say_nothing_are_names_where_the_data_have_such() -> None:
    rows = rows_of(pd.DataFrame({"f1": [1.0], "f2": [3.0], "f3": [5.0]}))
    with pytest.raises(ConfigurationError, match=r"lack 'f0'.* 'f3' besides"):
        view_of(rows, "matrix", ("f0", "f1", "f2"))
