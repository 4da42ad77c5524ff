"""A run with one open cell: its rows are distributed to processes, and kept when finished."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import genlabel_robust
from genlabel_robust.runs.assess.pieces.attacks import AttackPiece
from genlabel_robust.runs.assess.pieces.piece import Case, Part, Piece
from genlabel_robust.runs.execute import spread
from genlabel_robust.runs.folder import finished_pieces


@pytest.fixture(autouse=True)
def worth_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spread, "_WORTH", 0.0)
    monkeypatch.setattr(finished_pieces, "_WORTH", 0.0)


def evaluated(out: Path, **settings: Any) -> genlabel_robust.Run:
    return genlabel_robust.evaluate(
        **{
            "datasets": "iris",
            "strategies": "vanilla",
            "architectures": "logistic",
            "seeds": 1,
            "suite": "quick",
            "settings": {"train": {"epochs": 5}},
            "out": str(out),
            **settings,
        }
    )


def bytes_of(run: genlabel_robust.Run) -> list[bytes]:
    (arrays,) = (run.path / "cells").glob("*.npz")
    return [(run.path / "results.json").read_bytes(), arrays.read_bytes()]


def test_one_cell_in_two_processes_has_the_bytes_of_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = evaluated(tmp_path / "1", jobs=1)
    sent: list[Sequence[Piece]] = []
    decide = spread.Spread._decide

    def watched(self: spread.Spread, case: Case, pieces: Sequence[Piece]) -> Any:
        answer = decide(self, case, pieces)
        if answer is not None:
            sent.append(pieces)
        return answer

    monkeypatch.setattr(spread.Spread, "_decide", watched)
    two = evaluated(tmp_path / "2", jobs=2)
    assert sent, "nothing was done in another process"
    assert bytes_of(two) == bytes_of(alone)
    assert not (two.path / "pieces").exists()


def test_what_is_finished_of_one_cell_is_kept_and_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = evaluated(tmp_path / "1", jobs=1)
    work, done = AttackPiece.work, 0

    def stopped(piece: AttackPiece, case: Case) -> Part:
        nonlocal done
        done += 1
        if done == 2:
            raise KeyboardInterrupt
        return work(piece, case)

    with monkeypatch.context() as patch:
        patch.setattr(AttackPiece, "work", stopped)
        with pytest.raises(KeyboardInterrupt):
            evaluated(tmp_path / "run", jobs=1)
    kept = list((tmp_path / "run" / "pieces").rglob("attack-*.npz"))
    assert len(kept) == 1
    run = evaluated(tmp_path / "run", jobs=1)
    assert bytes_of(run) == bytes_of(alone)
    assert not (run.path / "pieces").exists()
