"""The bracket of robust accuracy between proofs and attacks; it is exact if both ends meet."""

from collections.abc import Iterator, Sequence

from genlabel_robust.core import plural
from genlabel_robust.reports.page.markup import Content, Markup, joined, name
from genlabel_robust.reports.page.parts import bullets, details, paragraph, table
from genlabel_robust.reports.page.view import Pair, title
from genlabel_robust.reports.tables.table import Cell, Column, accuracy, between
from genlabel_robust.reports.words.audited_model import noun
from genlabel_robust.reports.words.decided import about_proofs, is_exact, outcomes
from genlabel_robust.reports.words.wording import NOT_AVAILABLE
from genlabel_robust.runs.folder.stored_run import StoredRun
from genlabel_robust.runs.results.results import Results
from genlabel_robust.runs.results.row import Row
from genlabel_robust.statistics import Estimate

#: The maximum number of brackets that are not collapsed.
_MANY = 50


def bracket(run: StoredRun) -> Markup:
    """Return both bounds of all models with a lower bound, or a sentence that none has one."""
    found = run.results
    rows = [row for row in found.rows if _low(row)]
    if not rows:
        return joined(
            [
                paragraph(
                    "Nothing is proved in this run: the worst-case accuracy is an upper bound, "
                    "and the "
                    "true robust accuracy lies somewhere between 0 and it. The checks under "
                    "“Evidence "
                    "that the attacks worked” can suggest how close it is, but not prove it."
                ),
                bullets(_reasons(found)),
            ]
        )
    without = len(found.rows) - len(rows)
    return joined(
        [
            paragraph(
                "On these test rows the true robust accuracy lies between two bounds, the bracket: "
                "at least the share that is proved, at most the share that no attack and no proof "
                "broke. Where the two are equal it is exact."
            ),
            details(
                f"Both bounds of {plural(len(rows), 'result')}",
                _table(found, rows),
                open_=len(rows) <= _MANY,
            ),
            bullets(_inside(found)),
            *_rounding(rows),
            *_too_kind(found, rows),
            paragraph(f"Without a proved lower bound: {plural(without, 'result')}.")
            if without
            else None,
            bullets(_reasons(found)) if without else None,
        ]
    )


def _table(found: Results, rows: Sequence[Row]) -> Markup:
    columns: list[Column | str] = [noun(found), "data set", Column("ε")]
    titles = ("at least (proved)", "at most (not broken)", "bracket", "width, points", "open")
    columns += [Column(one) for one in titles]
    lines: list[list[Content | Cell]] = [
        [
            name(row.strategy),
            title((row.dataset, row.architecture), found),
            f"{row.eps:g}",
            accuracy(row.certified_accuracy or row.exact_robust_accuracy),
            accuracy(row.robust_accuracy),
            *_between(row),
            _open(row),
        ]
        for row in rows
    ]
    return table("bracket", "What is proved, and what nothing broke, in percent", columns, lines)


def _low(row: Row) -> Estimate | None:
    return row.exact_robust_accuracy or row.certified_accuracy


def _between(row: Row) -> tuple[Cell, str]:
    low, high = _low(row), row.robust_accuracy
    width = f"{100 * (high.value - low.value) + 0.0:.1f}" if low and high else NOT_AVAILABLE
    return between(low, high), width


def _open(row: Row) -> str:
    counts = outcomes(row)
    return NOT_AVAILABLE if counts is None else str(counts["open"])


def _too_kind(found: Results, rows: Sequence[Row]) -> Iterator[Markup]:
    """Yield how much each attack alone overestimates robust accuracy, for exact rows."""
    known = [row for row in rows if is_exact(row) and row.robust_accuracy]
    gaps = {
        attack: [
            100 * (alone.value - row.exact_robust_accuracy.value)
            for row in known
            if (alone := row.attacks.get(attack)) and row.exact_robust_accuracy
        ]
        for attack in found.attacks
    }
    lines: list[list[Content]] = [
        [name(attack), f"{sum(of) / len(of) + 0.0:.1f}", f"{max(of) + 0.0:.1f}", str(len(of))]
        for attack, of in gaps.items()
        if of
    ]
    if not lines:
        return
    columns: list[Column | str] = ["attack"]
    columns += [Column(one) for one in ("mean, points", "largest, points", "rows")]
    yield paragraph("Where robust accuracy is exact, the attacks can be judged by it.")
    yield table(
        "bracket-attacks",
        "By how much each attack alone overestimates robust accuracy",
        columns,
        lines,
    )


def _inside(found: Results) -> Iterator[Markup]:
    """Yield a sentence on the structure of the models, once for each kind and size."""
    said: dict[tuple[Pair, str], list[str]] = {}
    for row in found.rows:
        words = about_proofs(found, row) if row.certified_accuracy else None
        if words is not None:
            pair = (row.dataset, row.architecture)
            said.setdefault((pair, words), []).append(row.strategy)
    for (pair, words), names in list(said.items())[:_MANY]:
        who = ", ".join(dict.fromkeys(names))
        yield joined([title(pair, found), ", ", name(who), ": ", words, "."])


def _rounding(rows: Sequence[Row]) -> Iterator[Markup]:
    """Yield the rounding error that proofs of nets allow for, and the measured one."""
    abouts = [row.certification for row in rows if row.certification]
    allowed = [a.rounding for a in abouts if a.rounding is not None]
    measured = [a.measured_rounding for a in abouts if a.measured_rounding is not None]
    if not allowed:
        return
    words = (
        "Proofs of nets hold for what the model computes, rounding included: they allow for an "
        f"error of up to {max(allowed):.2g} in the difference of two scores"
    )
    if measured:
        words += f"; the largest error that was measured on the rows is {max(measured):.2g}"
    yield paragraph(f"{words}.")


def _reasons(found: Results) -> Iterator[str]:
    reasons = (row.certification.reason for row in found.rows if row.certification)
    for reason in filter(None, dict.fromkeys(reasons)):
        yield f"Not proved: {reason}."
