"""The models and the data that were evaluated, and the digests that name them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from genlabel_robust.evaluation.reading import StoredRun
from genlabel_robust.reports.given import given_facts
from genlabel_robust.reports.markup import Content, Markup, element, joined, name
from genlabel_robust.reports.parts import Column, bullets, details, facts, paragraph, table
from genlabel_robust.reports.view import datasets, pairs, strategies
from genlabel_robust.strategies import STRATEGIES

#: So many classes are counted one by one.
_COUNTED = 20


def subject(run: StoredRun) -> Markup:
    """Return tables of data sets and strategies, and the digests."""
    results = run.results
    trained = "given" not in run.manifest["identity"]
    notices = [
        joined([name(dataset), ": ", notice])
        for dataset, about in datasets(results).items()
        for notice in about["notices"]
    ]
    return joined([
        given_facts(run),
        facts([
            ("Run finished", _moment(run.manifest["finished"])),
            ("Suite of attacks", name(results["suite"])),
            *(_training(run) if trained else ()),
            ("Package", f"genlabel_robust {run.manifest['environment']['genlabel_robust']}"),
        ]),
        _datasets(run),
        _strategies(run) if trained else None,
        *([element("h3", "Notices about the data"), bullets(notices)] if notices else []),
        details("Digests (SHA-256)", _digests(run)),
        paragraph(
            "SHA256SUMS in the run folder holds the digest of every file"
            f"{', the weights among them' if trained else ''}.",
            class_="note",
        ),
    ])  # fmt: skip


def _training(run: StoredRun) -> Iterator[tuple[Content, Content]]:
    seeds = run.manifest["seeds"]
    training = seeds["training"]
    several = f"{training[0]} to {training[-1]}" if len(training) > 1 else f"{training[0]}"
    yield "Architectures", _names(row["architecture"] for row in run.results["rows"])
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
    trained = "given" not in run.manifest["identity"]
    columns: list[Column | str] = [
        "data set",
        Column("training rows" if trained else "reference rows", number=True),
        Column("test rows", number=True), Column("features", number=True),
        *(["scaling"] if trained else []), "classes, with their test rows",
    ]  # fmt: skip
    rows = [
        [
            name(dataset), str(about["n_train"]), str(about["n_test"]),
            str(len(about["features"])), *([about["scaling"]] if trained else []),
            _classes(run, dataset),
        ]
        for dataset, about in datasets(run.results).items()
    ]  # fmt: skip
    return table("subject-data", "Data sets", columns, rows)


def _classes(run: StoredRun, dataset: str) -> Markup:
    classes = run.results["datasets"][dataset]["classes"]
    labels = next((panel.labels for key, panel in run.panels.items() if key[0] == dataset), None)
    if len(classes) > _COUNTED or labels is None:
        return Markup(f"{len(classes)} classes")
    counts = np.bincount(labels, minlength=len(classes))
    return joined(
        part
        for index, one in enumerate(classes)
        for part in (", " if index else None, name(one), f" {counts[index]}")
    )


def _strategies(run: StoredRun) -> Markup:
    rows = [
        [name(one), STRATEGIES.describe(one) if one in STRATEGIES else "", _chosen(run, one)]
        for one in strategies(run.results["rows"])
    ]
    return table("subject-strategies", "Training strategies", ["strategy", "trains on",
                 "learning rate, density, γ over all seeds"], rows)  # fmt: skip


def _chosen(run: StoredRun, strategy: str) -> str:
    used: dict[str, dict[str, None]] = {}
    for row in run.results["rows"]:
        if row["strategy"] == strategy:
            for chosen in row["hyper_parameters"]:
                for key, value in chosen.items():
                    if value is not None:
                        shown = f"{value:g}" if isinstance(value, float) else str(value)
                        used.setdefault(key.replace("_", " "), {})[shown] = None
    return "; ".join(f"{key} {', '.join(sorted(values))}" for key, values in sorted(used.items()))


def _digests(run: StoredRun) -> Markup:
    return table(
        "subject-digests", "What was evaluated, by digest", ["of", "digest"], _digest_rows(run)
    )


def _digest_rows(run: StoredRun) -> Iterator[list[Content]]:
    for dataset, about in datasets(run.results).items():
        yield [joined(["rows of ", name(dataset)]), element("code", about["content_hash"])]
        for part, digest in about["fingerprint"].items():
            yield [joined([name(dataset), f": {part}"]), element("code", digest)]
    suite = run.manifest["identity"]["fingerprints"]["suite"]
    yield [joined(["suite ", name(run.results["suite"])]), element("code", suite)]
    if "given" in run.manifest["identity"]:
        return
    for dataset, architecture in pairs(run.results):
        for group, cells in run.cells.items():
            if group[:2] == (dataset, architecture):
                keys = " ".join(cell.key for cell in cells)
                title = joined([
                    "models of ", name(group[2]), " on ", name(dataset), ", ", name(architecture),
                    " (one for each seed)",
                ])  # fmt: skip
                yield [title, element("code", keys)]
