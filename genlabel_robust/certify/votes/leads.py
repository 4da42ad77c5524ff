"""From how far scores are apart to how far probabilities are, at least."""

import numpy as np

from genlabel_robust.core import FloatArray
from genlabel_robust.structure import FLOAT64, Member, Vote

#: Beyond it exp is as good as infinite, and its square still is a float.
_LARGEST = 300.0
#: What float64 takes off a bound of a lead of probabilities: some ulps of numbers of at most 1.
_OWN = 64 * FLOAT64


def least_lead(member: Member, least: FloatArray, most: FloatArray) -> FloatArray:
    """Return a lower bound (q, r) of a member's probability of the label less that of each rival.

    ``least``, ``most`` (q, r): bounds of the label's score less the rival's, for all r = k - 1
    rivals. With a = exp(-gap) of a rival and s the sum of those of the others the difference is
    (1 - a) / (1 + a + s): it falls as a rises; as s rises, it falls where a is below 1, and rises
    where a is above.
    """
    if member.slope is None:
        return least
    r = least.shape[1]
    most_of, least_of = -member.slope * least, -member.slope * most
    others = 1.0 - np.eye(r)
    with np.errstate(under="ignore"):
        a = np.exp(np.minimum(most_of, _LARGEST))
        most_rest, least_rest = a @ others, np.exp(np.minimum(least_of, _LARGEST)) @ others
        lead = (1 - a) / (1 + a + np.where(a <= 1, most_rest, least_rest))
    # relative errors of a and s, those of rounded exponents included, change it by less
    return np.where(most_of < _LARGEST, lead - _OWN * (r + 1), -1.0)


def needed(vote: Vote) -> float:
    """Return the lead above which the library gives the label, whatever it rounds."""
    return 2 * vote.blur + _OWN * (len(vote.members) + 2)
