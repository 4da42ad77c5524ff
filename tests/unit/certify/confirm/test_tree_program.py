from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.certify.confirm.claim import Claim
from genlabel_robust.certify.confirm.tree_program import _values
from genlabel_robust.structure import TreeEnsemble
from genlabel_robust.threat.constraints.constraints import Rules
from genlabel_robust.threat.space import AttackSpace


@pytest.mark.parametrize("raw", [-2.0, 0.0, 1.0, 3.0])
def test_a_whole_number_has_a_value_on_each_side_of_splits_around_zero(raw: float) -> None:
    """As LightGBM makes them: the sum of 2 and 1e-35 is 2."""
    tiny = 1.0000000180025096e-35
    one, threshold = np.ones(1), np.array([-tiny, tiny, 0.0, 0.0, 0.0])
    trees = TreeEnsemble(
        roots=np.array([0]),
        feature=np.array([0, 0, -1, -1, -1]),
        threshold=threshold,
        left=np.array([2, 3, 2, 3, 4]),
        right=np.array([1, 4, 2, 3, 4]),
        value=np.zeros((5, 2)),
        base=np.zeros(2),
        rounding=0.0,
    )
    space = AttackSpace(-7 * one, one, 0 * one, 20 * one, one > 0, Rules(integer=(0,)))
    (values,) = _values(trees, Claim(space, np.array([raw]), 0, "linf", 5.0))
    np.testing.assert_array_equal(values, [min(raw, -1.0), 0.0, max(raw, 1.0)])
