"""A structure that differs from its model at any compared row is rejected."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GridSearchCV
from sklearn.tree import DecisionTreeClassifier

from genlabel_robust.models.structures import checked
from genlabel_robust.models.structures.checked import checked_structure
from genlabel_robust.models.structures.structure_of import structure_of
from genlabel_robust.structure import NoStructure, TreeEnsemble

from .conftest import Made, Make


@pytest.fixture
def tree(made: Make) -> Made:
    rng = np.random.default_rng(0)
    x = pd.DataFrame({"a": rng.normal(size=100), "b": rng.normal(size=100).round(1)})
    y = (x["a"] + x["b"] > 0).astype(int)
    return made(DecisionTreeClassifier(max_depth=4).fit(x, y), x, x, y)


def _moved(found: TreeEnsemble) -> TreeEnsemble:
    """Return the trees with one threshold moved to the next float64."""
    threshold = found.threshold.copy()
    threshold[0] = np.nextafter(threshold[0], np.inf)
    return replace(found, threshold=threshold)


@pytest.mark.parametrize(
    "change",
    [
        _moved,
        lambda found: replace(found, left=found.right, right=found.left),
        lambda found: replace(found, base=found.base + np.array([0.0, 1e-9])),
        lambda found: replace(found, value=found.value[:, ::-1]),
    ],
    ids=["threshold", "sides", "base", "classes"],
)
def test_a_structure_that_was_misread_is_none_and_the_reason_names_the_row(
    change: Any, tree: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, space, rows = tree
    monkeypatch.setattr(checked, "structure_of", lambda *given: change(structure_of(*given)))

    found = checked_structure(model, space, rows.x)

    assert isinstance(found, NoStructure)
    assert found.reason.startswith("what was read of the model gives the scores [")
    assert "for the row [" in found.reason
    assert "and the model itself [" in found.reason


def test_a_model_that_is_not_as_its_reader_knows_it_has_a_reason(made: Make, tree: Made) -> None:
    search = GridSearchCV(DecisionTreeClassifier(max_depth=2), {"max_depth": [1]}, cv=2)
    _, space, rows = tree
    x, y = rows.x, (rows.x[:, 0] > 0).astype(int)
    model, _, _ = made(search.fit(x, y), x, x, y)
    del search.best_estimator_.tree_

    found = structure_of(model, space, rows.x)

    assert isinstance(found, NoStructure)
    assert "is not made as its readers know such models: AttributeError" in found.reason
