"""The evaluated models and data, and the digests that identify them."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from genlabel_robust.reports.page.audited_facts import model_facts
from genlabel_robust.reports.page.markup import Content, Markup, element, joined, name
from genlabel_robust.reports.page.parts import bullets, details, facts, paragraph, table
from genlabel_robust.reports.page.trained_strategies import sources, strategies_table
from genlabel_robust.reports.page.view import datasets, pairs
from genlabel_robust.reports.tables.table import Column
from genlabel_robust.reports.words.audited_model import has_reference
from genlabel_robust.runs.folder.stored_run import Group, StoredRun
from genlabel_robust.runs.plan.origin import Recipes

#: The maximum number of classes whose rows are counted individually.
_COUNTED = 20


def subject(run: StoredRun) -> Markup:
    """Return tables of data sets and strategies, and the digests."""
    results = run.results
    trained = run.origin == Recipes()
    notices = [
        joined([name(dataset), ": ", notice])
        for dataset, about in datasets(results).items()
        for notice in about.notices
    ]
    return joined(
        [
            model_facts(run),
            facts(
                [
                    ("Run finished", _moment(run.manifest["finished"])),
                    ("Suite of attacks", name(results.suite)),
                    *(_training(run) if trained else ()),
                    (
                        "Package",
                        f"genlabel_robust {run.manifest['environment']['genlabel_robust']}",
                    ),
                ]
            ),
            _datasets(run),
            strategies_table(run) if trained else None,
            *([element("h3", "Notices about the data"), bullets(notices)] if notices else []),
            details("Files and fingerprints", _files(run), _fingerprints(run)),
            paragraph(
                "SHA256SUMS in the run folder holds the SHA-256 of every file.", class_="note"
            ),
        ]
    )


def _training(run: StoredRun) -> Iterator[tuple[Content, Content]]:
    seeds = run.manifest["seeds"]
    training = seeds["training"]
    several = f"{training[0]} to {training[-1]}" if len(training) > 1 else f"{training[0]}"
    yield "Architectures", _names(row.architecture for row in run.results.rows)
    yield "Training seeds", f"{len(training)} ({several})"
    yield "Seed of the split", str(seeds["split"])


def _moment(iso: str) -> str:
    return iso.replace("T", " ").replace("+00:00", " UTC")


def _names(values: Any) -> Markup:
    return joined(
        part
        for index, value in enumerate(dict.fromkeys(values))
        for part in (", " if index else None, name(value))
    )


def _datasets(run: StoredRun) -> Markup:
    trained = run.origin == Recipes()
    word = _rows_beside(run)
    columns: list[Column | str] = [
        "data set",
        *([Column(f"{word} rows")] if word else []),
        Column("test rows"),
        Column("columns"),
        *(["scaling"] if trained else []),
        "classes, with their test rows",
    ]
    rows = [
        [
            name(dataset),
            *([str(about.n_train)] if word else []),
            str(about.n_test),
            str(about.columns),
            *([about.scaling] if trained else []),
            _classes(run, dataset),
        ]
        for dataset, about in datasets(run.results).items()
    ]
    return table("subject-data", "Data sets", columns, rows)


def _rows_beside(run: StoredRun) -> str | None:
    """Return the name of the rows besides the test rows, or None if there are none."""
    if run.results.model is None:
        return "training"
    return "reference" if has_reference(run.results) else None


def _classes(run: StoredRun, dataset: str) -> Markup:
    classes = run.results.datasets[dataset].classes
    labels = next((panel.labels for key, panel in run.panels.items() if key[0] == dataset), None)
    if len(classes) > _COUNTED or labels is None:
        return Markup(f"{len(classes)} classes")
    counts = np.bincount(labels, minlength=len(classes))
    return joined(
        part
        for index, one in enumerate(classes)
        for part in (", " if index else None, name(one), f" {counts[index]}")
    )


def _files(run: StoredRun) -> Markup:
    """Return a table of the files behind the report, with their SHA-256."""
    rows: list[list[Content]] = []
    if run.digest is not None:
        rows.append(["results.json", element("code", run.digest)])
    for dataset, architecture in pairs(run.results.rows):
        for group, cells in run.cells.items():
            weights = [run.weights_digest(cell) for cell in cells]
            digests = [digest for digest in weights if digest is not None]
            if group[:2] == (dataset, architecture) and digests:
                rows.append([_models(run, group, len(digests)), element("code", " ".join(digests))])
    return table("subject-files", "Files, by the SHA-256 of their bytes", ["file", "SHA-256"], rows)


def _models(run: StoredRun, group: Group, count: int) -> Markup:
    if run.results.model is not None:
        return joined(["copy of ", name(run.results.model.name), " in models/"])
    each = " (a file for each seed)" if count > 1 else None
    return joined(
        ["weights of ", name(group[2]), " on ", name(group[0]), ", ", name(group[1]), each]
    )


def _fingerprints(run: StoredRun) -> Markup:
    """Return the fingerprints of data and suites: hashes of values, not of files."""
    rows: list[list[Content]] = []
    for dataset, about in datasets(run.results).items():
        rows.append([joined(["all of ", name(dataset)]), element("code", about.content_hash)])
        rows += [
            [joined([part.replace("_", " "), " of ", name(dataset)]), element("code", digest)]
            for part, digest in about.fingerprint.items()
        ]
    suite = run.manifest["identity"]["fingerprints"]["suite"]
    rows.append([joined(["suite ", name(run.results.suite)]), element("code", suite)])
    rows += [
        [joined(["source of ", name(part)]), element("code", digest)]
        for part, digest in sources(run)
    ]
    caption = "Fingerprints, by which runs are compared: SHA-256 of values, not of files"
    return table("subject-fingerprints", caption, ["of", "fingerprint"], rows)
