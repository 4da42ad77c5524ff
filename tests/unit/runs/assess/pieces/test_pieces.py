"""Work in pieces gives the same result, whoever computes them and in whatever order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

from genlabel_robust.attacks.suite import build_attack
from genlabel_robust.data.rows import rows_of
from genlabel_robust.models.as_model import as_model
from genlabel_robust.runs.assess.assess import assess
from genlabel_robust.runs.assess.pieces import attacks, columns, proofs
from genlabel_robust.runs.assess.pieces.piece import Case, Part, Piece, cut, done
from genlabel_robust.runs.assess.probes import Subject
from genlabel_robust.runs.cells.cell import CellResult
from genlabel_robust.threat.space import AttackSpace
from genlabel_robust.threat.table_columns import table_columns
from genlabel_robust.threat.threat_model import ThreatModel, within

D, N, EPS = 4, 50, (0.05, 0.15)
COLUMNS = table_columns([f"f{i}" for i in range(D)], None, ())
KINDS = {
    "linear": LogisticRegression(),
    "forest": RandomForestClassifier(7, max_depth=4, random_state=0),
    "net": MLPClassifier((8,), max_iter=400, random_state=0, solver="lbfgs"),
}
ARRAYS = (
    "predictions",
    "logit_margin",
    "distances",
    "outcomes",
    "queries",
    "adversarial",
    "exact",
    "tried",
)


def subject(kind: str) -> Subject:
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 1, (300, D))
    y = (x[:, 0] + x[:, 1] + 0.1 * rng.normal(size=300) > 1).astype(int)
    model = as_model(KINDS[kind].fit(x, y), rows_of(x, x), (0, 1))
    space = AttackSpace(np.zeros(D), np.ones(D), np.zeros(D), np.ones(D), np.ones(D, dtype=bool))
    tried = (
        build_attack("sign-bisect", {"max_queries": 60}),
        build_attack("square", {"moves": 10, "trials": 3}),
        build_attack("noise", {}),
    )
    return Subject(model, space, x[:N], y[:N], x, ThreatModel("linf", EPS), tried, 0)


def assessed(kind: str, carry_out: Callable | None = None, **how: object) -> CellResult:
    by = {} if carry_out is None else {"carry_out": carry_out}
    return assess(subject(kind), np.arange(N), columns=COLUMNS, **by, **how)


def last_first(case: Case, pieces: Sequence[Piece]) -> Iterator[tuple[int, Part]]:
    """Run the pieces in reverse order, each without state from the others."""
    for number in reversed(range(len(pieces))):
        yield number, done(pieces[number], replace(case))


def assert_equal(one: CellResult, other: CellResult) -> None:
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), name)
    assert one.probes == other.probes
    assert one.inside == other.inside
    counted = [{k: v for k, v in by.items() if k != "seconds"} for by in one.evidence.values()]
    again = [{k: v for k, v in by.items() if k != "seconds"} for by in other.evidence.values()]
    assert counted == again
    assert (one.certificate is None) == (other.certificate is None)
    for name in ("lower", "upper", "witness", "work"):
        np.testing.assert_array_equal(
            getattr(one.certificate, name), getattr(other.certificate, name), name
        )
    assert one.few is not None
    assert other.few is not None
    np.testing.assert_array_equal(one.few.sparse, other.few.sparse)
    for name in ("lower", "upper", "value", "left_out"):
        np.testing.assert_array_equal(
            getattr(one.few.singles, name), getattr(other.few.singles, name), name
        )


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attacks, "BLOCK", 16)
    monkeypatch.setattr(proofs, "ROW_BY_ROW", 8)


@pytest.mark.parametrize("n", [0, 1, 15, 16, 17, 250, 256, 257, 1000])
def test_blocks_hold_each_row_once_and_are_nearly_equal(n: int) -> None:
    blocks = cut(n, 16)
    rows = [row for block in blocks for row in range(block.start, block.stop)]
    assert rows == list(range(n))
    sizes = [block.stop - block.start for block in blocks]
    assert max(sizes) <= 16
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.nightly(but=["how1-net", "how2-linear"])
@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("how", [{}, {"early_stop": True}, {"checks": "full"}])
def test_the_order_of_pieces_changes_nothing(kind: str, how: dict[str, object]) -> None:
    assert_equal(assessed(kind, **how), assessed(kind, last_first, **how))


@pytest.mark.nightly(but=["linear"])
@pytest.mark.parametrize("kind", list(KINDS))
def test_a_row_gets_the_same_in_a_small_block_as_among_all(
    kind: str, request: pytest.FixtureRequest
) -> None:
    whole = assessed(kind, checks="full")
    request.getfixturevalue("small_blocks")
    parts = assessed(kind, checks="full")
    np.testing.assert_array_equal(whole.outcomes, parts.outcomes)
    # the last bits may depend on the company: see tests/contract/test_company.py
    np.testing.assert_allclose(whole.distances, parts.distances, rtol=1e-4)
    assert whole.probes == parts.probes
    assert whole.few is not None
    assert parts.few is not None
    assert whole.certificate is not None
    assert parts.certificate is not None
    for eps in EPS:
        for name in ("lower", "upper"):
            pairs = (
                (whole.certificate, parts.certificate),
                (whole.few.singles, parts.few.singles),
            )
            for one, other in pairs:
                decided = within(getattr(one, name), eps)
                np.testing.assert_array_equal(decided, within(getattr(other, name), eps))


@pytest.mark.nightly
@pytest.mark.usefixtures("small_blocks")
def test_blocks_after_too_many_questions_are_left_out_however_many_were_begun(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    everything = assessed("net", certify="off")
    monkeypatch.setattr(columns, "QUESTIONS", 1)
    found = []
    for size in (1, 2, 100):
        monkeypatch.setattr("genlabel_robust.runs.assess.pieces.work.ROUND", size)
        found.append(assessed("net", certify="off"))
    assert_few_left_out(everything, found[0])
    for other in found[1:]:
        assert other.few is not None
        assert found[0].few is not None
        np.testing.assert_array_equal(found[0].few.singles.upper, other.few.singles.upper)
        np.testing.assert_array_equal(found[0].few.sparse, other.few.sparse)
        assert other.few.singles.left_out == found[0].few.singles.left_out


def assert_few_left_out(everything: CellResult, found: CellResult) -> None:
    assert everything.few is not None
    assert found.few is not None
    assert everything.few.singles.left_out == 0
    first = cut(N, 16)[0]
    right = found.predictions == found.labels
    assert found.few.singles.left_out == right[first.stop :].sum() > 0
    upper = found.few.singles.upper
    np.testing.assert_array_equal(upper[first], everything.few.singles.upper[first])
    assert np.isinf(upper[first.stop :][right[first.stop :]]).all()


def test_a_limit_of_time_leaves_attacks_whole() -> None:
    case = Case(subject("forest"), np.arange(N), np.ones(N, dtype=bool), max_seconds=9.0)
    pieces = attacks.attack_pieces(case, (1.0, 1.0, 1.0))
    assert [piece.rows for piece in pieces] == [slice(0, N)] * 3
