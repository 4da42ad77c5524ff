"""``report.md``: the report as Markdown, for a repository or a pull request."""

from collections.abc import Iterator, Mapping
from typing import Any

from genlabel_robust.core import plural
from genlabel_robust.reports.tables.differences import (
    MARKED,
    differences_table,
    pairs_of,
    pairs_table,
    pairs_title,
    to_the_first,
)
from genlabel_robust.reports.tables.features import features_table
from genlabel_robust.reports.tables.mixing import EXPLANATION, left_out, mixing_table
from genlabel_robust.reports.tables.results import results_table
from genlabel_robust.reports.tables.subgroups import subgroups_table
from genlabel_robust.reports.text.markdown_few_features import few_features_lines
from genlabel_robust.reports.text.markdown_tables import answer_lines, plain, table_lines
from genlabel_robust.reports.words.answer.concerns import other_concerns
from genlabel_robust.reports.words.answer.turned import about_turned
from genlabel_robust.reports.words.answer.verdict import verdict
from genlabel_robust.reports.words.audited_model import (
    about_model,
    has_reference,
    named_results,
    range_rows,
)
from genlabel_robust.reports.words.decided import about_proofs, explanation
from genlabel_robust.reports.words.groups import grouped
from genlabel_robust.reports.words.relations import about_relations, related
from genlabel_robust.reports.words.remarks import remarks
from genlabel_robust.reports.words.subgroups import EXPLANATION as EXPLANATION_OF_GROUPS
from genlabel_robust.reports.words.subgroups import distinct
from genlabel_robust.reports.words.wording import threat_sentence
from genlabel_robust.runs.results.dataset import Dataset
from genlabel_robust.runs.results.results import Results
from genlabel_robust.runs.results.row import Row

#: The maximum number of features with integer steps to list for a data set.
_MOST_FEATURES = 100


def markdown_report(
    document: Mapping[str, Any],
    figures: tuple[str, ...] = (),
    *,
    title: str | None = None,
    purpose: str | None = None,
) -> str:
    """Render the report; ``figures``: paths of the figures, relative to the report.

    ``title``, ``purpose``: the user's, or None.
    """
    results = named_results(Results(document))
    lines = [
        f"# {'Robustness report' if title is None else plain(title)}",
        "",
        *([] if purpose is None else [plain(purpose), ""]),
        *_verdict(results),
        f"Suite {results.suite}. {explanation(results)}",
        "",
        *(f"{plain(concern)}\n" for concern in other_concerns(results)),
    ]
    for (dataset, architecture, eps), rows in grouped(results):
        lines += [
            f"## {plain(dataset)}, {plain(architecture)}, "
            f"{threat_sentence(results.threat, eps, range_rows(results))}",
            "",
        ]
        about = results.datasets[dataset]
        lines += [
            f"{_rows(results, about, rows[0])}. Accuracies in percent.",
            "",
            *table_lines(results_table(results, rows)),
            *_proofs(results, rows),
            *_turned(results, rows),
            *_differences(results, dataset, architecture, eps),
            *few_features_lines(rows),
            *_subgroups(rows),
        ]
    lines += [f"![{_alt(path)}]({path})\n" for path in figures]
    lines += _relations(results)
    lines += _steps(results)
    lines += _mixing(results)
    notices = [
        f"- {plain(name)}: {plain(notice)}"
        for name, about in results.datasets.items()
        for notice in about.notices
    ]
    for title, entries in (
        ("About the model", [f"- {plain(sentence)}" for sentence in about_model(results)]),
        ("About the data", notices),
        (
            "Warnings of checks, and what was left out",
            [f"- {plain(r)}" for r in remarks(results)],
        ),
    ):
        if entries:
            lines += [f"## {title}", "", *entries, ""]
    return "\n".join(lines)


def _verdict(results: Results) -> Iterator[str]:
    """Yield the verdict, after the reasons not to trust it."""
    answer = verdict(results)
    if answer.doubts:
        yield "## Do not rely on these numbers"
        yield ""
        yield from (f"- {plain(doubt)}" for doubt in answer.doubts)
        yield ""
    yield f"**{plain(answer.sentence)}** {plain(answer.means)}".rstrip()
    yield ""
    if answer.relations:
        yield plain(answer.relations)
        yield ""
    yield answer.checks
    yield ""


