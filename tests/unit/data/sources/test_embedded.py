from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.data.load import load_table


@pytest.mark.parametrize(
    ("name", "shape", "classes"),
    [
        ("iris", (150, 4), ("setosa", "versicolor", "virginica")),
        ("wine", (178, 13), ("class_0", "class_1", "class_2")),
        ("breast-cancer", (569, 30), ("benign", "malignant")),
        ("digits", (1797, 64), tuple("0123456789")),
    ],
)
def test_shipped_sets_have_their_published_shape_and_classes(
    name: str, shape: tuple[int, int], classes: tuple[str, ...]
) -> None:
    table = load_table(name)
    assert table.x.shape == shape
    assert table.classes == classes
    assert table.notices == ()


def test_labels_stay_with_their_rows() -> None:
    from sklearn.datasets import load_breast_cancer

    bunch = load_breast_cancer()
    table = load_table("breast-cancer")
    np.testing.assert_array_equal(table.x, bunch.data)
    assert [table.classes[code] for code in table.y] == list(bunch.target_names[bunch.target])
