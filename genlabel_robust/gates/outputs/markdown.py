"""A gate's verdicts as Markdown, for a pull request."""

import re
from collections.abc import Iterator, Mapping

from genlabel_robust.core import plain
from genlabel_robust.gates.verdicts.figures import (
    ComparedMargins,
    ComparedRates,
    Figures,
    RateOverFloor,
    SameModel,
    SavedRate,
)
from genlabel_robust.gates.verdicts.verdict import GateResult, Status
from genlabel_robust.gates.verdicts.wording import percent, points
from genlabel_robust.statistics import Estimate

#: A symbol that is clear without colour, and a word.
SIGNS: Mapping[Status, str] = {
    "pass": "✅ PASS",
    "fail": "❌ FAIL",
    "inconclusive": "❔ INCONCLUSIVE",
    "not comparable": "⚠️ NOT COMPARABLE",
    "attack not valid": "⚠️ ATTACK NOT VALID",
    "not evaluated": "⚠️ NOT EVALUATED",
}


def markdown(result: GateResult) -> str:
    """Return the verdicts as a table and as sentences, with descriptions and notes."""
    return "\n".join(_lines(result)) + "\n"


def _lines(result: GateResult) -> Iterator[str]:
    yield f"## Robustness gate: {SIGNS[result.status]}"
    yield ""
    yield "| endpoint | verdict | baseline | candidate | difference | allowed |"
    yield "| --- | --- | ---: | ---: | ---: | ---: |"
    for verdict in result.verdicts:
        cells = (_plain(verdict.name), SIGNS[verdict.status], *_cells(verdict.figures))
        yield f"| {' | '.join(cells)} |"
    yield ""
    for verdict in result.verdicts:
        yield f"- {_plain(verdict.sentence)}"
    if result.notes:
        yield ""
        yield from (f"> {_plain(note)}" for note in result.notes)
    if result.described:
        yield ""
        yield f"<details><summary>Not judged ({len(result.described)})</summary>"
        yield ""
        yield from (f"- {_plain(str(row))}" for row in result.described)
        yield ""
        yield "</details>"
    if result.command:
        yield ""
        fence = "`" * (max([2, *map(len, re.findall("`+", result.command))]) + 1)
        yield from (f"{fence}sh", plain(result.command), fence)


def _cells(figures: Figures | None) -> tuple[str, str, str, str]:
    """Return the table cells: baseline, candidate, difference, and the allowed difference.

    For a margin, the allowed difference is a fraction of the baseline's median.
    """
    match figures:
        case ComparedRates(baseline=before, candidate=now, difference=found, max_drop=drop):
            bounds = f"({points(found.low)} to {points(found.high)})"
            difference = f"{points(found.value)} {bounds}"
            return percent(before.value), percent(now.value), difference, points(-drop)
        case ComparedMargins(max_drop=drop):
            return "", "", "", percent(-drop)
        case SameModel(baseline=Estimate() as before, candidate=Estimate() as now):
            return percent(before.value), percent(now.value), "", ""
        case RateOverFloor(candidate=now, least=least):
            return "", percent(now.value), "", f"at least {percent(least)}"
        case SavedRate(candidate=now):
            return "", percent(now.value), "", ""
        case _:
            return "", "", "", ""


def _plain(text: str) -> str:
    """Escape ``text`` so that the name of a file or a class cannot act as markup.

    It cannot become a link or mention a person either. GitHub parses HTML in a summary before
    Markdown, so ``<`` and ``&`` become entities.
    """
    text = plain(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = re.sub(r"[\\`*_\[\]|#!~$]", r"\\\g<0>", text)
    text = re.sub(r"(https?|ftp)(?=:)|(www)(?=\.)", r"\g<0><!-- -->", text, flags=re.IGNORECASE)
    return re.sub(r"(?<!\w)@(?=\w)", "@<!-- -->", text)
