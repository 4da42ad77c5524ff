"""``report.md``: the run's tables for a repository or a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from genlabel_robust.core.wording import plural
from genlabel_robust.reports.text.terminal import failures, grouped, remarks
from genlabel_robust.reports.words.audited_model import (
    about_model,
    has_reference,
    named_results,
    noun,
    range_rows,
    varying,
)
from genlabel_robust.reports.words.concerns import told_beside, told_first
from genlabel_robust.reports.words.decided import (
    PROVED,
    about_proofs,
    explanation,
    has_proofs,
    needs_exact,
)
from genlabel_robust.reports.words.mixing import mixing_section
from genlabel_robust.reports.words.steps import budget, may_change
from genlabel_robust.reports.words.wording import (
    median_margin,
    points,
    threat_sentence,
    with_interval,
)

#: So many features of a data set that move by whole steps are listed.
_MOST_FEATURES = 100
#: Control characters, and those that turn the direction of what follows.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def markdown_report(results: Mapping[str, Any], figures: tuple[str, ...] = ()) -> str:
    """Return the report; ``figures``: paths of pictures, relative to it."""
    results = named_results(results)
    told = varying(results)
    lines = [
        "# Robustness report",
        "",
        *([] if told is None else [f"**{plain(told)}**", ""]),
        f"Suite {results['suite']}. {explanation(results)}",
        "",
        *_failures(results),
        *(f"**{plain(concern)}**\n" for concern in told_first(results)),
        *(f"{plain(concern)}\n" for concern in told_beside(results)),
    ]
    for (dataset, architecture, eps), rows in grouped(results):
        lines += [
            f"## {plain(dataset)}, {plain(architecture)}, "
            f"{threat_sentence(results['threat'], eps, range_rows(results))}",
            "",
        ]
        about = results["datasets"][dataset]
        lines += [
            f"{_rows(results, about, rows[0])}. Accuracies in percent.",
            "",
            *_table(rows, results["attacks"], noun(results)),
            "",
            *_proofs(results, rows),
            *_differences(results, dataset, architecture, eps),
        ]
    lines += [f"![{_alt(path)}]({path})\n" for path in figures]
    lines += _steps(results)
    lines += mixing_section(results["datasets"])
    notices = [
        f"- {plain(name)}: {plain(notice)}"
        for name, about in results["datasets"].items()
        for notice in about["notices"]
    ]
    for title, entries in (
        ("About the model", [f"- {plain(told)}" for told in about_model(results)]),
        ("About the data", notices),
        (
            "Warnings of checks, and what was left out",
            [f"- {plain(r)}" for r in remarks(results)],
        ),
    ):
        if entries:
            lines += [f"## {title}", "", *entries, ""]
    return "\n".join(lines)


def _failures(results: Mapping[str, Any]) -> list[str]:
    lines = [f"- {plain(line)}" for line in failures(results)]
    return ["## Do not rely on these numbers", "", *lines, ""] if lines else []


def _steps(results: Mapping[str, Any]) -> list[str]:
    """Return by how much the attacker can change what moves by whole steps."""
    lines = []
    eps = [f"ε = {e:g}" for e in results["threat"]["eps"]]
    limits = results["threat"].get("constraints", {})
    for dataset, about in results["datasets"].items():
        stepped = [f for f in about.get("features", ()) if "moves" in f]
        if not stepped:
            continue
        lines += [f"## Whole numbers and categories of {plain(dataset)}", ""]
        lines += ["| feature | may be changed | " + " | ".join(eps) + " |"]
        lines += ["| :--- | :--- |" + " ---: |" * len(eps)]
        lines += [
            f"| {plain(feature['name'])} | {may_change(feature, limits)} | "
            + " | ".join(budget(feature, i) for i in range(len(eps)))
            + " |"
            for feature in stepped[:_MOST_FEATURES]
        ]
        left = len(stepped) - _MOST_FEATURES
        lines += ["", f"{left} more features are in results.json."] if left > 0 else []
        lines += [""]
    return lines


def _rows(results: Mapping[str, Any], about: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    tested = plural(about["n_test"], "test row")
    if "model" not in results:
        seeds = plural(row["n_seeds"], "training seed")
        return f"{plural(about['n_train'], 'training row')}, {tested}, {seeds}"
    if not has_reference(results):
        return tested
    return f"{plural(about['n_train'], 'reference row')}, {tested}"


def _table(rows: list[Mapping[str, Any]], attacks: list[str], word: str) -> Iterator[str]:
    proofs, exact = has_proofs(rows), needs_exact(rows)
    columns = [word, "clean", *attacks, "worst case"]
    columns += [PROVED] if proofs else []
    columns += ["exact"] if exact else []
    columns += ["median margin"]
    yield f"| {' | '.join(columns)} |"
    yield f"| --- |{' ---: |' * (len(columns) - 1)}"
    for row in rows:
        estimates = [row["clean_accuracy"], *(row["attacks"][name] for name in attacks)]
        estimates.append(row["robust_accuracy"])
        estimates += [row["certified_accuracy"]] if proofs else []
        estimates += [row["exact_robust_accuracy"]] if exact else []
        value, between = median_margin(row["margin"])
        margin = f"{value} ({between})" if between else value
        yield f"| {' | '.join([plain(row['strategy']), *map(with_interval, estimates), margin])} |"


def _proofs(results: Mapping[str, Any], rows: list[Mapping[str, Any]]) -> Iterator[str]:
    """Yield what is known of the inside of the models, and what that decides; once where alike."""
    said: dict[str, list[str]] = {}
    for row in rows:
        words = about_proofs(results, row)
        if words is not None:
            said.setdefault(words, []).append(row["strategy"])
    for words, names in said.items():
        who = "" if len(said) == 1 else f"{plain(', '.join(names))}: "
        yield f"- {who}{plain(words)}"
    if said:
        yield ""


def _differences(
    results: Mapping[str, Any], dataset: str, architecture: str, eps: float
) -> Iterator[str]:
    """Yield the paired differences against the run's first strategy."""
    chosen = [
        d
        for d in results["differences"]
        if (d["dataset"], d["architecture"]) == (dataset, architecture) and d["eps"] in (None, eps)
    ]
    if not chosen:
        return
    reference = chosen[0]["reference"]
    table: dict[str, dict[str, str]] = {}
    for d in chosen:
        if d["reference"] == reference:
            table.setdefault(d["strategy"], {})[d["measure"]] = points(d["difference"])
    yield f"Paired differences to {reference}, in percentage points:"
    yield ""
    yield "| strategy | clean | worst case |"
    yield "| --- | ---: | ---: |"
    for strategy, values in table.items():
        clean, robust = (values.get(f"{m}_accuracy", "n/a") for m in ("clean", "robust"))
        yield f"| {plain(strategy)} | {clean} | {robust} |"
    yield ""


def plain(text: str) -> str:
    """Return ``text`` without what Markdown would make elements, links or columns of."""
    shown = " ".join(_UNSEEN.sub(" ", text).split())
    return re.sub(r"<(?=[A-Za-z/!?])|[|\[\]`]", r"\\\g<0>", shown)


def _alt(path: str) -> str:
    name = path.rsplit("/", 1)[-1].removesuffix(".svg").replace("-", " ")
    return name[:1].upper() + name[1:]
