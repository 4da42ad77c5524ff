"""Points in the box that rows span, as additional queries to a model."""

import numpy as np

from genlabel_robust.core import FloatArray, generator
from genlabel_robust.data.columns.number_or_category import Number
from genlabel_robust.data.rows import Rows


def points_of_box(rows: Rows, n: int) -> FloatArray:
    """Return ``n`` encoded points (n, d) between the minimum and the maximum of each column.

    Integer columns keep integer values; categories and missing values are those of a row. The
    result is the same for the same ``rows``.
    """
    known = rows.x if rows.reference is None else np.concatenate([rows.x, rows.reference])
    rng = generator(0, "points of the box")
    points = known[rng.integers(len(known), size=n)]
    column = 0
    for part in rows.encoding.parts:
        if isinstance(part, Number):
            values = known[:, column]
            drawn = rng.uniform(values.min(), values.max(), n)
            whole = bool((values == np.rint(values)).all())
            points[:, column] = np.rint(drawn) if whole else drawn
        column += len(part.names)
    return np.asarray(points)
