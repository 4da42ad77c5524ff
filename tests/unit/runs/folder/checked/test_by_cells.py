from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.folder.checked.by_cells import contradiction
from genlabel_robust.runs.results.results import Results
from genlabel_robust.runs.results.row import ClassRow, Row
from genlabel_robust.statistics import rate
from genlabel_robust.threat.threat_model import ThreatModel

GROUP = ("iris", "mlp", "genlabel")
EPS = 0.15
#: Of four rows, two of each class, that a model has right.
DISTANCES = {"pgd": (0.1, 0.2, 0.3, 0.4), "noise": (0.5, 0.5, 0.1, 0.5)}


def told(panel: Panel, attacks: dict[str, Any], **fields: Any) -> str | None:
    """Return the findings about a row with genuine rates, except for ``fields`` and ``attacks``."""
    assert panel.nearest is not None
    robust = panel.robust(panel.nearest, EPS)
    own = {
        name: rate(panel.robust(panel.distances[:, index], EPS))
        for index, name in enumerate(panel.attacks)
    }
    classes = tuple(
        ClassRow(
            str(label),
            2,
            rate(panel.clean[:, panel.labels == label]),
            rate(robust[:, panel.labels == label]),
        )
        for label in np.unique(panel.labels)
    )
    genuine = {"clean_accuracy": rate(panel.clean), "robust_accuracy": rate(robust)}
    dataset, architecture, strategy = GROUP
    row = Row(
        dataset,
        strategy,
        architecture,
        EPS,
        "linf",
        "range",
        4,
        1,
        own | attacks,
        ({},),
        **{"per_class": classes, **genuine, **fields},
    )
    results = Results({"threat": ThreatModel("linf", (EPS,)).as_dict(), "rows": [row.as_dict()]})
    return contradiction(results, {GROUP: panel})


@pytest.fixture
def panel(result: Callable[..., Any]) -> Panel:
    return Panel([result(DISTANCES)])


def test_rates_that_the_cells_give_are_not_contradicted(panel: Panel) -> None:
    assert told(panel, {}) is None


def test_a_rate_that_is_not_stated_is_not_asked_for(panel: Panel) -> None:
    assert told(panel, {"pgd": None}, clean_accuracy=None, per_class=()) is None


@pytest.mark.parametrize(
    ("field", "shares"),
    [("clean_accuracy", "0.5, and the cells give 1.0"), ("robust_accuracy", "0.75, and the")],
)
def test_an_edited_rate_is_named_with_both_numbers(panel: Panel, field: str, shares: str) -> None:
    better = rate(np.array([[True, True, True, False]] if "robust" in field else [[True, False]]))
    said = told(panel, {}, **{field: better})
    assert said is not None
    assert said.startswith(f"rows[0], iris/genlabel/mlp at ε = 0.15: {field} is {shares}")


def test_an_edited_rate_of_an_attack_or_of_a_class_is_found(panel: Panel) -> None:
    all_right = rate(np.ones((1, 4), dtype=bool))
    assert "attacks.noise is 1.0, and the cells give 0.75" in (
        told(panel, {"noise": all_right}) or ""
    )
    of_class = ClassRow("0", 2, all_right, all_right)
    said = told(panel, {}, per_class=(of_class, of_class))
    assert "per_class[0].robust_accuracy is 1.0, and the cells give 0.5" in (said or "")