def _relations(results: Results) -> list[str]:
    """Return the lines on relations between features; empty without relations."""
    if not related(results):
        return []
    listed = [f"- {plain(relation)}" for relation in related(results)]
    return ["## Relations between features", "", *listed, "", about_relations(results), ""]


def _steps(results: Results) -> list[str]:
    """Return the lines on how far the attacker can change features with integer steps."""
    lines = []
    for dataset, about in results.datasets.items():
        stepped = [feature for feature in about.features if feature.moves is not None]
        if not stepped:
            continue
        lines += [f"## Whole numbers and categories of {plain(dataset)}", ""]
        lines += table_lines(features_table(stepped[:_MOST_FEATURES], results.threat))
        left = len(stepped) - _MOST_FEATURES
        lines += [f"{left} more features are in results.json.", ""] if left > 0 else []
    return lines


def _mixing(results: Results) -> list[str]:
    """Return the lines on the effect of mixing; empty if no strategy of the run mixes."""
    table = mixing_table(results)
    if not table.rows:
        return []
    others = left_out(results)
    lines = [] if others is None else [plain(others), ""]
    return ["## What mixing does to the data", "", EXPLANATION, "", *table_lines(table), *lines]


def _rows(results: Results, about: Dataset, row: Row) -> str:
    tested = plural(about.n_test, "test row")
    if results.model is None:
        seeds = plural(row.n_seeds, "training seed")
        return f"{plural(about.n_train, 'training row')}, {tested}, {seeds}"
    if not has_reference(results):
        return tested
    return f"{plural(about.n_train, 'reference row')}, {tested}"


def _proofs(results: Results, rows: list[Row]) -> Iterator[str]:
    """Yield the sentences on the models' structures and proofs, each once."""
    said: dict[str, list[str]] = {}
    for row in rows:
        words = about_proofs(results, row)
        if words is not None:
            said.setdefault(words, []).append(row.strategy)
    for words, names in said.items():
        who = "" if len(said) == 1 else f"{plain(', '.join(names))}: "
        yield f"- {who}{plain(words)}"
    if said:
        yield ""


def _turned(results: Results, rows: list[Row]) -> Iterator[str]:
    """Yield the lines on broken predictions, in total and by class, for a single model."""
    said = [*about_turned(results, rows[0])] if len(rows) == 1 else []
    yield from (f"- {plain(sentence)}" for sentence in said)
    if said:
        yield ""


def _differences(results: Results, dataset: str, architecture: str, eps: float) -> Iterator[str]:
    """Yield the paired differences to the first strategy, and collapsed those of all pairs."""
    found = pairs_of(results, dataset, architecture)
    pairs = {names: {at: of[at] for at in of if at in (None, eps)} for names, of in found.items()}
    if not pairs:
        return
    _, first = next(iter(pairs))
    yield f"Paired differences to {plain(first)}, in percentage points ({MARKED}):"
    yield ""
    yield from table_lines(differences_table(to_the_first(pairs, first), [eps]))
    if len(pairs) > 1:
        yield f"<details><summary>{pairs_title(pairs, [eps])}</summary>"
        yield ""
        yield from table_lines(pairs_table(pairs, [eps]))
        yield "</details>"
        yield ""


def _subgroups(rows: list[Row]) -> Iterator[str]:
    """Yield the sentences and the table on groups of test rows; nothing without groups."""
    chosen = [*distinct(rows)]
    if not chosen:
        return
    yield from answer_lines("Groups of test rows:", chosen)
    yield from table_lines(subgroups_table([row for row, _ in chosen]))
    yield EXPLANATION_OF_GROUPS
    yield ""


def _alt(path: str) -> str:
    name = path.rsplit("/", 1)[-1].removesuffix(".svg").replace("-", " ")
    return name[:1].upper() + name[1:]
