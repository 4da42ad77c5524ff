from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis.strategies import booleans, floats, tuples
from rich.console import Console

from genlabel_robust.reports.bar import CELLS, bar, whisker
from genlabel_robust.reports.terminal import least_width, terminal_report

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
    console = Console(width=120, file=io.StringIO())
    wide, narrow = (least_width(terminal_report(results, bars=one), console) for one in (1, 0))
    # an interval of nine characters, a heading of ten
    assert wide == narrow + CELLS
