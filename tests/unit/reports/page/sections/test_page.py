"""The whole page: its size, order and bytes, and names that look like markup."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from genlabel_robust.core.errors import UnknownNameError
from genlabel_robust.reports import SECTIONS
from genlabel_robust.reports.page.document import html_report
from genlabel_robust.runs.folder.stored_run import StoredRun

MakeRun = Callable[..., StoredRun]
HOSTILE = (
    "<script>document.title='taken'</script>",
    "\"' onmouseover='x=1",
    "</td></table><h1>x</h1>",
    "&amp;lt;",
    "\u202egnal\u202c",
    "שלום עולם",
    "w" * 300,
    " ",
)


def test_the_same_run_gives_the_same_bytes(make_run: MakeRun) -> None:
    assert html_report(make_run()) == html_report(make_run())


def test_every_section_has_a_heading_and_a_link_in_its_order(make_run: MakeRun) -> None:
    page = html_report(make_run())
    # groups of rows are those of --by, which this run has not; nor are its features looked at
    wanted = [section for section in SECTIONS if section not in ("subgroups", "features")]
    assert re.findall(r'<section id="(\w+)"', page) == wanted
    assert re.findall(r'<a href="#(\w+)">', page)[-len(wanted) :] == wanted
    assert page.count("<h1>") == 1


def test_sections_are_chosen_and_ordered_by_name(make_run: MakeRun) -> None:
    page = html_report(make_run(), ("limits", "verdict", "limits"))
    assert re.findall(r'<section id="(\w+)"', page) == ["limits", "verdict"]


def test_an_unknown_section_is_answered_with_the_nearest(make_run: MakeRun) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'verdict'"):
        html_report(make_run(), ("verdikt",))


def test_headings_go_down_one_level_at_a_time(make_run: MakeRun) -> None:
    levels = [int(level) for level in re.findall(r"<h(\d)", html_report(make_run()))]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_every_identifier_is_there_once_and_every_label_leads_to_one(make_run: MakeRun) -> None:
    page = html_report(make_run(datasets=("one", "two"), eps=(0.05, 0.1), exact=True))
    identifiers = re.findall(r' id="([^"]+)"', page)
    assert len(set(identifiers)) == len(identifiers)
    named = {
        one for group in re.findall(r' aria-labelledby="([^"]+)"', page) for one in group.split()
    }
    assert named <= set(identifiers)


def test_every_drawing_has_a_title_and_a_description(make_run: MakeRun) -> None:
    drawings = re.findall(r"<svg.*?</svg>", html_report(make_run()), flags=re.S)
    assert len(drawings) >= 3
    for drawn in drawings:
        assert re.match(r'<svg [^>]*role="img"[^>]*><title id="[^"]+">.+?</title><desc id=', drawn)


def test_nothing_is_loaded_and_only_the_own_style_and_script_run(
    make_run: MakeRun, words: Callable[[str], str]
) -> None:
    page = html_report(make_run())
    assert words(page)
    assert not re.search(r"<(link|img|iframe|object|embed|base|form)\b", page)
    assert "http" not in page.replace("http-equiv", "")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1]
    assert policy.startswith("default-src &#x27;none&#x27;")
    for tag in ("style", "script"):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, flags=re.S)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src &#x27;sha256-{digest}&#x27;;" in policy


def test_hostile_names_are_text(make_run: MakeRun, words: Callable[[str], str]) -> None:
    page = html_report(make_run(datasets=HOSTILE[:3], features=HOSTILE, classes=HOSTILE[1:4], n=30))
    assert page.count("<script") == 1
    assert page.count("<h1>") == 1
    shown = words(page)
    for name in HOSTILE[:4]:
        assert name in shown
    assert "[U+202E]gnal[U+202C]" in shown
    assert "(1 blanks)" in shown
    assert "w" * 90 + "…" + "w" * 29 in shown
    page.encode("utf-8")


@pytest.mark.nightly(but=["True"])
@pytest.mark.parametrize("exact", [False, True])
def test_a_page_of_fifty_data_sets_stays_small_and_is_quickly_made(
    exact: bool, make_run: MakeRun, multiply: Callable[[StoredRun, int], StoredRun]
) -> None:
    strategies = (
        "vanilla",
        "mixup",
        "adamixup",
        "mixup-exclude-mi",
        "genlabel-gm",
        "genlabel-kde",
        "genlabel-nn",
        "genlabel-cv",
    )
    one = make_run(
        strategies=strategies,
        eps=(0.05, 0.1, 0.15, 0.2, 0.25),
        suite="standard",
        features=[f"feature {i}" for i in range(20)],
        classes=("a", "b", "c"),
        n=60,
        seeds=1,
        exact=exact,
    )
    run = multiply(one, 50)
    assert len(run.results["rows"]) == 2000
    began = time.process_time()
    page = html_report(run)
    assert time.process_time() - began < 60
    assert len(page.encode()) < 5_200_000


@pytest.mark.parametrize("section", SECTIONS)
def test_a_run_in_which_nothing_could_be_attacked_has_every_section(
    section: str, make_run: MakeRun, words: Callable[[str], str]
) -> None:
    run = make_run()
    nothing: dict[str, Any] = {
        "robust_accuracy": None,
        "margin": None,
        "per_class": [],
        "checks": [],
        "outcomes": {},
        "reason": "no attack of the suite can work on this model",
    }
    for row in run.results["rows"]:
        row.update(nothing, attacks=dict.fromkeys(row["attacks"]))
    run.results["differences"] = []
    run.results["canaries"] = None
    run.panels.clear()
    assert words(html_report(run, (section,)))
