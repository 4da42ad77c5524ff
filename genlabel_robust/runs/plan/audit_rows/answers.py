"""A model's answers for a table whose columns are not settled yet."""

from collections.abc import Collection
from typing import Any

import numpy as np

from genlabel_robust.core import GenlabelRobustError
from genlabel_robust.data.rows import Rows, rows_of
from genlabel_robust.models.supplied.kinds import supplied_as
from genlabel_robust.runs.config.attack_config import AttackConfig
from genlabel_robust.threat import Constraints
from genlabel_robust.threat.constraints.limits_of_columns import freed, kept_whole


def encoded_rows(
    x: Any,
    reference: Any,
    config: AttackConfig,
    called: tuple[str, str],
    whole: tuple[Collection[str], Collection[str]] = ((), ()),
) -> Rows:
    """Return ``x`` and its ``reference`` encoded, with the limits in ``config``.

    ``whole``: as in ``Tables``.
    """
    limits = Constraints.of(config.constraints)
    continuous = None if config.whole_numbers == "continuous" else limits.continuous
    return rows_of(
        x,
        reference,
        freed(limits),
        kept_whole(limits),
        continuous=continuous,
        in_source=whole,
        called=called,
    )


def answer_for(model: Any, x: Any, config: AttackConfig, what: str) -> Any:
    """Return labels (n,) or scores (n, k) for the table ``x``; None if the model refuses it."""
    try:
        return np.asarray(supplied_as(model).answer(encoded_rows(x, None, config, (what, ""))))
    except GenlabelRobustError:  # the model does not take such rows
        return None


def alike(first: Any, second: Any) -> bool:
    """Say whether two answers, of labels or scores, are equal up to rounding."""
    if first is None or second is None or first.shape != second.shape:
        return False
    if first.ndim == 1 and first.dtype.kind != "f":
        return bool((first == second).all())
    same = first.ndim == 1 or (first.argmax(axis=1) == second.argmax(axis=1)).all()
    return bool(same and np.allclose(first, second, rtol=1e-5, atol=1e-7))
