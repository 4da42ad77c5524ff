"""Pieces in several processes: the same bytes for any number, and finished ones are kept."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.neural_network import MLPClassifier

import genlabel_robust
from genlabel_robust.core.errors import AttackError, UnfinishedRunError
from genlabel_robust.runs.assess.pieces import attacks, proofs
from genlabel_robust.runs.assess.pieces.attacks import AttackPiece
from genlabel_robust.runs.assess.pieces.piece import Case, Part
from genlabel_robust.runs.config.attack_config import AttackConfig
from genlabel_robust.runs.execute import spread
from genlabel_robust.runs.execute.spread import Spread
from genlabel_robust.runs.folder import finished_pieces
from genlabel_robust.runs.folder.finished_pieces import FinishedPieces, remove_pieces

RNG = np.random.default_rng(0)
X = RNG.uniform(0, 1, (260, 4))
Y = (X[:, 0] + X[:, 1] + 0.1 * RNG.normal(size=260) > 1).astype(int)
FOREST = RandomForestClassifier(7, max_depth=4, random_state=0).fit(X[60:], Y[60:])
NET = MLPClassifier((8,), max_iter=400, random_state=0, solver="lbfgs").fit(X[60:], Y[60:])


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name, size in (
        (attacks, "BLOCK", 20),
        (proofs, "ROW_BY_ROW", 10),
        (finished_pieces, "_WORTH", 0.0),
    ):
        monkeypatch.setattr(module, name, size)


def audited(model: Any, out: Path, **settings: Any) -> genlabel_robust.Run:
    return genlabel_robust.audit(
        model,
        X[:60],
        Y[:60],
        reference=X[60:],
        eps=(0.05, 0.15),
        suite="quick",
        out=str(out),
        **settings,
    )


def files(run: genlabel_robust.Run) -> dict[str, bytes]:
    """Return the results, and the arrays of the cell."""
    (arrays,) = (run.path / "cells").glob("*.npz")
    return {
        "results": (run.path / "results.json").read_bytes(),
        "arrays": arrays.read_bytes(),
        "csv": (run.path / "results.csv").read_bytes(),
    }


@pytest.mark.parametrize(
    ("device", "jobs", "processes"),
    [("cpu", None, None), ("cpu", 3, 3), ("cuda", None, 1), ("cuda", 3, 3)],
)
def test_on_a_device_there_are_several_processes_only_where_somebody_asks_for_them(
    device: str, jobs: int | None, processes: int | None
) -> None:
    assert Spread.of(AttackConfig(device=device, jobs=jobs), None).jobs == processes


@pytest.mark.nightly(but=["2"])
@pytest.mark.parametrize("jobs", [2, 3])
def test_two_and_three_processes_give_the_bytes_of_one(tmp_path: Path, jobs: int) -> None:
    run = audited(FOREST, tmp_path / "many", jobs=jobs)
    assert files(run) == files(audited(FOREST, tmp_path / "1", jobs=1))
    assert not (run.path / "pieces").exists()


@pytest.mark.nightly
@pytest.mark.parametrize("settings", [{"checks": "full"}, {"early_stop": True}])
def test_two_processes_give_the_bytes_of_one_with_other_settings(
    tmp_path: Path, settings: dict[str, Any]
) -> None:
    alone, two = (audited(NET, tmp_path / str(n), jobs=n, **settings) for n in (1, 2))
    assert files(two) == files(alone)


@pytest.mark.nightly
def test_a_model_that_cannot_be_sent_stays_and_that_is_said_once(tmp_path: Path) -> None:
    class Locked:
        """A forest with an attribute that cannot be sent to another process."""

        classes_ = FOREST.classes_
        n_features_in_ = 4

        def __init__(self) -> None:
            self.lock = threading.Lock()

        def predict(self, x: np.ndarray) -> np.ndarray:
            return np.asarray(FOREST.predict(x))

        def predict_proba(self, x: np.ndarray) -> np.ndarray:
            return np.asarray(FOREST.predict_proba(x))

    locked = Locked()

    def asked(x: np.ndarray) -> np.ndarray:
        with locked.lock:
            return locked.predict_proba(x)

    with pytest.warns(spread.OneProcessWarning, match="cannot be sent") as told:
        two = audited(asked, tmp_path / "2", jobs=2)
    assert len(told) == 1
    assert files(two)["results"] == files(audited(asked, tmp_path / "1", jobs=1))["results"]


class Interrupted:
    """Interrupts the run, like Ctrl-C, after a number of attacks."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
        self.done, self.most = 0, 10**9
        work = AttackPiece.work

        def counted(piece: AttackPiece, case: Case) -> Part:
            if self.done == self.most:
                raise error
            self.done += 1
            return work(piece, case)

        monkeypatch.setattr(AttackPiece, "work", counted)


def test_what_is_finished_is_kept_and_not_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = Interrupted(monkeypatch, KeyboardInterrupt())
    alone = files(audited(FOREST, tmp_path / "1", jobs=1))
    all_ = stopped.done
    stopped.most, stopped.done = 4, 0
    with pytest.raises(KeyboardInterrupt):
        audited(FOREST, tmp_path / "run", jobs=1)
    kept = sorted((tmp_path / "run" / "pieces").rglob("attack-*.npz"))
    assert len(kept) == 4
    kept[0].write_bytes(kept[0].read_bytes()[:-30])
    stopped.most, stopped.done = 10**9, 0
    run = audited(FOREST, tmp_path / "run", jobs=1)
    assert stopped.done == all_ - 3
    assert files(run) == alone
    assert not (run.path / "pieces").exists()


@pytest.mark.parametrize(
    ("error", "stays"),
    [(AttackError("broken"), False), (UnfinishedRunError("memory"), True), (OSError(), True)],
)
def test_a_folder_stays_where_the_same_call_can_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, stays: bool
) -> None:
    stopped = Interrupted(monkeypatch, error)
    stopped.most = 1
    with pytest.raises(type(error)):
        audited(FOREST, tmp_path / "run", jobs=1)
    assert (tmp_path / "run").exists() == stays


def test_what_other_libraries_made_is_not_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = FinishedPieces.of(tmp_path, "cell")
    kept.keep("a", Part({"x": np.arange(3.0)}, {"of": {"count": 2, "share": 0.1}}, 1.0))
    known = kept.read("a")
    assert known is not None
    assert (known.arrays["x"] == np.arange(3.0)).all()
    assert known.counts == {"of": {"count": 2, "share": 0.1}}
    about = finished_pieces.environment()
    monkeypatch.setattr(finished_pieces, "environment", lambda: about | {"packages": {}})
    assert FinishedPieces.of(tmp_path, "cell").read("a") is None
    remove_pieces(tmp_path, "cell")
    assert not (tmp_path / "pieces").exists()


def test_short_work_begins_no_process_unless_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spread, "workers", lambda jobs: 2)
    monkeypatch.setattr(spread, "pickled", lambda case: pytest.fail("it was sent"))
    monkeypatch.setattr(spread, "_WORTH", 1e9)
    audited(FOREST, tmp_path / "run")
    monkeypatch.setattr(spread, "_WORTH", -1.0)
    with pytest.raises(pytest.fail.Exception, match="it was sent"):
        audited(FOREST, tmp_path / "other")
