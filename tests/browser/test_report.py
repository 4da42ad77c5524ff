"""The audit report in a browser: opened from a file, offline, by keyboard and on a phone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from genlabel_robust import audit, write_reports

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

pytestmark = pytest.mark.browser

Show = Callable[..., "Chrome"]
TABLE = "results-0"
OPEN_ALL = "document.querySelectorAll('details').forEach(one => { one.open = true; });"
COLUMN = """return [...document.querySelectorAll(
    `[aria-labelledby="${arguments[0]}-caption"] tbody tr`
)].map(row => row.cells[arguments[1]].textContent);"""
HEAD = """return document.querySelectorAll(
    `[aria-labelledby="${arguments[0]}-caption"] thead th`)[arguments[1]];"""


def test_it_opens_from_a_file_without_any_request_or_complaint(show: Show) -> None:
    chrome = show()
    assert chrome.title.startswith("Robustness report")
    messages = [json.loads(entry["message"])["message"] for entry in chrome.get_log("performance")]
    asked = [
        one["params"]["request"]["url"]
        for one in messages
        if one["method"] == "Network.requestWillBeSent"
    ]
    assert [url for url in asked if not url.startswith("file://")] == []
    assert len(asked) <= 1
    assert chrome.get_log("browser") == []


def test_a_script_that_is_put_in_does_not_run(show: Show) -> None:
    chrome = show()
    chrome.execute_script(
        "const one = document.createElement('div'); one.innerHTML = '<img src=x onerror=\"x=1\">';"
        "const two = document.createElement('script'); two.textContent = 'window.ran = true';"
        "document.body.append(one, two);"
    )
    assert chrome.execute_script("return window.ran") is None
    assert any("Content Security Policy" in entry["message"] for entry in chrome.get_log("browser"))


def test_a_table_sorts_by_click_in_both_directions_and_back(show: Show) -> None:
    chrome = show()
    before = chrome.execute_script(COLUMN, TABLE, 1)
    head = chrome.execute_script(HEAD, TABLE, 1)
    button = head.find_element("tag name", "button")
    for direction, reverse in (("ascending", False), ("descending", True)):
        chrome.execute_script("arguments[0].click()", button)
        assert head.get_attribute("aria-sort") == direction
        shown = [float(text) for text in chrome.execute_script(COLUMN, TABLE, 1)]
        assert shown == sorted(shown, reverse=reverse)
        assert len(set(shown)) > 1
    chrome.execute_script("arguments[0].click()", button)
    assert head.get_attribute("aria-sort") is None
    assert chrome.execute_script(COLUMN, TABLE, 1) == before


def test_a_table_sorts_by_key(show: Show) -> None:
    chrome = show()
    head = chrome.execute_script(HEAD, TABLE, 0)
    head.find_element("tag name", "button").send_keys("\ue007")
    assert head.get_attribute("aria-sort") == "ascending"
    shown = chrome.execute_script(COLUMN, TABLE, 0)
    assert shown == sorted(shown)
    assert set(shown) == {"mixup", "vanilla"}


def test_the_first_key_leads_past_the_navigation(show: Show) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    chrome = show()
    ActionChains(chrome).send_keys("\ue004").perform()
    focused = chrome.switch_to.active_element
    assert focused.get_attribute("href").endswith("#main")
    assert chrome.execute_script("return arguments[0].getBoundingClientRect().left", focused) >= 0


def test_dark_and_light_follow_the_reader(show: Show) -> None:
    def brightness(scheme: str, part: str) -> float:
        colour = show(scheme=scheme).execute_script(
            f"return getComputedStyle(document.body).{part}"
        )
        return sum(int(one) for one in colour.strip("rgba()").split(",")[:3]) / 3

    assert brightness("light", "backgroundColor") > 200 > 100 > brightness("light", "color")
    assert brightness("dark", "backgroundColor") < 60 < 200 < brightness("dark", "color")


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_is_wider_than_the_window_but_what_scrolls_by_itself(
    show: Show, width: int
) -> None:
    chrome = show(width=width)
    chrome.execute_script(OPEN_ALL)
    assert chrome.execute_script(
        "return document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )
    wide = chrome.execute_script(
        """const width = document.documentElement.clientWidth;
        return [...document.querySelectorAll('body *')].filter(one =>
            !one.closest('.scroll, pre, .skip') && one.getBoundingClientRect().right > width + 1
        ).map(one => one.outerHTML.slice(0, 200));"""
    )
    assert wide == []
    cut = chrome.execute_script(
        """return [...document.querySelectorAll('body *')].filter(one =>
            one.scrollWidth > one.clientWidth + 1 && !['visible', 'auto', 'scroll'].includes(
            getComputedStyle(one).overflowX)).map(one => one.outerHTML.slice(0, 200));"""
    )
    assert cut == []


def test_what_scrolls_can_be_reached_by_key_and_has_a_name(show: Show) -> None:
    chrome = show(width=360)
    chrome.execute_script(OPEN_ALL)
    assert chrome.execute_script(
        """return [...document.querySelectorAll('.scroll, pre')].every(one =>
            one.tabIndex === 0 && one.getAttribute('role') === 'region' &&
            (one.getAttribute('aria-label') || document.getElementById(
            one.getAttribute('aria-labelledby')).textContent.trim()));"""
    )


def test_hostile_names_are_seen_as_text(show: Show) -> None:
    chrome = show()
    chrome.execute_script(OPEN_ALL)
    assert chrome.title.startswith("Robustness report")
    text = chrome.execute_script("return document.body.innerText")
    for name in (
        "<script>document.title='taken'</script>",
        "\"' onfocus='x=1",
        "אורך",
        "<b>no</b>",
        "[U+202E]yes",
        "<img src=x onerror=alert(1)>",
    ):
        assert name in text
    assert (
        chrome.execute_script("return document.querySelectorAll('img, b, main script').length") == 0
    )


def test_without_script_the_tables_are_plain(show: Show) -> None:
    chrome = show()
    chrome.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        show()
        assert chrome.find_elements("css selector", "th button") == []
        assert len(chrome.find_elements("css selector", "th")) > 50
    finally:
        chrome.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_printing_opens_what_is_collapsed(show: Show) -> None:
    chrome = show()
    chrome.execute_script("dispatchEvent(new Event('beforeprint'))")
    closed = "return document.querySelectorAll('details:not([open])').length"
    assert chrome.execute_script(closed) == 0
    chrome.execute_script("dispatchEvent(new Event('afterprint'))")
    assert chrome.execute_script(closed) > 0


@pytest.mark.nightly(but=["360-dark"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing(show: Show, axe: str, scheme: str, width: int) -> None:
    chrome = show(width=width, scheme=scheme)
    chrome.execute_script(OPEN_ALL)
    chrome.execute_script(axe)
    found = chrome.execute_async_script(
        """const done = arguments[arguments.length - 1];
        axe.run(document).then(found => done(found.violations.map(one =>
            [one.id, one.impact, one.nodes.slice(0, 3).map(node => node.html)])));"""
    )
    assert found is not None
    assert found == []


@pytest.fixture(scope="session")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report on an audited model, with realistic column names."""
    rng = np.random.default_rng(0)
    names = ("age", "income_eur", "tenure_years", "debt_ratio", "overdue_days")
    x = rng.uniform(0, 100, (80, 5))
    y = np.where(x @ [-1, -0.5, 0.2, 1.5, 0.4] + rng.normal(0, 10, 80) > 60, "yes", "no")
    table = pd.DataFrame(x, columns=names)
    model = LogisticRegression(max_iter=5000).fit(table[:50], y[:50])
    out = tmp_path_factory.mktemp("audited") / "run"
    audit(model, table[50:], y[50:], eps=0.05, suite="quick", out=str(out))
    write_reports(out)
    return out / "report.html"


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_of_a_page_scrolls_sideways(show: Show, audited: Path, width: int) -> None:
    chrome = show(width=width, path=audited)
    chrome.execute_script(OPEN_ALL)
    wide = chrome.execute_script(
        """return [...document.querySelectorAll('.scroll')].filter(one =>
            one.scrollWidth > one.clientWidth + 1).map(one => one.textContent.slice(0, 80));"""
    )
    assert wide == []
    right = chrome.execute_script(
        """return Math.max(...[...document.querySelectorAll('main *')].map(one =>
            one.getBoundingClientRect().right));"""
    )
    assert right <= width + 1


