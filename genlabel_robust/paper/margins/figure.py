"""Margins on the paper's synthetic data sets under mixup and GenLabel, with decision boundaries."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from genlabel_robust.attacks.suite import build_attack
from genlabel_robust.certify.exact import exact_margins
from genlabel_robust.core import FloatArray, integer_seed, one_thread
from genlabel_robust.data import Task
from genlabel_robust.models import Model, TorchModel
from genlabel_robust.paper.margins.drawing import FIGURE, NEAR, Panel, draw, signed
from genlabel_robust.paper.margins.synthetic_sets import (
    SYNTHETIC_SETS,
    SyntheticSet,
    synthetic_task,
    train_synthetic,
)
from genlabel_robust.paper.part import Part
from genlabel_robust.paper.tables.table import markdown_table
from genlabel_robust.reports.tables.table import Column
from genlabel_robust.reports.words.wording import percent
from genlabel_robust.runs.assess.attacking import attack_model
from genlabel_robust.statistics import Estimate, quantile_summary, rate
from genlabel_robust.statistics.paired_median import paired_median
from genlabel_robust.strategies import Mixup
from genlabel_robust.strategies.diagnostics import diagnose
from genlabel_robust.threat import ThreatModel, attack_space

_ATTACKS = (build_attack("boundary-normal", {}),)
#: Distances in raw features; ε is not used by attacks that minimize the distance.
_THREAT = ThreatModel("l2", (1.0,), "raw")


@one_thread()
def run(
    out: Path,
    seed: int = 0,
    on_progress: Callable[[str, int, int], None] | None = None,
    *,
    specs: Sequence[SyntheticSet] = SYNTHETIC_SETS,
    n_seeds: int = 4,
    n_test: int = 100,
) -> dict[str, Any]:
    """Train, attack, compare, and draw ``figures/margin.svg`` and ``.png``.

    Returns ``rows``, one per data set and strategy, as in a run's ``results.json``, and
    ``differences``, one per data set: the median of the paired differences of margins, GenLabel
    minus mixup, or None if a margin is unknown.
    """
    rows: list[dict[str, Any]] = []
    differences: list[dict[str, Any]] = []
    panels = []
    for done, spec in enumerate(specs, start=1):
        task = synthetic_task(spec, n_test, seed)
        pair = train_synthetic(spec, task, n_seeds, seed)
        distances = []
        for strategy, models in zip((Mixup(), spec.genlabel()), pair, strict=True):
            found, kinds = zip(*(margins(model, task, seed) for model in models), strict=True)
            distances.append(np.stack(found))
            inputs = task.scaling.apply(task.x_train)
            seen = diagnose(strategy, inputs, task.y_train, task.n_classes, seed=seed, draws=20)
            row = _row(spec, task, models, distances[-1], kinds[0])
            rows.append(row | {"strategy": strategy.name, "diagnostics": asdict(seen)})
        differences.append(_difference(spec, distances))
        panels.append(Panel(spec, task, pair[0][0], pair[1][0], distances))
        if on_progress is not None:
            on_progress(spec.dataset, done, len(specs))
    draw(out / "figures", panels, seed)
    return {"rows": rows, "differences": differences}


def margins(model: Model, task: Task, seed: int) -> tuple[FloatArray, str]:
    """Return the L2 distance (n,) of each test row to ``model``'s decision boundary, and how.

    Distances are in raw features within the training range: 0 for a misclassified row, inf if no
    adversarial example was found. "exact" for an affine model; otherwise "attack", an upper bound
    from the nearest example that an attack found and that was predicted again.
    """
    space = attack_space(task, _THREAT)
    exact = exact_margins(model, space, task.x_test, task.y_test, _THREAT.norm)
    if exact is not None:
        return exact, "exact"
    attacked = attack_model(
        model,
        space,
        task.x_test,
        task.y_test,
        task.x_train,
        _THREAT,
        _ATTACKS,
        integer_seed(seed, "paper", "margin"),
    )
    return attacked.nearest, "attack"


def _row(
    spec: SyntheticSet, task: Task, models: Sequence[TorchModel], distances: FloatArray, kind: str
) -> dict[str, Any]:
    correct = np.stack([model.predict(task.x_test) == task.y_test for model in models])
    return {
        "dataset": spec.dataset,
        "architecture": f"mlp {'-'.join(map(str, spec.widths))}",
        "slices": list(spec.slices),
        "norm": _THREAT.norm,
        "unit": _THREAT.unit,
        "n_examples": len(task.y_test),
        "n_seeds": len(models),
        "clean_accuracy": rate(correct).as_dict(),
        "margin": {"norm": _THREAT.norm, "kind": kind, **quantile_summary(distances)},
    }


def _difference(spec: SyntheticSet, distances: Sequence[FloatArray]) -> dict[str, Any]:
    mixup, genlabel = distances
    known = bool(np.isfinite(distances).all())
    return {
        "dataset": spec.dataset,
        "strategy": spec.strategy,
        "reference": "mixup",
        "measure": "margin",
        "difference": dict(paired_median(genlabel, mixup)) if known else None,
    }


def markdown(results: Mapping[str, Any]) -> str:
    """Return the section of the report on what ``run`` returned."""
    rows = results["rows"]
    lines = [
        "## Margin: the synthetic sets",
        "",
        f"ReLU nets, {rows[0]['n_seeds']} training seeds, {rows[0]['n_examples']} new test points "
        "each; nets of the same seed differ in their labels only. Margin: L2 distance of the raw "
        "features to the decision boundary, 0 where misclassified; where the model is not affine "
        "an **upper bound**, the nearest adversarial point that was found and predicted again.",
        "",
    ]
    numbers = "accuracy, %", "lower quartile", "median margin", "intrusion rate", "foreign labels"
    lines += markdown_table(("set", "strategy", *map(Column, numbers)), map(_cells, rows))
    lines += [
        "Median of the paired differences of margins, GenLabel less mixup. The interval allows "
        "for other test points and other training seeds; p, of Wilcoxon's signed-rank test, for "
        "other test points under these seeds only.",
        "",
        *markdown_table(
            ("set", Column("difference (95 % interval)"), Column("p"), ""),
            map(_compared, results["differences"]),
        ),
        *_slices_text(rows),
        f"![Mixed points, decision boundaries and margins](figures/{FIGURE}.svg)",
        "",
    ]
    return "\n".join(lines)


def _slices_text(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the lines on how sets in space are drawn, empty if there is no such set."""
    slices = {row["dataset"]: row["slices"] for row in rows if row["slices"]}
    return [
        line
        for dataset, at in slices.items()
        for line in (
            f"{dataset} lies in space. The figure cuts it at x2 = "
            f"{' and '.join(map(signed, at))}, through the centres of its cubes, "
            f"and shows the mixed points within {NEAR:g} of each cut. Its margins, as those of the "
            "others, are L2 distances in all features.",
            "",
        )
    ]


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    seen, between = row["diagnostics"], row["margin"]["median_interval"]
    foreign = seen["foreign_label_rate"]
    return (
        row["dataset"],
        row["strategy"],
        percent(Estimate.from_dict(row["clean_accuracy"], row["n_examples"])),
        _length(row["margin"]["q25"]),
        f"{_length(row['margin']['median'])} ({_span(between)})",
        f"{100 * seen['intrusion_rate']:.1f} %",
        "n/a" if foreign is None else f"{100 * foreign:.1f} %",
    )


def _compared(entry: Mapping[str, Any]) -> tuple[str, ...]:
    found = entry["difference"]
    if found is None:
        return entry["dataset"], "n/a", "n/a", "some points were never broken"
    low, high = found["low"], found["high"]
    larger = "no clear difference"
    if low is not None and low > 0:
        larger = f"larger under {entry['strategy']}"
    elif high is not None and high < 0:
        larger = f"larger under {entry['reference']}"
    value = f"{found['value']:+.3f} ({_span(found, '+')})".replace("-", "−")
    return entry["dataset"], value, f"{found['p_value']:.2g}", larger


def _span(interval: dict[str, Any], sign: str = "") -> str:
    # None means an infinite margin, or for a difference that it has no lower bound
    unknown = "−∞" if sign else "∞"
    low = unknown if interval["low"] is None else _length(interval["low"], sign)
    return f"{low} to {_length(interval['high'], sign)}"


def _length(value: float | None, sign: str = "") -> str:
    return "∞" if value is None else f"{value:{sign}.3f}"


PART = Part(run, markdown, rows_are_results=True)
