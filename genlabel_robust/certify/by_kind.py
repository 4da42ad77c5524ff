"""The certifier of each kind of structure, with the work that each effort allows a row."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from genlabel_robust.certify.certificate import Certificate, nothing_known
from genlabel_robust.certify.certify_affine import certify_affine
from genlabel_robust.certify.effort import Effort
from genlabel_robust.certify.nets.certify import BUDGETS, certify_net
from genlabel_robust.certify.trees import certify_trees
from genlabel_robust.core.arrays import FloatArray, IntArray
from genlabel_robust.core.space import AttackSpace
from genlabel_robust.core.threat import Norm
from genlabel_robust.models.model import Model
from genlabel_robust.structure.affine import Affine
from genlabel_robust.structure.relu_net import ReluNet
from genlabel_robust.structure.trees import TreeEnsemble

#: Nodes of the search and questions to the model that a row of trees may take.
_TREES: dict[Effort, int] = {"bounds": 1, "auto": 20_000, "exact": 1_000_000}
#: What its distance may take beyond that: in large forests it costs far more than decisions.
_DISTANCES: dict[Effort, int] = {"auto": 100}
#: Sums of whole steps and switches that a row of an affine model may take, where not as usual.
_SUMS: dict[Effort, int] = {"bounds": 1, "exact": 3_000_000}
#: Rows of an affine model that are decided before it is looked at the clock.
_ROWS = 64


def trees(
    structure: TreeEnsemble,
    model: Model,
    space: AttackSpace,
    raw: FloatArray,
    y: IntArray,
    norm: Norm,
    eps: tuple[float, ...],
    *,
    effort: Effort,
    late: Callable[[], bool],
    on_rows: Callable[[int], None],
) -> Certificate:
    """Decide at every ε, and find exact distances where that is cheap; see ``Certifier``."""
    return certify_trees(
        structure, model, space, raw, y, norm, eps, _TREES[effort], distance=effort != "bounds",
        distance_work=_DISTANCES.get(effort), stop=late, progress=on_rows,
    )  # fmt: skip


def affine(
    structure: Affine,
    model: Model,
    space: AttackSpace,
    raw: FloatArray,
    y: IntArray,
    norm: Norm,
    eps: tuple[float, ...],
    *,
    effort: Effort,
    late: Callable[[], bool],
    on_rows: Callable[[int], None],
) -> Certificate:
    """Find the exact distances, which cost little; see ``Certifier``."""
    found = nothing_known(np.ones(len(raw), dtype=bool), raw.shape[1])
    work = _SUMS.get(effort)
    for start in range(0, len(raw), _ROWS):
        if late():
            break
        rows = slice(start, min(start + _ROWS, len(raw)))
        part = certify_affine(structure, model, space, raw[rows], y[rows], norm, eps, work)
        for name in ("lower", "upper", "witness", "work"):
            getattr(found, name)[rows] = getattr(part, name)
        on_rows(rows.stop)
    return found


def relu_net(
    structure: ReluNet,
    model: Model,
    space: AttackSpace,
    raw: FloatArray,
    y: IntArray,
    norm: Norm,
    eps: tuple[float, ...],
    *,
    effort: Effort,
    late: Callable[[], bool],
    on_rows: Callable[[int], None],
) -> Certificate:
    """Decide at every ε, with bounds and branches; see ``Certifier``."""
    return certify_net(
        structure, model, space, raw, y, norm, eps, BUDGETS["auto" if effort == "off" else effort],
        stop=late, on_row=lambda done, total: on_rows(done),
    )  # fmt: skip
