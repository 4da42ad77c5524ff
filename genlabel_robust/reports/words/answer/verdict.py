"""The verdict of a run: the effect of an attacker on the predictions, and what may be claimed.

Page, PDF, Markdown, terminal and notebook begin or end with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from genlabel_robust.reports.words.answer.attacker import attacker
from genlabel_robust.reports.words.answer.comparison import compares, comparison, strategy_words
from genlabel_robust.reports.words.answer.concerns import first_concerns
from genlabel_robust.reports.words.answer.tally import Tally, claimable, tally
from genlabel_robust.reports.words.audited_model import varying
from genlabel_robust.reports.words.relations import listed_relations
from genlabel_robust.reports.words.remarks import failures
from genlabel_robust.runs.results.results import Results
from genlabel_robust.runs.results.row import Row

#: The colour of a verdict: green, amber, red.
Status: TypeAlias = Literal["pass", "warn", "fail"]
#: The fraction of correct predictions broken from which on the verdict is red.
_HALF = 0.5


@dataclass(frozen=True)
class Verdict:
    """The verdict in sentences.

    ``who``: the attacker and its abilities. ``what``: the effect. ``means``: what may be claimed.
    ``doubts``: reasons not to trust the number, to be read first. ``checks``: the result of the
    checks. ``relations``: the relations that the attacker respects, or "".
    """

    status: Status
    who: str
    what: str
    means: str
    doubts: tuple[str, ...]
    checks: str
    relations: str = ""

    @property
    def sentence(self) -> str:
        """The main sentence: the attacker and the effect."""
        return f"{self.who} {self.what}".strip()

    @property
    def lines(self) -> tuple[str, ...]:
        """All lines of the verdict as plain text, doubts first."""
        first = ("Do not rely on this verdict:", *self.doubts) if self.doubts else ()
        last = (self.relations,) if self.relations else ()
        return (*first, f"{self.sentence} {self.means}".strip(), *last)


def verdict(results: Results) -> Verdict:
    """Return the verdict at the largest ε of a run.

    It is about the only model, or compares the strategies if there are several.
    """
    eps = results.threat.eps[-1]
    rows = [row for row in results.rows if row.eps == eps]
    doubts = (*first_concerns(results), *filter(None, [varying(results)]), *failures(results))
    if compares(rows):
        who, what, means = comparison(results, rows)
        status = _color(map(tally, rows))
    elif rows:
        (who, what), means = _sentence(results, rows[0]), _means(rows[0])
        status = _color([tally(rows[0])])
    else:
        who, what, means, status = "", "The run has no results.", "", "warn"
    status = "fail" if doubts else status
    kept = listed_relations(results)
    return Verdict(status, who, what, means, doubts, _checks(results), kept)


def _color(tallies: Iterable[Tally | None]) -> Status:
    """Return "pass" if nothing can be broken, "fail" if every model loses at least half."""
    counts = list(tallies)
    known = [one for one in counts if one is not None and one.right]
    if len(known) < len(counts) or not known:
        return "warn"
    if all(one.exact and not one.broken for one in known):
        return "pass"
    return "fail" if all(one.share >= _HALF for one in known) else "warn"


def _sentence(results: Results, row: Row) -> tuple[str, str]:
    """Return the attacker, and its effect on the predictions of the only model."""
    may, counts = f"an attacker who may {attacker(results, row)}", tally(row)
    of = strategy_words(results, row)
    if counts is None:
        why = row.reason or "no attack ran"
        what = f"It is not known how many right answers{of} {may} turns into wrong ones"
        return "", f"{what}: {why.rstrip('.')}."
    if not counts.right:
        what = f"None of the {counts.answers:,} answers{of} is right to begin with"
        return "", f"{what}: there is nothing that {may} could turn."
    return f"{may[0].upper()}{may[1:]}", f"{_turned(counts, of)}."


def _turned(counts: Tally, of: str) -> str:
    """Return a clause on how many correct predictions are broken, and how exact that is."""
    right, broken, most = f"{counts.right:,}", f"{counts.broken:,}", f"{counts.most:,}"
    all_of, share = f"of the {right} right answers{of}", f"{100 * counts.share:.0f} %"
    if counts.exact and not counts.broken:
        return f"turns none {all_of} into a wrong one; all of them are proved to stay right"
    if counts.exact:
        left = counts.right - counts.broken
        rest = "none is left" if not left else f"the other {left:,} are proved to stay right"
        rest = "the other one is proved to stay right" if left == 1 else rest
        return f"turns exactly {broken} {all_of} into wrong ones ({share}); {rest}"
    if counts.proves and not counts.broken:
        return (
            f"turns at most {most} {all_of} into wrong ones: no attack turned any, and "
            f"{most} {'is' if counts.open == 1 else 'are'} not proved"
        )
    if counts.proves:
        return (
            f"turns between {broken} and {most} {all_of} into wrong ones: {broken} were turned, "
            f"{counts.open:,} {'is' if counts.open == 1 else 'are'} neither turned nor proved"
        )
    if not counts.broken:
        return (
            f"turned none {all_of} into a wrong one so far: nothing is proved, so another attack "
            "may"
        )
    return (
        f"turns at least {broken} {all_of} into wrong ones ({share}): attacks did that, nothing is "
        "proved, so another attack may turn more"
    )


def _means(row: Row) -> str:
    """Return the sentence on which accuracy may be claimed."""
    counts, least = tally(row), claimable(row)
    if counts is None or row.clean_accuracy is None:
        return "No accuracy under attack may be claimed."
    if not counts.right:
        return ""
    before = 100 * row.clean_accuracy.value
    after = 100 * (counts.right - counts.broken) / counts.answers
    if least is None:
        return (
            f"Accuracy falls from {before:.1f} % to {after:.1f} % or less: no accuracy under "
            "attack may be claimed."
        )
    said = f"{100 * least.value:.1f} %"
    falls = f"Accuracy falls from {before:.1f} % to {said}"
    if not counts.exact:
        falls = f"Accuracy falls from {before:.1f} % to between {said} and {after:.1f} %"
    elif not counts.broken:
        falls = f"Accuracy stays at {before:.1f} %"
    return (
        f"{falls}: under this attack you may claim {said} for these rows, and "
        f"{100 * least.low:.1f} % for rows like them (the low end of the 95 % interval)."
    )


def _checks(results: Results) -> str:
    """Return the sentence on the result of the checks."""
    counts = Counter(check.status for row in results.rows for check in row.checks)
    total = sum(counts.values())
    if not total:
        return "There are no checks: nothing says whether these numbers may be believed."
    if counts["fail"]:
        return f"{counts['fail']} of {total} checks failed."
    if counts["warn"]:
        verb = "warns" if counts["warn"] == 1 else "warn"
        return f"{counts['warn']} of {total} checks {verb}, none failed."
    return f"All {total} checks passed."
