"""The result of the run in plain words, and what it does not claim."""

from collections.abc import Iterator, Sequence
from math import nan

from genlabel_robust.reports.page.charts_of_run import answers_chart
from genlabel_robust.reports.page.markup import Content, Markup, element, joined, name
from genlabel_robust.reports.page.parts import bullets, details, figure, paragraph, table
from genlabel_robust.reports.page.sections.sweep import curve_figure
from genlabel_robust.reports.page.view import drawn_first, ends, pairs, plain_title, title
from genlabel_robust.reports.tables.results import CLEAN, WORST
from genlabel_robust.reports.tables.table import Cell, Column, accuracy
from genlabel_robust.reports.words.answer.concerns import other_concerns
from genlabel_robust.reports.words.answer.turned import about_turned
from genlabel_robust.reports.words.answer.verdict import Status
from genlabel_robust.reports.words.answer.verdict import verdict as words_of
from genlabel_robust.reports.words.audited_model import about_model, about_model_first
from genlabel_robust.reports.words.decided import all_exact, has_proofs
from genlabel_robust.reports.words.few_features import answers as single
from genlabel_robust.reports.words.subgroups import answers, differing
from genlabel_robust.reports.words.wording import NOT_AVAILABLE
from genlabel_robust.runs.folder.stored_run import StoredRun
from genlabel_robust.runs.results.results import Results
from genlabel_robust.runs.results.row import Row

#: The maximum number of failed checks in the verdict itself.
_MOST = 5
_SIGNS = {"pass": "✓", "warn": "!", "fail": "✗"}

_ROBUST = (
    "A row counts as robust if the model classifies it correctly as it is, and no attack, proof or "
    "change of one feature found a point within ε that the model misclassifies. Robust accuracy is "
    "the share of such rows, "
)
_CLAIMED = (
    "For each row that counts as broken, an adversarial example within ε is stored, and the model "
    "misclassified it when it was asked again.",
    "Intervals have a nominal coverage of 95 %, over test rows",
)
_NOT_CLAIMED = (
    "That no attack can do better. Only exact and proved values, where there are any, exclude "
    "that.",
    "Anything about larger ε, other norms, or an attacker who may change what this threat model "
    "keeps fixed.",
    "Anything about poisoned training data, stolen models, privacy, or data that drift.",
    "That this robustness is enough: what is enough depends on the use, and no threshold is set "
    "here.",
)


def verdict(run: StoredRun) -> Markup:
    """Return the verdict in a sentence, its evidence, and what is not claimed."""
    results = run.results
    over = " and training seeds." if results.model is None else "."
    return joined(
        [
            answer_box(results),
            *_concerns(results),
            *_pictures(run),
            *_turned(results),
            *(_of_several(results) if results.model is None else _of_one(results)),
            *_single_features(results),
            *_groups(results),
            details(
                "What is claimed, and what is not",
                element("h3", "What is claimed"),
                bullets([*_meaning(results), *_CLAIMED[:-1], _CLAIMED[-1] + over]),
                element("h3", "What is not claimed"),
                bullets(_NOT_CLAIMED),
            ),
        ]
    )


def _turned(results: Results) -> Iterator[Markup]:
    """Yield the list of how many predictions are broken, for a run with one model."""
    rows = [row for row in results.rows if row.eps == ends(results)[-1]]
    if len(rows) == 1 and (said := [*about_turned(results, rows[0])]):
        yield bullets(map(_whole, said))


def _pictures(run: StoredRun) -> Iterator[Markup]:
    """Yield the charts of outcomes at the largest ε, and the curves over ε."""
    results = run.results
    if not drawn_first(results):
        return
    for index, (pair, rows) in enumerate(pairs(results.rows).items()):
        last = [row for row in rows if row.eps == ends(results)[-1]]
        drawn = answers_chart(plain_title(pair, results), last)
        parts = [figure(f"verdict-{index}-figure", drawn, f"{drawn.title}.", None)] if drawn else []
        curve = curve_figure(index, pair, rows, run)
        parts += [curve] if curve else []
        yield element("div", *parts, class_="pictures")


def _single_features(results: Results) -> Iterator[Markup]:
    """Yield the sentence on single features at the largest ε, for a run with one model."""
    rows = [row for row in results.rows if row.eps == ends(results)[-1] and single(row)]
    if len(rows) == 1:
        yield paragraph(single(rows[0])[0])


