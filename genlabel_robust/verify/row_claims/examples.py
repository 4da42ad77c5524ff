"""Checks of every stored adversarial example: prediction, distance, constraints and outcome."""

from collections.abc import Iterator

import numpy as np

from genlabel_robust.attacks.attack import Attack, Outcome
from genlabel_robust.attacks.choice import chosen
from genlabel_robust.certify.exact import refuse_impossible
from genlabel_robust.core import AttackError, BoolArray, FloatArray
from genlabel_robust.data import Task
from genlabel_robust.models import Model
from genlabel_robust.runs.cells.cell import Cell, CellResult
from genlabel_robust.structure import NoStructure, Structure
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.threat import AttackSpace, within
from genlabel_robust.threat.violations import violations
from genlabel_robust.verify.finding import Finding, rows_named
from genlabel_robust.verify.row_claims.predictions import clean_rows, mislabelled

#: The relative difference up to which two distances count as equal.
_SAME = 1e-6


def check_examples(
    cell: Cell,
    result: CellResult,
    task: Task,
    model: Model,
    space: AttackSpace,
    structure: Structure | NoStructure | None,
    exact: FloatArray | None,
    *,
    draws: bool = False,
) -> Iterator[Finding]:
    """Check the outcomes, distances and adversarial examples of each attack of a cell.

    ``structure``: the structure of ``model``, None to read it here. ``exact`` (n,): the margins
    of an affine model, see ``exact_margins``. ``draws``: whether predictions vary, by chance or
    with the batch, so that examples are not predicted again.
    """
    clean = result.predictions == task.y_test if draws else clean_rows(result, task, model)
    target = AttackTarget(model, space, task.x_test, task.y_test, task.x_train)
    kept = tuple(a.name for a in cell.attacks if not chosen(a, cell.when, target))
    if kept != result.not_chosen:
        yield Finding(
            cell.label,
            f"the attacks that the suite keeps for other models are stored as "
            f"{', '.join(result.not_chosen) or 'none'}, and are {', '.join(kept) or 'none'}",
        )
    for index, attack in enumerate(cell.attacks):
        yield from _check_outcomes(cell, attack, index, result, task, clean, target, draws)
        yield from _check_points(cell, attack, index, result, task, target, draws)
    distances = np.where(np.isnan(result.distances), np.inf, result.distances)
    try:
        refuse_impossible(
            model,
            space,
            task.x_test,
            task.y_test,
            cell.threat.norm,
            exact,
            result.attacks,
            distances,
            structure,
        )
    except AttackError as error:
        yield Finding(cell.label, str(error))


def _check_outcomes(
    cell: Cell,
    attack: Attack,
    index: int,
    result: CellResult,
    task: Task,
    clean: BoolArray,
    target: AttackTarget,
    draws: bool,
) -> Iterator[Finding]:
    """Compare each stored outcome with its prediction, distance and example."""
    outcomes, distances = result.outcomes[index], result.distances[index]
    stored = np.isfinite(result.adversarial[index])
    whole, none = stored.all(axis=1), np.isnan(result.adversarial[index]).all(axis=1)
    broken = outcomes == Outcome.BROKEN
    at_smallest = within(result.distances, cell.threat.eps[0])
    # an attack may skip only the rows that another attack broke
    others = np.delete(at_smallest, index, axis=0).any(axis=0)
    wrong_kinds: list[tuple[str, BoolArray]] = [
        (
            "is misclassified as it stands, and not stored so",
            ~clean & ((outcomes != Outcome.MISCLASSIFIED) | (distances != 0) | ~none),
        ),
        ("is stored as misclassified, and is not", clean & (outcomes == Outcome.MISCLASSIFIED)),
        ("is stored as broken, without an example", broken & clean & ~whole),
        (
            "is stored as broken, without a distance",
            # a prediction that varies can break a row at distance 0
            broken & clean & ~(np.isfinite(distances) & ((distances > 0) | draws)),
        ),
        ("is not stored as broken, but with an example", clean & ~broken & ~none),
        ("is not stored as broken, but with a distance", clean & ~broken & ~np.isposinf(distances)),
        ("has an outcome that there is none of", ~np.isin(outcomes, [int(o) for o in Outcome])),
        (
            "was left out, and no other attack broke it",
            (outcomes == Outcome.SKIPPED) & ~(others if cell.early_stop else np.zeros_like(clean)),
        ),
        (
            "was out of time, and there was no limit",
            (outcomes == Outcome.OUT_OF_TIME) & (cell.max_seconds is None),
        ),
    ]
    applicable = chosen(attack, cell.when, target) and target.offers(attack.needs)
    unable = outcomes == Outcome.NOT_APPLICABLE
    wrong_kinds.append(
        ("is stored as not applicable, and the attack can work on this model", unable & applicable)
    )
    wrong_kinds.append(
        (
            "is stored as attacked, and the attack cannot work on this model",
            clean & ~unable & (not applicable),
        )
    )
    for what, bad in wrong_kinds:
        if bad.any():
            yield Finding(
                cell.label, f"{rows_named(bad, task.test_ids)} under {attack.name} {what}"
            )


def _check_points(
    cell: Cell,
    attack: Attack,
    index: int,
    result: CellResult,
    task: Task,
    target: AttackTarget,
    draws: bool,
) -> Iterator[Finding]:
    """Check prediction, distance and constraints of each stored example from its raw features."""
    space, norm = target.space, cell.threat.norm
    rows = np.flatnonzero(np.isfinite(result.adversarial[index]).all(axis=1))
    if not len(rows):
        return
    raw, moved = task.x_test[rows], result.adversarial[index, rows]
    stated = result.distances[index, rows]
    far = space.distance(raw, moved, norm)

    def named(bad: BoolArray, what: str, details: str = "") -> Iterator[Finding]:
        if bad.any():
            yield Finding(
                cell.label,
                f"{rows_named(bad, task.test_ids[rows])} under {attack.name}: the stored "
                f"adversarial example {what}{details}",
            )

    off = ~(np.abs(far - stated) <= _SAME * far)
    first = int(off.argmax())
    yield from named(
        off,
        "does not lie at the distance stated",
        f" ({stated[first]:.9g}, and {far[first]:.9g} when measured again)",
    )
    if not draws:
        bad = ~mislabelled(target.model, moved, task.y_test[rows])
        yield from named(bad, "is not mislabelled")
    yield from named(
        violations(space, raw, moved), "leaves the box, or breaks a constraint on a feature"
    )
    if attack.kind == "fixed":
        largest = cell.threat.eps[-1]
        outside = ~within(far, largest)
        first = int(outside.argmax())
        yield from named(
            outside, f"lies outside the ball of ε = {largest:g}", f" (at {far[first]:.9g})"
        )
