"""Certificates of tree ensembles, row by row."""

from collections.abc import Callable

import numpy as np

from genlabel_robust.certify.certificate import Certificate
from genlabel_robust.certify.trees.judge import Predictor
from genlabel_robust.certify.trees.row import TreeCertifier
from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.structure import TreeEnsemble
from genlabel_robust.threat import AttackSpace, Norm


def certify_trees(
    ensemble: TreeEnsemble,
    model: Predictor,
    space: AttackSpace,
    raw: FloatArray,
    y: IntArray,
    norm: Norm,
    eps: tuple[float, ...],
    work: int | None = None,
    *,
    distance: bool = False,
    distance_work: int | None = None,
    stop: Callable[[], bool] = lambda: False,
    progress: Callable[[int], None] | None = None,
) -> Certificate:
    """Certify the rows ``raw`` (n, d), which the model must label ``y`` (n,).

    Decides each of ``eps``; with ``distance`` also finds the exact distances. ``work``: the most
    search nodes and model queries per row, None for no limit; ``distance_work``: as for
    ``TreeCertifier.row``. ``stop``: called before each row; once it returns True, the remaining
    rows stay open. ``progress``: called with the number of rows done. A row's result does not
    depend on other rows, and a witness is mislabelled both alone and in a batch with others.
    Raises ``ConfigurationError`` if the ensemble cannot be searched.
    """
    certifier = TreeCertifier(ensemble, model, space, norm)
    n, d = raw.shape
    lower, upper = np.zeros(n), np.full(n, np.inf)
    witness, used = np.full((n, d), np.nan), np.zeros(n, dtype=np.int64)
    for row in range(n):
        if stop():
            break
        proved = certifier.row(
            raw[row], int(y[row]), eps, work, distance=distance, distance_work=distance_work
        )
        lower[row], upper[row] = proved.lower, proved.upper
        witness[row], used[row] = proved.witness, proved.work
        if progress is not None:
            progress(row + 1)
    found = np.flatnonzero(np.isfinite(upper))
    if len(found):
        # each is mislabelled alone; a witness must be mislabelled in a batch as well
        missed = found[model.predict(witness[found]) == y[found]]
        lower[missed], upper[missed], witness[missed] = 0.0, np.inf, np.nan
    return Certificate(lower, upper, witness, used)
