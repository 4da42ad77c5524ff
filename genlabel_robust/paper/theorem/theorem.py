"""The robustness theorem: mixup's loss ≥ GenLabel's loss ≥ the adversarial loss.

The theorem is about models that classify the data correctly: for these, GenLabel's loss is the
tighter upper bound on the adversarial loss. The losses are measured for models rotated by φ from
the best one. Source: Sohn et al. 2022 (2201.02354).
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from genlabel_robust.core import BoolArray, ConfigurationError, FloatArray, IntArray
from genlabel_robust.paper.part import Part
from genlabel_robust.paper.tables.table import markdown_table
from genlabel_robust.paper.theorem.drawing import FIGURE, draw
from genlabel_robust.paper.theorem.mixed_losses import MixedPoints, budget, gaussian_classes, mix
from genlabel_robust.paper.theorem.rotated_models import (
    Logistic,
    RotatedModel,
    random_relu_net,
    turned,
)
from genlabel_robust.reports.tables.table import Column

#: Angles φ in units of π rad.
ANGLES = tuple(round(0.05 * i, 2) for i in range(-12, 13))
_POINTS = 50
#: The losses in nats, the L2 budget, and the fraction of points classified correctly.
_MEASURED = ("mixup", "genlabel", "adversarial", "radius", "accuracy")


def run(
    out: Path,
    seed: int = 0,
    on_progress: Callable[[str, int, int], None] | None = None,
    *,
    alpha: float = 1.0,
    sigma: float = 0.3,
    norms: Sequence[float] = (1.0, 2.0, 5.0),
) -> dict[str, Any]:
    """Measure the three losses over φ, and draw ``figures/theorem.svg`` and ``.png``.

    ``alpha``: of λ ~ Beta(alpha, alpha). ``sigma``: of the two Gaussian classes. ``norms``: of
    the weights, or for the ReLU net its mean gradient lengths. Returns a row per model and norm,
    with arrays over ``phi`` (units of π) and the result of ``_summary``. Raises
    ``ConfigurationError`` unless all three settings are above 0.
    """
    check(alpha, sigma, norms)
    x, y = gaussian_classes(_POINTS, sigma, seed)
    mixed = mix(x, y, alpha, sigma)
    models: tuple[RotatedModel, ...] = (Logistic(), random_relu_net(x, seed))
    rows: list[dict[str, Any]] = []
    for number, model in enumerate(models):
        about = {
            "model": model.name,
            "exact": model.exact,
            "alpha": alpha,
            "sigma": sigma,
            "n_examples": len(x),
            "phi": list(ANGLES),
        }
        found = [about | {"norm": norm} | {name: [] for name in _MEASURED} for norm in norms]
        for step, phi in enumerate(ANGLES):
            _measure(model, x, y, mixed, phi, found)
            if on_progress is not None:
                done = number * len(ANGLES) + step + 1
                on_progress(f"{model.name}, φ = {phi:g} π", done, len(models) * len(ANGLES))
        rows += [row | _summary(row) for row in found]
    draw(out / "figures", rows)
    return {"rows": rows}


def check(alpha: float = 1.0, sigma: float = 1.0, norms: Sequence[float] = (1.0,)) -> None:
    """Raise ``ConfigurationError`` unless all settings are finite and above 0."""
    settings = [("alpha", alpha), ("sigma", sigma), *(("norms", n) for n in norms or (0.0,))]
    for name, value in settings:
        if not 0.0 < value < np.inf:
            raise ConfigurationError(f"{name} is {value}; it must be a finite number above 0")


def _measure(
    model: RotatedModel,
    x: FloatArray,
    y: IntArray,
    mixed: MixedPoints,
    phi: float,
    rows: Sequence[dict[str, Any]],
) -> None:
    """Append the measurements of ``model`` rotated by ``phi`` to each of ``rows``, one per norm."""
    here, sign = turned(x, phi), 2 * y - 1
    logit, accuracy = model.logit(turned(mixed.x, phi)), (sign * model.logit(here) > 0).mean()
    radius = budget(here, model.gradient(here), rows[0]["alpha"])
    worst = model.least(here, sign, radius)
    for row in rows:
        adversarial = np.logaddexp(0.0, -row["norm"] * worst).mean()
        values = (*mixed.losses(row["norm"] * logit), adversarial, radius, accuracy)
        for name, value in zip(_MEASURED, values, strict=True):
            row[name].append(float(value))


def _summary(row: dict[str, Any]) -> dict[str, float | None]:
    """Return up to which |φ| (units of π) the order holds, and all points are correct.

    ``holds_to``, ``correct_to``: the largest angle without a failure up to it, or None.
    ``fails_from``: the smallest angle at which the order fails, or None.
    """
    angle = np.abs(row["phi"])
    mixup, genlabel, adversarial = (np.array(row[k]) for k in ("mixup", "genlabel", "adversarial"))
    fails = (mixup < genlabel) | (genlabel < adversarial)
    wrong = np.array(row["accuracy"]) < 1.0
    return {
        "holds_to": _largest(angle, fails),
        "fails_from": float(angle[fails].min()) if fails.any() else None,
        "correct_to": _largest(angle, wrong),
    }


def _largest(angle: FloatArray, bad: BoolArray) -> float | None:
    good = angle[angle < angle[bad].min(initial=np.inf)]
    return float(good.max()) if len(good) else None


def markdown(results: Mapping[str, Any]) -> str:
    """Return the section of the report on what ``run`` returned."""
    rows = results["rows"]
    first = rows[0]
    lines = [
        "## Theorem: mixup ≥ GenLabel ≥ adversarial",
        "",
        f"Two Gaussian classes, means (±1, 0), σ = {first['sigma']:g}, {first['n_examples']} "
        f"points, α = {first['alpha']:g}; a model turned by φ. The theorem is about models that "
        "classify the data correctly: beyond that angle the order must not be expected.",
        "",
    ]
    numbers = "norm", "all points correct for |φ| up to", "order holds up to", "fails from"
    lines += markdown_table(
        ("model", *map(Column, numbers), "adversarial loss"),
        [
            (
                row["model"],
                f"{row['norm']:g}",
                *(_angle(row[key]) for key in ("correct_to", "holds_to", "fails_from")),
                "exact" if row["exact"] else "lower bound (search)",
            )
            for row in rows
        ],
    )
    lines += [
        _verdict(rows),
        "",
        f"![The three losses against the angle](figures/{FIGURE}.svg)",
        "",
    ]
    return "\n".join(lines)


def _verdict(rows: Sequence[dict[str, Any]]) -> str:
    broken = [
        f"{row['model']}, norm {row['norm']:g}"
        for row in rows
        if None not in (row["fails_from"], row["correct_to"])
        and row["fails_from"] <= row["correct_to"]
    ]
    if broken:
        return f"**The order fails where the premise holds**: {'; '.join(broken)}."
    return (
        "**The order holds at every angle up to which the model classifies all points "
        "correctly.** Where the adversarial loss is a lower bound, that could have refuted the "
        "second inequality; it does not prove it."
    )


def _angle(phi: float | None) -> str:
    return "never" if phi is None else f"{phi:g} π"


PART = Part(run, markdown, rows_are_results=False, check=check)
