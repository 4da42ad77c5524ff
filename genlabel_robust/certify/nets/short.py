"""Short searches: spend the budget on examples close to a proof, and leave the others open.

At the minimiser of a bound, the relaxation of each unstable ReLU loses something. If a subproblem
falls short by more than its worst k - 1 relaxations lose together, it needs at least about k more
splits. A search ends when its subproblems need more than the remaining budget by this estimate.
The estimate proves nothing; a search that ends early leaves the example open.
"""

import numpy as np

from genlabel_robust.certify.nets.bounds.ascent import Bounded
from genlabel_robust.core import IntArray


def least_splits(bounded: Bounded, needed: float) -> IntArray:
    """Estimate the number of splits (q,) that each subproblem still needs.

    It is the number of ReLUs, the worst first, that together lose as much as the subproblem is
    below ``needed``: one more than there are if all of them lose less, 0 if no ReLU is unstable.
    """
    gaps = np.concatenate(bounded.gaps, axis=1)
    lost = np.cumsum(-np.sort(-gaps, axis=1), axis=1)
    missing = needed - bounded.nodes.value[:, None]
    splits = 1 + (lost < missing).sum(axis=1)
    open_ = np.zeros(len(gaps), dtype=bool)
    for low, high in bounded.nodes.bounds:
        open_ |= ((low < 0) & (high > 0)).any(axis=1)
    return np.where(open_, splits, 0)
