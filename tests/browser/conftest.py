"""A browser without network access, and the report of a real run with hostile names."""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from genlabel_robust.cli.main import run

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

FEATURES = ("<script>document.title='taken'</script>", "\"' onfocus='x=1", "אורך", "w" * 200)
CLASSES = ("<b>no</b>", "\u202eyes")
FILE = "<img src=x onerror=alert(1)>.csv"


def _tool(*names: str) -> str | None:
    return next((found for found in map(shutil.which, names) if found), None)


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report on two strategies at two ε, for a table with hostile names."""
    folder = tmp_path_factory.mktemp("hostile")
    rng = np.random.default_rng(0)
    with (folder / FILE).open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow([*FEATURES, "target"])
        for index in range(80):
            label = index % 2
            table.writerow([*(rng.normal(size=len(FEATURES)) + label).tolist(), CLASSES[label]])
    arguments = [
        "evaluate",
        "--dataset",
        f"{folder / FILE}#target",
        "--strategy",
        "vanilla",
        "--strategy",
        "mixup",
        "--arch",
        "logistic",
        "--seeds",
        "1",
        "--suite",
        "quick",
        "--eps",
        "0.05",
        "--eps",
        "0.1",
        "--set",
        "train.epochs=5",
        "--jobs",
        "1",
        "-q",
        "--format",
        "json",
        "--out",
        str(folder / "run"),
    ]
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()) as told:
        code = run(arguments)
    assert code == 0, told.getvalue()
    return folder / "run" / "report.html"


@pytest.fixture(scope="session")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """A browser that resolves no host name; skip with a reason if there is none."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    from selenium.webdriver.chrome.service import Service

    browser = _tool("chromium", "chromium-browser", "google-chrome")
    driver = _tool("chromedriver")
    if browser is None or driver is None:
        pytest.skip("no chromium with its driver: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--disable-dev-shm-usage",
        "--host-resolver-rules=MAP * ~NOTFOUND",
        f"--user-data-dir={tmp_path_factory.mktemp('profile')}",
    ):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    opened = webdriver.Chrome(options=options, service=Service(driver))
    yield opened
    opened.quit()


@pytest.fixture
def show(chrome: Chrome, page: Path) -> Callable[..., Chrome]:
    """Return a function that opens the report at a window width, in light or dark mode."""

    def opened(width: int = 1280, scheme: str = "light", path: Path = page) -> Chrome:
        chrome.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False},
        )
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        for kind in ("browser", "performance"):
            chrome.get_log(kind)
        chrome.get(path.resolve().as_uri())
        return chrome

    return opened


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The source of axe-core; skip with a reason if npm cannot get it."""
    npm = _tool("npm")
    if npm is None:
        pytest.skip("there is no npm to get axe-core with")
    folder = tmp_path_factory.mktemp("axe")
    command = [npm, "pack", "axe-core@4", "--fetch-retries=0", "--silent"]
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, timeout=60, env={**os.environ, "CI": "1"}
        )
    except subprocess.TimeoutExpired:
        pytest.skip("npm did not get axe-core within a minute")
    if done.returncode != 0:
        pytest.skip("npm cannot get axe-core: is there no network?")
    (packed,) = folder.glob("*.tgz")
    with tarfile.open(packed) as archive:
        source = archive.extractfile("package/axe.min.js")
        assert source is not None
        return source.read().decode()