@pytest.mark.parametrize("width", [390, 1280])
def test_the_answer_and_its_picture_are_on_the_first_screen(
    show: Show, audited: Path, width: int
) -> None:
    chrome = show(width=width, path=audited)
    box, picture = (
        chrome.execute_script(
            "return document.querySelector(arguments[0]).getBoundingClientRect().top", part
        )
        for part in (".box .answer", "#verdict svg")
    )
    assert 0 < box < 200
    assert box < picture < 800
    smallest = chrome.execute_script(
        """return Math.min(...[...document.querySelectorAll('#verdict svg text')].map(one =>
            one.getBoundingClientRect().height));"""
    )
    assert smallest >= 11


def test_a_page_of_one_model_is_short_and_a_link_opens_what_is_folded(
    show: Show, audited: Path
) -> None:
    from selenium.webdriver.support.ui import WebDriverWait

    chrome = show(path=audited)
    assert chrome.execute_script("return document.documentElement.scrollHeight") < 5000
    folded = "return document.querySelector('#threat > details').open"
    assert chrome.execute_script(folded) is False
    link = chrome.find_element("css selector", "nav a[href='#threat']")
    chrome.execute_script("arguments[0].click()", link)
    # the page hears of its new address in a task of its own
    WebDriverWait(chrome, 60).until(lambda page: page.execute_script(folded))
