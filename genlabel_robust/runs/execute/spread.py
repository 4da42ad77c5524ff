"""Pieces of an assessment, done in several processes, and kept as they end."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from genlabel_robust.core import UnfinishedRunError
from genlabel_robust.core.parallel import as_completed
from genlabel_robust.core.shipping import NotShippedError, Shipped, shipped
from genlabel_robust.runs.assess.pieces.attacks import AttackPiece
from genlabel_robust.runs.assess.pieces.piece import Case, Part, Piece, done, in_turn
from genlabel_robust.runs.assess.pieces.proofs import ProofPiece
from genlabel_robust.runs.folder.finished_pieces import FinishedPieces
from genlabel_robust.structure import Affine

#: Seconds of work below which no other process is begun unless somebody asks for some: each takes
#: some seconds to import what it needs.
_WORTH = 10.0
#: What a question costs besides the model, and a row that is proved, in seconds: of the order.
_QUESTION, _PROOF = 2e-5, 5e-2
#: Rows that the model is asked about to see how long it takes.
_TRIED = 256


class OneProcessWarning(UserWarning):
    """The model cannot be sent to other processes, so that all is done in this one."""


@dataclass(eq=False)
class Spread:
    """Does the pieces of one case in ``jobs`` processes, None for one per core.

    One per core only where that is worth while. ``kept``: where finished pieces are found and put,
    None for nowhere. ``folder``: for what the processes read, None for that of temporary files.
    A model that cannot be sent to another process stays in this one: where a number of processes
    was asked for, with an ``OneProcessWarning``.
    """

    jobs: int | None
    kept: FinishedPieces | None = None
    folder: Path | None = None
    _alone: bool | None = None
    _case: Shipped | None = None
    _stack: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._stack.close()

    def __call__(self, case: Case, pieces: Sequence[Piece]) -> Iterator[tuple[int, Part]]:
        """Yield the number of each of ``pieces`` with what came out: first what is kept."""
        open_: dict[int, Piece] = {}
        for number, piece in enumerate(pieces):
            known = None if self.kept is None else self.kept.read(piece.key)
            if known is None:
                open_[number] = piece
            else:
                yield number, known
        for number, part in self._do(case, open_):
            if self.kept is not None:
                self.kept.keep(pieces[number].key, part)
            yield number, part

    def _do(self, case: Case, pieces: dict[int, Piece]) -> Iterator[tuple[int, Part]]:
        """Do what is open, elsewhere if that can be, and here what cannot be done elsewhere."""
        left = dict(pieces)
        if len(pieces) > 1 and not self._stays(case, [*pieces.values()]):
            for number, part in self._spread(pieces):
                if isinstance(part, NotShippedError):
                    self._refused(part)
                    break
                del left[number]
                yield number, part
        numbers = [*left]
        for place, part in in_turn(case, [*left.values()]):
            yield numbers[place], part

    def _stays(self, case: Case, pieces: Sequence[Piece]) -> bool:
        """Say whether all is done in this process, which is decided once."""
        if self._alone is None:
            self._alone = self.jobs == 1 or (self.jobs is None and _seconds(case, pieces) < _WORTH)
            if not self._alone:
                try:
                    self._case = self._stack.enter_context(shipped(case, self.folder))
                except NotShippedError as error:
                    self._refused(error)
        return self._alone

    def _spread(self, pieces: dict[int, Piece]) -> Iterator[tuple[int, Part | NotShippedError]]:
        tasks = {number: (self._case, piece) for number, piece in pieces.items()}
        try:
            yield from as_completed(_elsewhere, tasks, self.jobs)
        except BrokenExecutor as error:
            raise UnfinishedRunError(
                "a process that did some of the work has ended, as it does where memory is short; "
                "give the same command again, with fewer --jobs: it goes on with what is finished"
            ) from error

    def _refused(self, error: NotShippedError) -> None:
        self._alone = True
        if self.jobs is not None:
            warnings.warn(
                f"the model cannot be sent to other processes, and one does all the work: {error}",
                OneProcessWarning,
                stacklevel=2,
            )


def _elsewhere(task: tuple[Shipped | None, Piece]) -> Part | NotShippedError:
    """Do a piece of the case that was sent to this process."""
    sent, piece = task
    if sent is None:
        return NotShippedError("nothing was sent")
    try:
        case: Case = sent.received()
    except NotShippedError as error:
        return error
    return done(piece, case)


def _seconds(case: Case, pieces: Sequence[Piece]) -> float:
    """Return about how long ``pieces`` take in one process."""
    n = len(case.subject.y)
    some, started = case.subject.raw[:_TRIED], time.perf_counter()
    asked = case.subject.asked or case.subject.model
    asked.decide(some)
    each = (time.perf_counter() - started) / max(len(some), 1) + _QUESTION
    questions: float = n * sum(piece.weight for piece in pieces if isinstance(piece, AttackPiece))
    proved = sum(
        piece.rows.stop - piece.rows.start for piece in pieces if isinstance(piece, ProofPiece)
    )
    hard = 0.0 if isinstance(case.structure, Affine) else _PROOF
    seconds: float = questions * each + proved * hard * (20 if case.certify == "exact" else 1)
    return seconds
