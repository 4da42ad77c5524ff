"""Which part of a run contradicts the others."""

from __future__ import annotations

from genlabel_robust.verify.odd_one_out import Fit, odd_one_out
from genlabel_robust.verify.pages import Pages


def test_altered_results_are_named_where_no_page_is_left_to_contradict_them() -> None:
    none = Pages((), ())
    said = "The odd one out is results.json: the cells agree with model and data"
    assert odd_one_out(Fit(cells=True, results=False, pages=none)) == f"{said}."
    one = Pages((), (), fit=("report.md",), against=("report.md",))
    assert odd_one_out(Fit(cells=True, results=False, pages=one)) == (
        f"{said}, and report.md shows what these give."
    )
