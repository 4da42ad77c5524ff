"""Evidence that the attacks worked: all checks, failures first; canaries; and outcomes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from genlabel_robust.reports.page.markup import Content, Markup, element, joined, name
from genlabel_robust.reports.page.parts import details, paragraph, table
from genlabel_robust.reports.page.view import ends, pairs, title
from genlabel_robust.reports.tables.table import Column
from genlabel_robust.reports.words.audited_model import noun
from genlabel_robust.runs.cells.canary_record import CanaryRecord
from genlabel_robust.runs.checks import CHECKS
from genlabel_robust.runs.folder.stored_run import StoredRun
from genlabel_robust.runs.results.check_result import CheckResult
from genlabel_robust.runs.results.results import Results
from genlabel_robust.runs.results.row import Row

_SIGNS = {"fail": "✗ fail", "warn": "! warn", "pass": "✓ pass"}
_OUTCOMES = (
    "broken",
    "survived",
    "misclassified",
    "no_start",
    "not_applicable",
    "skipped",
    "out_of_time",
)
_CANARIES = {
    "affine": "An affine model",
    "forest": "A forest that gives scores",
    "forest-by-labels": "A forest that gives labels only",
}
#: The maximum number of checks that did not pass to list individually.
_MOST = 300


@dataclass
class _Check:
    """One check over all rows of the results."""

    members: list[CheckResult] = field(default_factory=list)

    @property
    def worst(self) -> CheckResult:
        """The worst result, by status and then by value."""
        order = list(_SIGNS)

        def key(one: CheckResult) -> tuple[int, float]:
            value = one.value
            return order.index(one.status), value if _from_below(one) else -value

        return min(self.members, key=key)

    @property
    def passed(self) -> int:
        return sum(one.status == "pass" for one in self.members)


def _from_below(one: CheckResult) -> bool:
    return one.bound == "at least"


def evidence(run: StoredRun) -> Markup:
    """Return the checks, the canaries, and the outcomes of the examples under each attack."""
    found = run.results
    return joined([*_checks(found), *_canaries(found.canaries), *_outcomes(found)])


def _checks(found: Results) -> Iterator[Markup]:
    checks: dict[str, _Check] = {}
    for row in found.rows:
        for one in row.checks:
            checks.setdefault(one.name, _Check()).members.append(one)
    if not checks:
        yield paragraph("No check was made: nothing says whether the attacks worked.")
        return
    order = sorted(checks.items(), key=lambda e: list(_SIGNS).index(e[1].worst.status))
    several = len(found.rows) > 1
    columns: list[Column | str] = ["check", "result", "what it asks"]
    columns += ["worst finding" if several else "finding"]
    columns += [Column("passed")] if several else []
    lines: list[list[Content]] = [
        [
            name(called),
            sign(check.worst.status),
            CHECKS.describe(called) if called in CHECKS else "",
            check.worst.sentence,
            *([f"{check.passed} of {len(check.members)}"] if several else []),
        ]
        for called, check in order
    ]
    yield table("evidence-checks", "All checks, and whether they passed", columns, lines)
    yield from _not_passed(found)


def _not_passed(found: Results) -> Iterator[Markup]:
    listed = [
        (list(_SIGNS).index(one.status), row, one)
        for row in found.rows
        for one in row.checks
        if one.status != "pass"
    ]
    listed.sort(key=lambda entry: entry[0])
    if not listed or len(found.rows) == 1:
        return
    lines: list[list[Content]] = [
        [
            name(one.name),
            sign(one.status),
            _where(row, found),
            name(row.strategy),
            f"{row.eps:g}",
            one.sentence,
        ]
        for _, row, one in listed[:_MOST]
    ]
    columns: list[Column | str] = [
        "check",
        "result",
        "data set",
        noun(found),
        Column("ε"),
        "finding",
    ]
    body = table("evidence-failed", "Checks that did not pass", columns, lines)
    which = "The check" if len(listed) == 1 else f"The {len(listed)} checks"
    yield details(f"{which} that did not pass", body, open_=len(listed) <= 30)
    if len(listed) > _MOST:
        yield paragraph(f"{len(listed) - _MOST} more are in results.json.")


def _where(row: Row, found: Results) -> Markup:
    return title((row.dataset, row.architecture), found)


def sign(status: str) -> Markup:
    """Return the word and the symbol of a status."""
    return element("span", _SIGNS[status], class_=f"status {status}")


def _canaries(canaries: Mapping[str, CanaryRecord] | None) -> Iterator[Markup]:
    yield element("h3", "The canaries")
    if canaries is None:
        yield paragraph("The attacks were not tried on a model of known margins.")
        return
    yield paragraph("The attacks were tried on small models whose margins are known.")
    for called, record in canaries.items():
        broken = "No attack of the suite can work on it."
        if record.broken is not None:
            broken = (
                f"At ε = {record.eps:.3g} the attacks together broke "
                f"{100 * record.broken:.1f} % of the rows that can be broken."
            )
        yield paragraph(f"{_CANARIES.get(called, called)}: {broken}")
        yield _canary_table(called, record)


def _canary_table(called: str, record: CanaryRecord) -> Markup:
    lines: list[list[Content]] = [
        [
            name(attack),
            "n/a" if one.broken is None else f"{100 * one.broken:.1f}",
            "n/a" if one.median_ratio is None else f"{one.median_ratio:.4f}",
            str(one.lost),
            str(one.outside),
        ]
        for attack, one in record.attacks.items()
    ]
    columns: list[Column | str] = ["attack"]
    columns += [
        Column(one)
        for one in ("broken, %", "distance found / exact distance", "lost", "outside the ball")
    ]
    caption = f"The {called} canary, attack by attack"
    return table(f"evidence-canary-{called}", caption, columns, lines)


def _outcomes(found: Results) -> Iterator[Markup]:
    eps = ends(found)[-1]
    totals: dict[tuple[tuple[str, str], str], dict[str, int]] = {}
    for pair, rows in pairs(found.rows).items():
        for row in rows:
            if row.eps == eps:
                for attack, counts in row.outcomes.items():
                    total = totals.setdefault((pair, attack), dict.fromkeys(_OUTCOMES, 0))
                    for one in _OUTCOMES:
                        total[one] += int(counts.get(one, 0))
    outcomes = [one for one in _OUTCOMES if any(total[one] for total in totals.values())]
    if not totals:
        return
    lines = [
        [name(attack), title(pair, found), *(str(total[one]) for one in outcomes)]
        for (pair, attack), total in totals.items()
    ]
    columns: list[Column | str] = ["attack", "data set"]
    columns += [Column(one.replace("_", " ")) for one in outcomes]
    yield element("h3", "What became of the examples")
    over = ", over all strategies and seeds" if found.model is None else ""
    caption = f"Examples at ε = {eps:g}{over}"
    yield table("evidence-outcomes", caption, columns, lines)
