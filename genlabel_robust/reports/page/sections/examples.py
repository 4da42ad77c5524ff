"""The examples that the smallest change breaks, before and after the attack."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from genlabel_robust.core import FloatArray, plural
from genlabel_robust.reports.page.markup import Content, Markup, element, joined, name
from genlabel_robust.reports.page.parts import details, paragraph, region
from genlabel_robust.reports.page.view import pairs, title
from genlabel_robust.reports.words.wording import share_words
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.folder.stored_run import Group, StoredRun
from genlabel_robust.runs.results.dataset import Dataset

#: The number of features to show for an example, those that changed most.
_FEATURES = 5
_COLUMNS = ("untouched", "adversarial", "change")
#: The maximum number of examples per model, and the approximate maximum in total.
_EACH, _ALTOGETHER = 3, 200


@dataclass(frozen=True, eq=False)
class Broken:
    """A broken example: its position in the panel, and its distance to the adversarial one."""

    seed: int
    row: int
    attack: str
    distance: float
    adversarial: FloatArray


def examples(run: StoredRun) -> Markup:
    """Return, for each model, the examples with the nearest adversarial examples."""
    each = max(1, min(_EACH, _ALTOGETHER // max(1, len(run.panels))))
    blocks: list[tuple[Content, Markup]] = []
    for index, (dataset, architecture) in enumerate(pairs(run.results.rows)):
        bodies = [
            body
            for group, panel in run.panels.items()
            if group[:2] == (dataset, architecture)
            for broken in nearest(panel, each)
            for body in _example(run, group, panel, broken)
        ]
        heading = title((dataset, architecture), run.results)
        if bodies:
            share = share_words(run.results.threat)
            table = _table(f"examples-{index}", heading, joined(bodies), share)
            blocks.append((heading, table))
        else:
            blocks.append((heading, paragraph("No attack broke an example of these models.")))
    over = " for each strategy, over all seeds" if run.results.model is None else ""
    return joined(
        [
            paragraph(
                "The test rows that the model classifies correctly and that the smallest changes "
                f"break: at most {each}{over}. "
                "The "
                "tables have the features that moved most "
                f"{share_words(run.results.threat)}, at most "
                f"{_FEATURES} for "
                "each row. The model was asked again about every changed row, and misclassified "
                "it. "
                "Rows are counted from 0."
            ),
            joined(details(heading, body, open_=len(blocks) == 1) for heading, body in blocks),
        ]
    )


def nearest(panel: Panel, count: int) -> list[Broken]:
    """Return the ``count`` rows of ``panel`` with the smallest distances; each row once."""
    if panel.not_applicable is not None or not panel.attacks:
        return []
    distances = np.where(panel.clean[:, None, :], panel.distances, np.inf)
    distances = np.where(distances > 0, distances, np.inf)
    best = distances.min(axis=(0, 1))
    found = []
    for row in np.argsort(best, kind="stable")[:count]:
        if not np.isfinite(best[row]):
            break
        seed, attack = np.unravel_index(int(distances[:, :, row].argmin()), distances.shape[:2])
        result = panel.results[int(seed)]
        point = result.adversarial[int(attack), int(row)]
        found.append(
            Broken(int(seed), int(row), panel.attacks[int(attack)], float(best[row]), point)
        )
    return found


def _example(run: StoredRun, group: Group, panel: Panel, broken: Broken) -> Iterator[Markup]:
    about = run.results.datasets[group[0]]
    share = share_words(run.results.threat)
    seed = run.cells[group][broken.seed].seed if group in run.cells else broken.seed
    identifier = int(panel.results[0].ids[broken.row])
    head = joined(
        [
            name(group[2]),
            f", seed {seed}" if run.results.model is None else "",
            f": row {identifier} of the data, class ",
            name(about.classes[int(panel.labels[broken.row])]),
            f"; broken {_at(run, broken.distance)} by ",
            name(broken.attack),
        ]
    )
    yield element(
        "tbody",
        element("tr", element("th", head, colspan=5, scope="rowgroup")),
        *(
            element(
                "tr",
                element("th", feature, scope="row"),
                *(
                    element("td", one, class_="n", data_title=column)
                    for one, column in zip(cells, (*_COLUMNS, share), strict=True)
                ),
            )
            for feature, cells in _moved(run, about, broken)
        ),
    )


def _at(run: StoredRun, distance: float) -> str:
    """Return the text about the distance at which an example is broken."""
    threat = run.results.threat
    if threat.norm != "l0":
        return f"at a distance of {distance:.3g}"
    if threat.constraints.costs:
        return f"at a price of {distance:.3g}"
    return f"in {plural(round(distance), 'feature')}"


def _moved(
    run: StoredRun, about: Dataset, broken: Broken
) -> Iterator[tuple[Content, list[Content]]]:
    features = about.features
    rows = run.inputs(about.content_hash)
    if rows is None or rows.shape[1:] != broken.adversarial.shape or broken.row >= len(rows):
        # older runs store the adversarial examples, but not the original rows
        for feature, value in list(zip(features, broken.adversarial, strict=True))[:_FEATURES]:
            yield name(feature.name), ["not stored", f"{value:.6g}", "", ""]
        return
    original = rows[broken.row]
    moved = (broken.adversarial - original) / about.raw_units(run.results.threat)
    order = [i for i in np.argsort(-np.abs(moved), kind="stable") if moved[i]]
    for i in order[:_FEATURES]:
        before, after = _apart(float(original[i]), float(broken.adversarial[i]))
        yield (
            name(features[i].name),
            [
                before,
                after,
                _signed(float(broken.adversarial[i] - original[i])),
                _signed(float(moved[i])),
            ],
        )
    left = len(order) - _FEATURES
    if left > 0:
        yield f"and {left} more", ["", "", "", ""]


def _table(identifier: str, heading: Markup, bodies: Markup, share: str) -> Markup:
    head = element(
        "thead",
        element(
            "tr",
            element("th", "feature", scope="col"),
            *(element("th", one, scope="col", class_="n") for one in (*_COLUMNS, share)),
        ),
    )
    caption = joined(["The weakest examples of ", heading, ", feature by feature"])
    return region(identifier, caption, head, bodies, cards=True)


def _apart(before: float, after: float) -> tuple[str, str]:
    """Format two numbers with enough digits to distinguish them."""
    for digits in (5, 8, 12, 17):
        words = f"{before:.{digits}g}", f"{after:.{digits}g}"
        if words[0] != words[1]:
            break
    return words


def _signed(value: float) -> str:
    return f"{value:+.3g}".replace("-", "−")
