"""The points that changes of one column make."""

import numpy as np

from genlabel_robust.certify.singles.singles import Singles


def test_points_change_the_features_of_one_column_and_leave_the_rows_as_they_are() -> None:
    raw = np.arange(12.0).reshape(3, 4)
    before = raw.copy()
    singles = Singles(np.zeros((3, 2)), np.ones((3, 2)), 100.0 + raw)
    points = singles.points(raw, np.array([2, 0]), (1, 3))
    np.testing.assert_array_equal(points, [[8.0, 109.0, 10.0, 111.0], [0.0, 101.0, 2.0, 103.0]])
    np.testing.assert_array_equal(raw, before)
