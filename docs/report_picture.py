"""Take the README's picture of the audit report: ``python docs/report_picture.py RUN``."""

from __future__ import annotations

import base64
import shutil
import sys
import tempfile
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from genlabel_robust.core.files.writing import write_bytes

PICTURE = Path(__file__).resolve().parent / "images" / "report.png"
_WINDOW = {"width": 1280, "height": 1150, "deviceScaleFactor": 1, "mobile": False}


def take(page: Path) -> bytes:
    """Return a PNG of the verdict and its pictures, as a browser shows them."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    with tempfile.TemporaryDirectory() as profile:
        for flag in (
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--disable-background-networking",
            "--no-first-run",
            f"--user-data-dir={profile}",
        ):
            options.add_argument(flag)
        chrome = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
        try:
            chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", _WINDOW)
            chrome.get(page.resolve().as_uri())
            chrome.execute_script(
                "document.querySelector('#verdict').scrollIntoView({behavior: 'instant'})"
            )
            shown = chrome.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})
        finally:
            chrome.quit()
    return base64.b64decode(shown["data"])


if __name__ == "__main__":
    write_bytes(PICTURE, take(Path(sys.argv[1]) / "report.html"))
