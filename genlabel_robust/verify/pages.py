"""Comparison of a run's pages, figures and tables with new ones from its results and cells."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from itertools import zip_longest
from pathlib import Path
from typing import Any

from genlabel_robust.core import GenlabelRobustError, OutputError
from genlabel_robust.core.files.opening import LARGEST_TEXT, file_bytes, is_regular
from genlabel_robust.core.files.parsing import parsed_json
from genlabel_robust.runs.folder.finished import is_baseline
from genlabel_robust.runs.folder.manifest import environment
from genlabel_robust.runs.results.frame import results_csv
from genlabel_robust.runs.results.results import Results
from genlabel_robust.runs.results.subgroups_table import SUBGROUPS, subgroups_csv
from genlabel_robust.verify.checksums import SUMS
from genlabel_robust.verify.finding import Finding

#: Renders pages and figures: (run folder, content to use in place of its ``results.json`` or None)
#: -> file name -> bytes.
Render = Callable[[Path, bytes | None], Mapping[str, bytes]]

RESULTS, TABLE = "results.json", "results.csv"
_NUMBER = re.compile(r"[-+−]?\d+(?:\.\d+)?(?:e[-+]?\d+)?")
#: The number of characters that a finding quotes before the first difference, and from there on.
_BEFORE, _FROM = 20, 40


@dataclass(frozen=True)
class Pages:
    """The result of comparing the pages.

    ``names``: all files that were rendered again. ``loosely``: sentences about files that could
    not be compared byte for byte. ``odd``: files that show the stored results, where these differ
    from what the cells give. ``fit``: files that are correct. ``against``: those in ``fit`` that
    contradict the stored results.
    """

    findings: tuple[Finding, ...]
    names: tuple[str, ...]
    loosely: tuple[str, ...] = ()
    odd: tuple[str, ...] = ()
    fit: tuple[str, ...] = ()
    against: tuple[str, ...] = ()

    def without_cells(self) -> "Pages":
        """Turn the findings into a note: pages cannot be judged if the cells are wrong."""
        left = dict.fromkeys(finding.where for finding in self.findings)
        note = f"Not judged, as they are made of these cells, too: {', '.join(left)}."
        return replace(self, findings=(), loosely=(*self.loosely, *([note] if left else ())))


def check_pages(
    folder: Path, stored: Mapping[str, Any], render: Render, again: bytes | None = None
) -> Pages:
    """Compare pages, figures and tables with those that ``render`` makes again.

    ``stored``: the run's manifest. ``again``: the correct content of ``results.json`` if the file
    has another, which may have been altered; the pages must then show the correct content. The
    bytes must be equal if the same versions rendered them. Otherwise all numbers in the texts must
    be equal, in order.
    """
    try:
        wanted = _made(folder, render, again)
    except Exception as error:  # an altered file can raise anything
        explained = isinstance(error, GenlabelRobustError)
        why = str(error) if explained else f"{type(error).__name__}: {error}"
        return Pages((Finding("report.html", f"it cannot be made again: {why}"),), ())
    altered = {} if again is None else _made_of_altered(folder, render)
    source = "the results and cells give" if again is None else "the cells give"
    findings, loosely, odd, fit = [], [], [], []
    for name, content in wanted.items():
        path = folder / name
        if not is_regular(path):
            # without checksums, which is reported, the pages may not have been written yet
            if (
                is_regular(folder / SUMS)
                and name not in _listed(folder)
                and not is_baseline(folder)
            ):
                findings.append(Finding(name, "it is missing; `report RUN` writes it"))
            continue
        found = file_bytes(path, error=OutputError)
        if found == content:
            fit.append(name)
            continue
        if found == altered.get(name):
            odd.append(name)
            findings.append(Finding(name, f"it shows {RESULTS} as it is, and not what {source}"))
            continue
        other = _made_by_another(name, stored)
        if other is None:
            findings.append(Finding(name, _first_difference(found, content, source)))
            continue
        findings += [Finding(name, what) for what in _other_numbers(name, found, content, other)]
        loosely.append(
            f"{name}: rendered by {other}, not compared byte for byte; the numbers in its text are "
            "those of the results."
        )
    against = () if again is None else tuple(n for n in fit if altered.get(n) != wanted[n])
    return Pages(tuple(findings), tuple(wanted), tuple(loosely), tuple(odd), tuple(fit), against)


def _made(folder: Path, render: Render, content: bytes | None) -> dict[str, bytes]:
    """Return file name -> bytes of pages, figures and tables; ``content``: as in ``Render``."""
    return {**render(folder, content), **_tables(folder, content)}


def _made_of_altered(folder: Path, render: Render) -> dict[str, bytes]:
    """Return the same from the stored results, or nothing if these cannot be rendered."""
    try:
        return _made(folder, render, None)
    except Exception:  # an altered file can raise anything
        return {}


def _tables(folder: Path, content: bytes | None) -> dict[str, bytes]:
    if content is None:
        content = file_bytes(folder / RESULTS, error=OutputError)
    found = Results(parsed_json(content, RESULTS, error=OutputError))
    tables = {TABLE: results_csv(found), SUBGROUPS: subgroups_csv(found)}
    return {name: text.encode() for name, text in tables.items() if text is not None}


def _listed(folder: Path) -> set[str]:
    content = file_bytes(folder / SUMS, most=LARGEST_TEXT, error=OutputError)
    lines = content.decode("utf-8", errors="replace").splitlines()
    return {line.split("  ", 1)[-1] for line in lines}


def _made_by_another(name: str, stored: Mapping[str, Any]) -> str | None:
    """Return the package and version that rendered a file, or None if they are the ones here."""
    about, here = stored.get("environment"), environment()
    about = about if isinstance(about, dict) else {}
    if about.get("genlabel_robust") != here["genlabel_robust"]:
        return f"genlabel_robust {about.get('genlabel_robust', 'of an unknown version')}"
    packages = about.get("packages")
    version = packages.get("pandas") if isinstance(packages, dict) else None
    if Path(name).suffix != ".csv" or version == here["packages"]["pandas"]:
        return None
    return f"pandas {version or 'of an unknown version'}"


def _first_difference(found: bytes, wanted: bytes, source: str) -> str:
    one, other = (content.decode("utf-8", errors="replace") for content in (found, wanted))
    pairs = enumerate(zip_longest(one, other))
    at = next((index for index, (left, right) in pairs if left != right), 0)
    first = max(0, at - _BEFORE)
    parts = [text[first : at + _FROM] for text in (one, other)]
    return (
        f"it is not what {source}; the first difference is in line "
        f"{one.count(chr(10), 0, at) + 1}: {parts[0]!r}, and should be {parts[1]!r}"
    )


def _other_numbers(name: str, found: bytes, wanted: bytes, made_by: str) -> Iterator[str]:
    """Yield a clause about the first number in which two texts differ, if there is one.

    ``made_by``: the package and version that rendered ``found``.
    """
    one, other = (_numbers(name, content) for content in (found, wanted))
    for index, (left, right) in enumerate(zip_longest(one, other), 1):
        if left != right:
            yield (
                f"number {index} of its text is {left or 'missing'}, and should be "
                f"{right or 'absent'}; {made_by} rendered it, and with that verify compares bytes"
            )
            return


def _numbers(name: str, content: bytes) -> list[str]:
    text = content.decode("utf-8", errors="replace")
    if Path(name).suffix in (".html", ".svg"):
        reader = _Text()
        reader.feed(text)
        reader.close()
        text = " ".join(reader.parts)
    return _NUMBER.findall(text)


class _Text(HTMLParser):
    """Parser that collects the visible text of a page or an SVG figure."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in ("style", "script", "metadata")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("style", "script", "metadata")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)
