"""What columns a fitted estimator says that it was made for, as far as that can be believed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from genlabel_robust.models.inputs.view import made_up


def columns_of(estimator: Any) -> tuple[list[str] | None, int | None]:
    """Return the names of the columns of ``estimator``, or their number; None for what it hides.

    Names count for more than a number that contradicts them; a number below 1 is none: CatBoost
    forgets its own when it is pickled, and keeps the names, which may be numbers of columns.
    """
    names = _asked(estimator, "feature_names_in_")
    if names is not None:
        return [str(name) for name in names], None
    count = _asked(estimator, "n_features_in_")
    width = int(count) if isinstance(count, int | np.integer) and count >= 1 else None
    own = _asked(estimator, "feature_names_")
    if _texts(own) and width in (None, len(own)):
        # numbered columns have no order to be put into
        return (None, len(own)) if made_up(own) else (list(own), None)
    return None, width


def _asked(estimator: Any, name: str) -> Any:
    try:
        return getattr(estimator, name, None)
    except Exception:  # anyone's class may compute it, of what is not there
        return None


def _texts(names: Any) -> bool:
    return (
        isinstance(names, Sequence | np.ndarray)
        and not isinstance(names, str)
        and len(names) > 0
        and all(isinstance(name, str) for name in names)
    )