def _groups(results: Results) -> Iterator[Markup]:
    """Yield the list of groups that differ from the rest at the largest ε, for one model."""
    rows = [row for row in results.rows if row.eps == ends(results)[-1] and differing(row)]
    if len(rows) == 1:
        yield bullets(_first(answers(rows[0])))


def _meaning(results: Results) -> Iterator[str]:
    """Yield sentences on whether robust accuracy is exact here, a bracket, or an upper bound."""
    rows = [row for row in results.rows if row.robust_accuracy]
    if all_exact(results):
        yield _ROBUST + "and it is exact: every answer is decided."
        return
    yield _ROBUST + "an upper bound on the true one."
    if has_proofs(rows):
        yield (
            "A row counts as proved if no row that the attacker may present changes its label. The "
            "true robust accuracy lies between the share that is proved and the worst case."
        )


def answer_box(results: Results) -> Markup:
    """Return the box with the verdict, and with the reasons not to trust it if any."""
    answer = words_of(results)
    parts: list[Markup] = []
    if answer.doubts:
        parts.append(element("p", element("strong", "Do not rely on this verdict."), " Why:"))
        parts.append(bullets(_first(list(answer.doubts))))
    who = f"{_whole(answer.who)} " if answer.who else None
    what = element("strong", _whole(answer.what))
    parts.append(element("p", who, what, class_="answer"))
    if answer.means:
        parts.append(element("p", _whole(answer.means)))
    if answer.relations:
        parts.append(element("p", answer.relations))
    parts.append(element("p", answer.checks, class_="note"))
    return _box(answer.status, *parts)


def _whole(words: str) -> str:
    """Keep percent signs in ``words`` on the same line as their numbers."""
    return words.replace(" %", "\u00a0%")


def _concerns(results: Results) -> Iterator[Markup]:
    """Yield a box for each concern about the data."""
    for text in other_concerns(results):
        yield _box("warn", paragraph(element("strong", "Look at the data first"), ". ", text))


def _first(lines: list[str]) -> list[str]:
    left = len(lines) - _MOST
    return lines if left <= 0 else [*lines[:_MOST], f"{left} more."]


def _box(status: Status, *parts: Markup) -> Markup:
    sign = element("span", _SIGNS[status], class_="sign", aria_hidden="true")
    return element("div", sign, element("div", *parts), class_=f"box {status}")


def _of_one(results: Results) -> Iterator[Markup]:
    """Yield the notes on an audited model, with less important ones collapsed."""
    first = list(about_model_first(results))
    if first:
        yield bullets(first)
    if others := [sentence for sentence in about_model(results) if sentence not in first]:
        yield details("How attacks could work on the model", bullets(others))


def _of_several(results: Results) -> Iterator[Markup]:
    """Yield the least and the most robust strategy of each data set, if there are many."""
    if drawn_first(results):
        return
    yield _summary(results)
    yield paragraph(
        "The lowest and the highest are picked after the fact; whether strategies differ is "
        "said under “Strategies compared”.",
        class_="note",
    )


def _summary(results: Results) -> Markup:
    several = len(results.threat.eps) > 1
    rows = []
    for pair, members in pairs(results.rows).items():
        for eps in ends(results):
            known = (row for row in members if row.eps == eps and row.robust_accuracy)
            ranked = sorted(known, key=_worst)
            rows.append(
                [title(pair, results), *([f"{eps:g}"] if several else []), *_between(ranked)]
            )
    columns: list[Column | str] = [
        "data set",
        *([Column("ε")] if several else []),
        "least robust strategy",
        Column(f"{CLEAN}, %"),
        Column(f"{WORST}, %"),
        "most robust strategy",
        Column(f"{CLEAN}, %"),
        Column(f"{WORST}, %"),
    ]
    caption = "The least and the most robust strategy by worst-case accuracy, with 95 % intervals"
    return table("verdict-summary", caption, columns, rows)


def _worst(row: Row) -> float:
    return row.robust_accuracy.value if row.robust_accuracy else nan


def _between(ranked: Sequence[Row]) -> list[Content | Cell]:
    if not ranked:
        return [NOT_AVAILABLE] * 6
    least, most = ranked[0], ranked[-1]
    alike = _worst(most) == _worst(least)
    return [
        name(least.strategy),
        accuracy(least.clean_accuracy),
        accuracy(least.robust_accuracy),
        *(
            ["none is more robust", "", ""]
            if alike
            else [
                name(most.strategy),
                accuracy(most.clean_accuracy),
                accuracy(most.robust_accuracy),
            ]
        ),
    ]
