"""Certificates of ReLU nets: exact where the budget suffices, else open with valid bounds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from genlabel_robust.certify.by_search import Nearest, decide_example
from genlabel_robust.certify.certificate import Certificate, nothing_known
from genlabel_robust.certify.effort import SHORT, Effort
from genlabel_robust.certify.missing import freed_flags
from genlabel_robust.certify.nets.discrete import Choice, chosen_among
from genlabel_robust.certify.nets.first_descents import FirstDescents
from genlabel_robust.certify.nets.row import Row
from genlabel_robust.certify.nets.witness import Hunt
from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.models import Model
from genlabel_robust.structure import ReluNet
from genlabel_robust.threat import AttackSpace, Norm

#: Bound steps and branches per row and ε. "bounds" computes interval and CROWN bounds only.
BUDGETS: Mapping[Effort, int] = {
    "bounds": 0,
    "auto": 500,
    "short": SHORT["work"],
    "exact": 2_000_000,
}


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
    short: bool = False,
) -> Certificate:
    """Decide for the rows ``raw`` (n, d) of labels ``y`` (n,) and each ε whether it can be broken.

    ``work``: bound steps and branches per row and ε, None for those of "exact"; the limit is the
    same on every machine. ``stop``: called between steps; once it returns True, undecided examples
    stay open. ``on_row``: called with the number of rows done and their total. ``names`` (n,):
    name the rows in error messages. ``short``: whether to give up on examples far from a proof.
    Each row is decided independently of the others. ``lower`` is slightly above the largest proved
    ε, so that ``within(lower, ε)`` is false there; +inf where the row's whole box is proved. Raises
    ``AttackError`` if a proof and a witness contradict each other, which would be a defect of this
    package.
    """
    work = BUDGETS["exact"] if work is None else work
    right = model.predict(raw) == y
    found = nothing_known(right, raw.shape[1])
    rounding = np.full(len(raw), np.nan)
    rows = {
        number: _row(structure, model, space, raw[number], int(y[number]), norm, stop, short)
        for number in np.flatnonzero(right).tolist()
    }
    if short and not chosen_among(space, freed_flags(structure, space)).any():
        _descend_as_one(rows)
    for number, row in rows.items():
        name = f"row {number}" if names is None else names[number]
        decide_example(found, number, row, eps, work, name)
        rounding[number] = row.rounding
        on_row(number + 1, len(raw))
    return replace(found, rounding=rounding)


def _row(
    net: ReluNet,
    model: Model,
    space: AttackSpace,
    raw: FloatArray,
    y: int,
    norm: Norm,
    stop: Callable[[], bool],
    short: bool,
) -> Row:
    u = space.enter(raw[None])
    low, high = ((edge - u)[0] for edge in space.box(u))
    whole = np.array([i for i in space.rules.integer if space.mutable[i]], dtype=np.int64)
    hunt = Hunt(net, model, space, raw, y, low, high, norm, whole, Choice(raw, 0.0), Nearest())
    return Row(net, space, raw, y, norm, hunt, freed_flags(net, space), stop, short)


def _descend_as_one(rows: Mapping[int, Row]) -> None:
    """Compute the first descents of ``rows`` together; they must have no choices to enumerate."""
    first = FirstDescents({number: row.hunt for number, row in rows.items()})
    for number, row in rows.items():
        row.descended = partial(first.descend, number)
