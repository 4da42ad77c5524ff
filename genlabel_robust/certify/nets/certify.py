"""Certify nets of ReLUs: exact where the budget suffices, else an honest bracket."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from genlabel_robust.certify.certificate import Certificate
from genlabel_robust.certify.effort import Effort
from genlabel_robust.certify.missing import freed_flags
from genlabel_robust.certify.nets.discrete import Choice
from genlabel_robust.certify.nets.row import Row
from genlabel_robust.certify.nets.witness import Hunt, Nearest
from genlabel_robust.core import AttackError, FloatArray, IntArray
from genlabel_robust.models import Model
from genlabel_robust.structure import ReluNet
from genlabel_robust.threat import TOLERANCE, AttackSpace, Norm, within

#: Bound steps and branches a row and ε: "bounds" is interval bounds and CROWN only.
BUDGETS: Mapping[Effort, int] = {"bounds": 0, "auto": 500, "exact": 2_000_000}


def certify_net(
    structure: ReluNet,
    model: Model,
    space: AttackSpace,
    raw: FloatArray,
    y: IntArray,
    norm: Norm,
    eps: tuple[float, ...],
    work: int | None = None,
    *,
    stop: Callable[[], bool] = lambda: False,
    on_row: Callable[[int, int], None] = lambda done, total: None,
    names: Sequence[str] | None = None,
) -> Certificate:
    """Decide for the rows ``raw`` (n, d) of labels ``y`` (n,) and each ε whether it can be broken.

    ``work``: bound steps and branches a row and ε, None for those of "exact"; the same on every
    machine. ``stop``: asked between steps; once it says yes, what is not decided stays open.
    ``on_row``: told how many rows are done. ``names`` (n,): what an error calls
    them. Each row is decided by itself. ``lower`` is a little
    above the largest ε that is proved, so that ``within(lower, ε)`` is false there; +inf where
    all of the row's box is. Raises ``AttackError`` if a proof and a witness contradict each
    other, which is a bug of ours.
    """
    work = BUDGETS["exact"] if work is None else work
    n, d = raw.shape
    lower, upper = np.zeros(n), np.full(n, np.inf)
    witness, used = np.full((n, d), np.nan), np.zeros(n, dtype=np.int64)
    rounding = np.full(n, np.nan)
    right = model.predict(raw) == y
    upper[~right] = 0.0
    for number in np.flatnonzero(right):
        row = _row(structure, model, space, raw[number], int(y[number]), norm, stop)
        lower[number] = _decided(row, tuple(sorted(eps)), work)
        if np.isfinite(row.nearest.distance):
            upper[number], witness[number] = row.nearest.distance, row.nearest.row
        used[number], rounding[number] = row.used, row.rounding
        if upper[number] < lower[number]:
            name = f"row {number}" if names is None else names[int(number)]
            raise AttackError(
                f"{name} is proved to be robust up to {lower[number]:.6g}, and the model "
                f"mislabels a point at {upper[number]:.6g}; the certificate cannot be used"
            )
        on_row(int(number) + 1, n)
    return Certificate(lower, upper, witness, used, rounding)


def _row(
    net: ReluNet,
    model: Model,
    space: AttackSpace,
    raw: FloatArray,
    y: int,
    norm: Norm,
    stop: Callable[[], bool],
) -> Row:
    u = space.enter(raw[None])
    low, high = ((edge - u)[0] for edge in space.box(u))
    whole = np.array([i for i in space.rules.integer if space.mutable[i]], dtype=np.int64)
    nearest = Nearest(np.inf, np.zeros(0))
    hunt = Hunt(net, model, space, raw, y, low, high, norm, whole, Choice(raw, 0.0), nearest)
    return Row(net, space, raw, y, norm, hunt, freed_flags(net, space), stop)


def _decided(row: Row, eps: tuple[float, ...], work: int) -> float:
    """Return up to which distance the row is proved, for ascending ``eps``."""
    proved = 0.0
    for budget in eps:
        if within(np.array(row.nearest.distance), budget):
            break
        outcome = row.decide(budget, work)
        if outcome == "proved":
            if row.whole_box(budget):
                return np.inf
            proved = budget * (1 + 2 * TOLERANCE)
    return proved
