"""Few features in a cell: sparse examples, and examples that contradict a proof."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from genlabel_robust.attacks.suite import build_attack
from genlabel_robust.certify.singles import search
from genlabel_robust.core.errors import AttackError
from genlabel_robust.data.rows import rows_of
from genlabel_robust.models.as_model import as_model
from genlabel_robust.models.model import Model
from genlabel_robust.models.structures.checked import checked_structure
from genlabel_robust.runs.assess import few_features as module
from genlabel_robust.runs.assess.attacking import Attacked, attack_model
from genlabel_robust.runs.assess.few_features import few_features
from genlabel_robust.runs.assess.probes import Subject
from genlabel_robust.runs.cells.few_features import FewFeatures
from genlabel_robust.structure import NoStructure
from genlabel_robust.threat.constraints.constraints import Rules
from genlabel_robust.threat.space import AttackSpace
from genlabel_robust.threat.table_columns import changed_columns, table_columns
from genlabel_robust.threat.threat_model import ThreatModel, within
from genlabel_robust.threat.violations import violations

D, N, EPS = 8, 40, (0.05, 0.15)
RULES = Rules(increasing=(1,), integer=(2,), one_hot=((5, 6, 7),))
COLUMNS = table_columns([f"f{i}" for i in range(D)], None, RULES.one_hot)


def subject(kind: str, norm: str, seed: int = 0) -> Subject:
    rng = np.random.default_rng(seed)
    x = rng.uniform(0, 1, (300, D))
    x[:, 2] = np.round(20 * x[:, 2])
    x[:, 5:] = np.eye(3)[rng.integers(0, 3, 300)]
    y = (x[:, 0] + x[:, 1] + x[:, 2] / 20 + x[:, 5] + 0.1 * rng.normal(size=300) > 2).astype(int)
    core = RandomForestClassifier(9, random_state=0) if kind == "forest" else LogisticRegression()
    model: Model = as_model(core.fit(x, y), rows_of(x, x), (0, 1))
    scale = np.array([1, 1, 20, 1, 1, 10, 10, 10.0])
    space = AttackSpace(np.zeros(D), scale, np.zeros(D), 1 / scale, np.ones(D, dtype=bool), RULES)
    space = replace(space, high=np.where(scale == 20, 1.0, np.where(scale == 10, 0.1, 1.0)))
    threat = ThreatModel(norm, EPS)
    attacks = (build_attack("lattice-search", {}), build_attack("noise", {}))
    return Subject(model, space, x[:N], y[:N], x, threat, attacks, 0)


def attacked(by: Subject) -> Attacked:
    return attack_model(by.model, by.space, by.raw, by.y, by.pool, by.threat, by.attacks, by.seed)


def counts(by: Subject, points: np.ndarray) -> np.ndarray:
    return changed_columns(COLUMNS, by.raw, points).sum(axis=1)


@pytest.fixture(
    scope="module", params=[(k, n) for k in ("forest", "linear") for n in ("linf", "l2", "l1")]
)
def case(request: pytest.FixtureRequest) -> tuple[Subject, Attacked, FewFeatures]:
    by = subject(*request.param)
    found = attacked(by)
    structure = checked_structure(by.model, by.space, by.raw)
    return by, found, few_features(by, COLUMNS, structure, found, None)


@pytest.mark.nightly(but=["case0", "case2", "case5"])
def test_sparse_examples_never_need_more_features_than_their_original(
    case: tuple[Subject, Attacked, FewFeatures],
) -> None:
    by, found, few = case
    met = 0
    for number, eps in enumerate(EPS):
        sparse = few.sparse[number]
        for distances, points in zip(found.distances, found.adversarial, strict=True):
            rows = within(distances, eps) & np.isfinite(points).all(axis=1)
            assert np.isfinite(sparse[rows]).all()
            assert (counts(by, sparse)[rows] <= counts(by, points)[rows]).all()
            met += int((counts(by, sparse)[rows] < counts(by, points)[rows]).sum())
    assert met


def test_each_sparse_example_is_one_that_the_attacker_may_present(
    case: tuple[Subject, Attacked, FewFeatures],
) -> None:
    by, _, few = case
    for number, eps in enumerate(EPS):
        rows = np.flatnonzero(np.isfinite(few.sparse[number]).all(axis=1))
        if not len(rows):
            continue
        points = few.sparse[number][rows]
        assert not violations(by.space, by.raw[rows], points).any()
        assert within(by.space.distance(by.raw[rows], points, by.threat.norm), eps).all()
        assert (by.model.predict(points) != by.y[rows]).all()
        assert (by.model.predict(by.raw[rows]) == by.y[rows]).all()


def test_what_one_column_breaks_needs_one(case: tuple[Subject, Attacked, FewFeatures]) -> None:
    by, _, few = case
    for number, eps in enumerate(EPS):
        alone = within(few.singles.upper, eps).any(axis=1)
        alone &= by.model.predict(by.raw) == by.y
        assert (counts(by, few.sparse[number])[alone] == 1).all()
        one = np.isfinite(few.sparse[number]).all(axis=1) & (counts(by, few.sparse[number]) == 1)
        # and of trees and linear models each column is known
        np.testing.assert_array_equal(one, alone)


def test_a_proof_that_an_example_contradicts_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    by = subject("forest", "linf")
    found = attacked(by)
    structure = checked_structure(by.model, by.space, by.raw)

    def bold(*arguments: object, **options: object) -> object:
        known = search.single_columns(*arguments, **options)  # type: ignore[arg-type]
        return replace(known, lower=np.full_like(known.lower, np.inf))

    monkeypatch.setattr(module, "single_columns", bold)
    with pytest.raises(AttackError, match=r"row \d+ is mislabelled when only 'f\d+"):
        few_features(by, COLUMNS, structure, found, None)


def test_of_a_model_of_which_nothing_is_known_single_columns_are_found_and_not_proved() -> None:
    by = subject("forest", "linf")
    known = few_features(
        by, COLUMNS, checked_structure(by.model, by.space, by.raw), attacked(by), None
    )
    blind = few_features(by, COLUMNS, NoStructure("nobody looked"), attacked(by), None)
    right = by.model.predict(by.raw) == by.y
    # whole steps and levels are listed, whatever the model is
    for number, column in enumerate(COLUMNS):
        listed = column.name in ("f2", "f5 / f6 / f7")
        proved = ~within(blind.singles.lower[right, number], EPS[-1])
        broken = within(blind.singles.upper[right, number], EPS[-1])
        assert (proved | broken).all() == listed
        assert not (broken & ~within(known.singles.upper[right, number], EPS[-1])).any()
        if listed:
            np.testing.assert_array_equal(
                known.singles.upper[:, number], blind.singles.upper[:, number]
            )


def test_a_space_in_which_nothing_may_change_has_nothing_open() -> None:
    by = subject("forest", "linf")
    by = replace(by, space=replace(by.space, mutable=np.zeros(D, dtype=bool)))
    none, zeros = np.full((2, N), np.inf), np.zeros((2, N), dtype=np.int64)
    nothing = Attacked(none, zeros, zeros, np.full((2, N, D), np.nan), {})
    few = few_features(by, COLUMNS, NoStructure("nobody looked"), nothing, None)
    right = by.model.predict(by.raw) == by.y
    assert np.isinf(few.singles.lower[right]).all()
    assert np.isnan(few.sparse).all()
