"""Short searches: a budget goes to what comes near a proof, and what is far from one is left open.

Where a bound is met, each open ReLU's line loses something there. A subproblem that falls short
by more than its worst k - 1 lines lose together takes at least about k splits more. A search ends
when what its subproblems take by this count is more than what is left of the budget. Nothing is
proved by the count; what ends early stays open.
"""

import numpy as np

from genlabel_robust.certify.nets.bounds.ascent import Bounded
from genlabel_robust.core import IntArray


def least_splits(bounded: Bounded, needed: float) -> IntArray:
    """Return how many ReLUs, the worst first, lose what each subproblem falls short by, (q,).

    ``needed``: what its value has to be above. One more than there are where all of them lose
    less; 0 where no ReLU is open.
    """
    gaps = np.concatenate(bounded.gaps, axis=1)
    lost = np.cumsum(-np.sort(-gaps, axis=1), axis=1)
    missing = needed - bounded.nodes.value[:, None]
    splits = 1 + (lost < missing).sum(axis=1)
    open_ = np.zeros(len(gaps), dtype=bool)
    for low, high in bounded.nodes.bounds:
        open_ |= ((low < 0) & (high > 0)).any(axis=1)
    return np.where(open_, splits, 0)
