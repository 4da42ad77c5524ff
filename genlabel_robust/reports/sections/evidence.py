"""Whether the attacks worked: every check, failures first; the canary; what came out how."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from genlabel_robust.evaluation.reading import StoredRun
from genlabel_robust.reports.check_words import CHECKS_SAY
from genlabel_robust.reports.given import noun
from genlabel_robust.reports.markup import Content, Markup, element, joined, name
from genlabel_robust.reports.parts import Column, details, paragraph, table
from genlabel_robust.reports.view import Row, ends, pairs, title

_SIGNS = {"fail": "✗ fail", "warn": "! warn", "pass": "✓ pass"}
_OUTCOMES = (
    "broken", "survived", "misclassified", "no_start", "not_applicable", "skipped", "out_of_time",
)  # fmt: skip
#: So many checks that did not pass are listed one by one.
_MOST = 300


@dataclass
class _Check:
    """One check over all rows of the results."""

    allowed: str
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_SIGNS, 0))
    values: list[float] = field(default_factory=list)

    @property
    def status(self) -> str:
        return next(status for status, count in self.counts.items() if count)


def evidence(run: StoredRun) -> Markup:
    """Return the checks, the canary, and how the examples came out under each attack."""
    found = run.results
    return joined([*_checks(found), *_canary(found["canary"]), *_outcomes(found)])


def _checks(found: Mapping[str, Any]) -> Iterator[Markup]:
    checks: dict[str, _Check] = {}
    for row in found["rows"]:
        for one in row["checks"]:
            check = checks.setdefault(one["name"], _Check(one["allowed"]))
            check.counts[one["status"]] += 1
            check.values.append(one["value"])
    if not checks:
        yield paragraph("No check was made: nothing says whether the attacks worked.")
        return
    order = sorted(checks.items(), key=lambda entry: list(_SIGNS).index(entry[1].status))
    columns: list[Column | str] = ["check", "result", "what it says", Column("passed", number=True)]
    columns += [Column("worst value", number=True), "allowed"]
    lines: list[list[Content]] = [
        [
            check_name, sign(check.status), CHECKS_SAY.get(check_name, ""),
            f"{check.counts['pass']} of {len(check.values)}", f"{max(check.values):.4g}",
            check.allowed,
        ]
        for check_name, check in order
    ]  # fmt: skip
    yield table("evidence-checks", "Checks of all rows of the results", columns, lines)
    yield from _not_passed(found)


def _not_passed(found: Mapping[str, Any]) -> Iterator[Markup]:
    listed = [
        (list(_SIGNS).index(one["status"]), row, one)
        for row in found["rows"]
        for one in row["checks"]
        if one["status"] != "pass"
    ]
    listed.sort(key=lambda entry: entry[0])
    if not listed:
        return
    lines: list[list[Content]] = [
        [
            one["name"], sign(one["status"]), _where(row, found), name(row["strategy"]),
            f"{row['eps']:g}", f"{one['value']:.4g}", one["allowed"],
        ]
        for _, row, one in listed[:_MOST]
    ]  # fmt: skip
    columns: list[Column | str] = [
        "check", "result", "data set", noun(found), Column("ε", number=True),
        Column("value", number=True), "allowed",
    ]  # fmt: skip
    body = table("evidence-failed", "Checks that did not pass", columns, lines)
    yield details(f"The {len(listed)} that did not pass", body, open_=len(listed) <= 30)
    if len(listed) > _MOST:
        yield paragraph(f"{len(listed) - _MOST} more are in results.json.")


def _where(row: Row, found: Mapping[str, Any]) -> Markup:
    return title((row["dataset"], row["architecture"]), found)


def sign(status: str) -> Markup:
    """Return the word and the sign of a status."""
    return element("span", _SIGNS[status], class_=f"status {status}")


def _canary(canary: Mapping[str, Any] | None) -> Iterator[Markup]:
    yield element("h3", "The canary")
    if canary is None:
        yield paragraph("The attacks were not tried on a model of known margins.")
        return
    yield paragraph(
        "Before the run the attacks were tried on an affine model whose margins are known. At "
        f"ε = {canary['eps']:.3g} they broke {100 * canary['broken']:.1f} % of what can be broken."
    )
    lines: list[list[Content]] = [
        [
            name(attack), f"{100 * one['broken']:.1f}",
            "n/a" if one["median_ratio"] is None else f"{one['median_ratio']:.4f}",
            str(one["lost"]), str(one["outside"]),
        ]
        for attack, one in canary["attacks"].items()
    ]  # fmt: skip
    columns: list[Column | str] = ["attack"]
    columns += [
        Column(one, number=True)
        for one in ("broken, %", "distance found over the exact one", "lost", "outside the ball")
    ]
    yield table("evidence-canary", "The canary, attack by attack", columns, lines)


def _outcomes(found: Mapping[str, Any]) -> Iterator[Markup]:
    eps = ends(found)[-1]
    totals: dict[tuple[tuple[str, str], str], dict[str, int]] = {}
    for pair, rows in pairs(found).items():
        for row in rows:
            if row["eps"] == eps:
                for attack, counts in row["outcomes"].items():
                    total = totals.setdefault((pair, attack), dict.fromkeys(_OUTCOMES, 0))
                    for one in _OUTCOMES:
                        total[one] += counts.get(one, 0)
    shown = [one for one in _OUTCOMES if any(total[one] for total in totals.values())]
    if not totals:
        return
    lines = [
        [name(attack), title(pair, found), *(str(total[one]) for one in shown)]
        for (pair, attack), total in totals.items()
    ]
    columns: list[Column | str] = ["attack", "data set"]
    columns += [Column(one.replace("_", " "), number=True) for one in shown]
    yield element("h3", "What became of the examples")
    over = "" if "model" in found else ", over all strategies and seeds"
    caption = f"Examples at ε = {eps:g}{over}"
    yield table("evidence-outcomes", caption, columns, lines)
