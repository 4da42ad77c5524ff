"""A gate's verdicts for a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from genlabel_robust.core.plain_text import plain
from genlabel_robust.gates.verdicts.verdict import GateResult, Status
from genlabel_robust.gates.verdicts.wording import percent, points

#: A sign that is read without colour, and a word.
SIGNS: Mapping[Status, str] = {
    "pass": "✅ PASS",
    "fail": "❌ FAIL",
    "inconclusive": "❔ INCONCLUSIVE",
    "not comparable": "⚠️ NOT COMPARABLE",
    "attack not valid": "⚠️ ATTACK NOT VALID",
    "not evaluated": "⚠️ NOT EVALUATED",
}


def markdown(result: GateResult) -> str:
    """Return the verdicts as a table, the sentences, and what else a reader is told."""
    return "\n".join(_lines(result)) + "\n"


def _lines(result: GateResult) -> Iterator[str]:
    yield f"## Robustness gate: {SIGNS[result.status]}"
    yield ""
    yield "| endpoint | verdict | baseline | candidate | difference | allowed |"
    yield "| --- | --- | ---: | ---: | ---: | ---: |"
    for verdict in result.verdicts:
        figures = verdict.figures
        cells = (
            _plain(verdict.name),
            SIGNS[verdict.status],
            _rate(figures.get("baseline")),
            _rate(figures.get("candidate")),
            _difference(figures),
            _allowed(figures),
        )
        yield f"| {' | '.join(cells)} |"
    yield ""
    for verdict in result.verdicts:
        yield f"- {_plain(verdict.sentence)}"
    if result.notes:
        yield ""
        yield from (f"> {_plain(note)}" for note in result.notes)
    if result.described:
        yield ""
        yield f"<details><summary>Described only ({len(result.described)})</summary>"
        yield ""
        yield from (f"- {_plain(str(row))}" for row in result.described)
        yield ""
        yield "</details>"
    if result.command:
        yield ""
        fence = "`" * (max([2, *map(len, re.findall("`+", result.command))]) + 1)
        yield from (f"{fence}sh", plain(result.command), fence)


def _rate(found: Any) -> str:
    return percent(found["value"]) if isinstance(found, Mapping) else ""


def _difference(figures: Mapping[str, Any]) -> str:
    found = figures.get("difference")
    if not isinstance(found, Mapping) or figures.get("measure") == "margin":
        return ""
    low, high = points(found["low"]), points(found["high"])
    return f"{points(found['value'])} ({low} to {high})"


def _allowed(figures: Mapping[str, Any]) -> str:
    if "least" in figures:
        return f"at least {percent(figures['least'])}"
    if "max_drop" not in figures:
        return ""
    # of a margin it is a share
    share = figures.get("measure") == "margin"
    return percent(-figures["max_drop"]) if share else points(-figures["max_drop"])


def _plain(text: str) -> str:
    """Return ``text`` so that a name of a file or a class cannot become markup.

    Nor a link, nor the mention of a person. HTML in a summary is read before the markup,
    so that ``<`` and ``&`` are entities.
    """
    text = plain(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = re.sub(r"[\\`*_\[\]|#!~$]", r"\\\g<0>", text)
    text = re.sub(r"(https?|ftp)(?=:)|(www)(?=\.)", r"\g<0><!-- -->", text, flags=re.IGNORECASE)
    return re.sub(r"(?<!\w)@(?=\w)", "@<!-- -->", text)
