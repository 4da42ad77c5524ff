"""Single columns under L0, where each can reach its whole box for its price."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

from genlabel_robust.certify.certificate import Certificate
from genlabel_robust.certify.singles.search import single_columns
from genlabel_robust.certify.singles.singles import Singles
from genlabel_robust.data.rows import rows_of
from genlabel_robust.models.as_model import as_model
from genlabel_robust.models.model import Model
from genlabel_robust.models.structures.checked import checked_structure
from genlabel_robust.structure import NoStructure
from genlabel_robust.threat.features import Features
from genlabel_robust.threat.space import AttackSpace
from genlabel_robust.threat.table_columns import table_columns

D, N = 4, 60
COLUMNS = table_columns([f"f{i}" for i in range(D)], None, ())
SPACE = AttackSpace(np.zeros(D), np.ones(D), np.zeros(D), np.ones(D), np.array([1, 1, 1, 0]) > 0)
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
CORES = {
    "forest": RandomForestClassifier(9, random_state=0),
    "linear": LogisticRegression(),
    "net": MLPClassifier((8,), max_iter=200, random_state=0),
}


@pytest.fixture(scope="module", params=[*CORES])
def fitted(request: pytest.FixtureRequest) -> tuple[Model, np.ndarray]:
    rng = np.random.default_rng(3)
    x = rng.uniform(0, 1, (200, D))
    y = (x[:, 0] + 2 * x[:, 1] * x[:, 2] + 0.2 * rng.normal(size=200) > 1).astype(int)
    core = CORES[request.param].fit(x, y)
    return as_model(core, rows_of(x, x), (0, 1)), x[:N]


def decided(model: Model, x: np.ndarray, space: AttackSpace, eps: tuple[float, ...]) -> Singles:
    y = model.predict(x)
    structure = checked_structure(model, space, x)
    return single_columns(model, structure, space, x, y, "l0", eps, COLUMNS)


def broken_anywhere(
    model: Model, x: np.ndarray, column: int, low: float, high: float
) -> np.ndarray:
    values = np.linspace(low, high, 2001)
    rows = np.repeat(x, len(values), axis=0)
    rows[:, column] = np.tile(values, len(x))
    wrong = model.predict(rows) != np.repeat(model.predict(x), len(values))
    return np.asarray(wrong.reshape(len(x), -1).any(axis=1))


def test_under_l0_a_column_reaches_its_whole_box_for_its_price(
    fitted: tuple[Model, np.ndarray],
) -> None:
    model, x = fitted
    found = decided(model, x, SPACE, (1.0,))
    for column in range(3):
        broken = broken_anywhere(model, x, column, 0.0, 1.0)
        assert broken.sum() > 0
        np.testing.assert_array_equal(found.upper[:, column], np.where(broken, 1.0, np.inf))
        np.testing.assert_array_equal(found.lower[:, column], np.where(broken, 1.0, np.inf))
    assert np.isinf(found.lower[:, 3]).all()


def test_under_l0_the_least_change_is_the_point_of_a_column(
    fitted: tuple[Model, np.ndarray],
) -> None:
    model, x = fitted
    few = decided(model, x, SPACE, (1.0,))
    y, structure = model.predict(x), checked_structure(model, SPACE, x)
    far = single_columns(model, structure, SPACE, x, y, "linf", (2.0,), COLUMNS)
    np.testing.assert_allclose(few.value, far.value)


def test_under_l0_a_column_that_costs_more_than_there_is_cannot_be_changed(
    fitted: tuple[Model, np.ndarray],
) -> None:
    model, x = fitted
    priced = replace(SPACE, features=Features(np.arange(D), np.array([3.0, 1.0, 2.0, 1.0])))
    found, plain = decided(model, x, priced, (1.0, 2.0)), decided(model, x, SPACE, (1.0,))
    assert np.isinf(found.lower[:, 0]).all()
    assert np.isinf(found.upper[:, 0]).all()
    np.testing.assert_array_equal(found.upper[:, 1], plain.upper[:, 1])
    np.testing.assert_array_equal(found.upper[:, 2], 2 * plain.upper[:, 2])


def test_under_l0_a_feature_with_an_eps_of_its_own_goes_no_farther(
    fitted: tuple[Model, np.ndarray],
) -> None:
    model, x = fitted
    near = replace(SPACE, own_eps=np.full(D, 0.1))
    found = decided(model, x, near, (1.0,))
    moved = np.abs(found.value - x)
    assert (moved[np.isfinite(moved)] <= 0.1 + 1e-12).all()
    far = decided(model, x, SPACE, (1.0,))
    assert np.isfinite(found.upper).sum() < np.isfinite(far.upper).sum()


def test_what_is_proved_of_all_columns_together_is_proved_of_each(
    fitted: tuple[Model, np.ndarray],
) -> None:
    model, x = fitted
    none, work = np.full(N, np.inf), np.zeros(N, dtype=np.int64)
    everything = Certificate(none, none, np.full((N, D), np.nan), work)
    y = model.predict(x)

    class Silent:
        """A model that must not be queried with changed rows."""

        knowledge, n_classes = "scores", 2

        def predict(self, raw: np.ndarray) -> np.ndarray:
            assert raw is x
            return y

    found = single_columns(
        Silent(),  # type: ignore[arg-type]
        NoStructure("nobody looked"),
        SPACE,
        x,
        y,
        "linf",
        (0.3,),
        COLUMNS,
        certificate=everything,
    )
    assert np.isinf(found.lower).all()


def test_rows_that_would_take_too_many_questions_are_left_out_and_open(
    fitted: tuple[Model, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    model, x = fitted
    monkeypatch.setattr("genlabel_robust.certify.singles.search._ROWS", 10)
    y = model.predict(x)
    found = single_columns(
        model, NoStructure("nobody looked"), SPACE, x, y, "linf", (0.3,), COLUMNS, most=300
    )
    assert found.left_out == N - 10
    assert found.questions > 300
    assert (found.lower[10:, :3] == 0).all()
    assert np.isinf(found.upper[10:]).all()
    assert np.isfinite(found.upper[:10]).any()
