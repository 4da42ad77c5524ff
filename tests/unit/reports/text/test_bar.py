from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis.strategies import booleans, floats, tuples
from rich.console import Console, Group
from rich.table import Table

from genlabel_robust.reports.text.bar import CELLS, bar, whisker
from genlabel_robust.reports.text.fitting import least_width
from genlabel_robust.reports.text.terminal import terminal_report

SHARES = floats(0, 1)


def printed(results: dict[str, Any], encoding: str = "utf-8", **settings: Any) -> list[str]:
    file = io.TextIOWrapper(io.BytesIO(), encoding, errors="backslashreplace")
    Console(width=120, file=file, **settings).print(terminal_report(results))
    file.flush()
    content = file.buffer.getvalue()  # type: ignore[attr-defined]
    return str(content.decode(encoding)).splitlines()


@pytest.mark.parametrize(
    ("value", "drawn", "plain"),
    [
        (0.0, "··········", ".........."),
        (1e-6, "▏·········", "#........."),
        (0.5, "█████·····", "#####....."),
        (0.5625, "█████▋····", "######...."),
        (1 - 1e-6, "█████████▉", "#########."),
        (1.0, "██████████", "##########"),
    ],
)
def test_a_bar_is_as_long_as_its_value(value: float, drawn: str, plain: str) -> None:
    assert bar(value) == drawn
    assert bar(value, plain=True) == plain


@pytest.mark.parametrize(
    ("low", "high", "drawn", "plain"),
    [
        (0.0, 1.0, "──────────", "----------"),
        (0.41, 0.68, "    ───   ", "    ---   "),
        (0.26, 0.54, "  ╶──╴    ", "  ----    "),
        (0.0, 0.0, "╴         ", "-         "),
        (1.0, 1.0, "         ╶", "         -"),
    ],
)
def test_an_interval_lies_under_its_bar(low: float, high: float, drawn: str, plain: str) -> None:
    assert whisker(low, high) == drawn
    assert whisker(low, high, plain=True) == plain


@given(tuples(SHARES, SHARES).map(sorted), booleans())
def test_all_have_one_width(interval: list[float], plain: bool) -> None:
    assert len(bar(interval[0], plain=plain)) == CELLS
    assert len(whisker(*interval, plain=plain)) == CELLS
    assert whisker(*interval, plain=plain).strip()
    if plain:
        assert (bar(interval[0], plain=True) + whisker(*interval, plain=True)).isascii()


def test_figures_stand_beside_their_bars_and_n_a_has_none(results: dict[str, Any]) -> None:
    lines = printed(results)
    assert any("│ █████·····      50.0 │" in line for line in lines)
    assert any("│   ╶────╴   25.0–75.0 │" in line for line in lines)
    assert any("│                  n/a │" in line for line in lines)
    assert not any("\x1b" in line for line in lines)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_console_without_the_signs_gets_bars_of_ascii(
    encoding: str, results: dict[str, Any]
) -> None:
    text = "\n".join(printed(results, encoding))
    assert "| #####.....  " in text
    assert "|   ------   " in text
    assert "2588" not in text


def test_a_legacy_console_gets_bars_of_ascii(results: dict[str, Any]) -> None:
    assert any("#####....." in line for line in printed(results, legacy_windows=True))


def test_bars_can_be_left_out(results: dict[str, Any]) -> None:
    (wide,) = tables(terminal_report(results))
    (narrow,) = tables(terminal_report(results, width=least_width(wide) - 1))
    # an interval of nine characters, a heading of ten
    assert least_width(wide) == least_width(narrow) + CELLS


def tables(report: Group) -> list[Table]:
    return [part for part in report.renderables if isinstance(part, Table)]


ATTACKS = (
    "fgsm",
    "pgd",
    "noise",
    "sign-bisect",
    "evolutionary",
    "square",
    "lattice-search",
    "finite-differences",
    "boundary-normal",
)


@pytest.fixture
def many(results: dict[str, Any]) -> dict[str, Any]:
    """Results with many attacks."""
    results["attacks"] = list(ATTACKS)
    for row in results["rows"]:
        row["attacks"] = dict.fromkeys(ATTACKS, row["robust_accuracy"])
    return results


@pytest.mark.parametrize("width", [80, 100])
def test_one_model_fits_a_terminal_of_80_whatever_the_number_of_attacks(
    width: int, many: dict[str, Any]
) -> None:
    row = many["rows"][0]
    row["attacks"] |= {"pgd": None, "square": None}
    row["outcomes"] = {"pgd": {"not_applicable": 4}, "square": {"out_of_time": 1}}
    row["exact_robust_accuracy"] = row["robust_accuracy"]
    many["rows"] = [row]
    assert 0 < least_width(*tables(terminal_report(many, width=width))) <= 72
    lines = printed(many)
    for attack in ATTACKS:
        (line,) = (one for one in lines if one.startswith(f"under {attack} "))
        assert ("50.0" in line) is (attack not in ("pgd", "square"))
    assert any("under pgd" in line and "did not run" in line for line in lines)
    assert any("under square" in line and "out of time" in line for line in lines)
    # two attacks have none; the worst case and the exact value have one each
    assert sum("25.0–75.0  █████·····" in line for line in lines) == len(ATTACKS)


@pytest.mark.parametrize("width", [60, 80, 100, 120])
def test_tables_of_several_models_are_parted_where_they_are_too_wide(
    width: int, many: dict[str, Any]
) -> None:
    parted = tables(terminal_report(many, width=width))
    assert len(parted) > 1
    assert least_width(*parted) <= width
    headings = [str(column.header) for table in parted for column in table.columns]
    assert [one for one in headings if one in ATTACKS] == list(ATTACKS)
    assert "worst case" in headings
