"""Pieces of an assessment, spread over several processes and stored when they end."""

from __future__ import annotations

import pickle
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from genlabel_robust.core import GenlabelRobustError
from genlabel_robust.core.parallel import as_completed_with, processes_here, workers
from genlabel_robust.core.parallel.packing import pickled, pickled_here
from genlabel_robust.runs.assess.pieces.attacks import AttackPiece
from genlabel_robust.runs.assess.pieces.piece import Case, Part, Piece, done, in_turn
from genlabel_robust.runs.assess.pieces.proofs import ProofPiece
from genlabel_robust.runs.config.attack_config import AttackConfig
from genlabel_robust.runs.execute.early import begin_imports_for
from genlabel_robust.runs.folder.finished_pieces import FinishedPieces
from genlabel_robust.structure import Affine

#: Seconds of work below which no other process starts unless the user asks for it, because each
#: takes some seconds for its imports.
_WORTH = 10.0
#: Rough cost in seconds of a query besides the model, and of a certified row.
_QUESTION, _PROOF = 2e-5, 5e-2
#: Rows that the model predicts to estimate its speed.
_TRIED = 256


class OneProcessWarning(UserWarning):
    """The model cannot be sent to other processes, so one process does all the work."""


class _NotSentError(GenlabelRobustError):
    """A case cannot be sent to another process, or cannot be read there."""


@dataclass(frozen=True, eq=False)
class _Sent:
    """A case as bytes, which each receiving process reads once."""

    content: bytes

    @classmethod
    def of(cls, case: Case, *, here: bool) -> Self:
        """Return ``case`` as bytes; ``here``: for this host only. Raises ``_NotSentError``."""
        try:
            return cls(pickled_here(case) if here else pickled(case))
        except Exception as error:  # the classes of a user's model may raise anything
            raise _NotSentError(_described(error)) from error

    @cached_property
    def case(self) -> Case:
        """The case; raises ``_NotSentError``."""
        try:
            case: Case = pickle.loads(self.content)  # noqa: S301  this very run has written it
        except Exception as error:  # the classes of a user's model may raise anything
            raise _NotSentError(_described(error)) from error
        return case


@dataclass(eq=False)
class Spread:
    """The pieces of one case, done in ``jobs`` processes, None for one per core.

    ``requested``: whether the user asked for several processes; otherwise they start only if that
    pays off. ``kept``: the store of finished pieces, None for none. A model that cannot be sent to
    another process stays in this one, with an ``OneProcessWarning`` if the user asked for several.
    """

    jobs: int | None
    requested: bool = False
    kept: FinishedPieces | None = None
    _decided: bool = False
    _sent: _Sent | None = None

    @classmethod
    def of(
        cls, config: AttackConfig, kept: FinishedPieces | None, *, requested: bool = False
    ) -> Self:
        """Return a ``Spread`` over as many processes as ``config`` says."""
        # every process that computes on the single device takes some of its memory
        jobs = config.jobs if config.device == "cpu" else config.jobs or 1
        return cls(jobs, requested, kept)

    def __call__(self, case: Case, pieces: Sequence[Piece]) -> Iterator[tuple[int, Part]]:
        """Yield the number and the result of each of ``pieces``, stored ones first."""
        left: dict[int, Piece] = {}
        for number, piece in enumerate(pieces):
            known = None if self.kept is None else self.kept.read(piece.key)
            if known is None:
                left[number] = piece
            else:
                yield number, known
        for number, part in self._do(case, left):
            if self.kept is not None:
                self.kept.keep(pieces[number].key, part)
            yield number, part

    def _do(self, case: Case, pieces: dict[int, Piece]) -> Iterator[tuple[int, Part]]:
        """Do pieces in other processes if possible, and the rest here."""
        left = dict(pieces)
        sent = self._decide(case, [*pieces.values()]) if len(pieces) > 1 else None
        if sent is not None:
            everywhere = dict.fromkeys(pieces, sent)
            for number, part in as_completed_with(_elsewhere, pieces, everywhere, self.jobs):
                if isinstance(part, _NotSentError):
                    self._refused(part)
                    break
                del left[number]
                yield number, part
        numbers = [*left]
        for place, part in in_turn(case, [*left.values()]):
            yield numbers[place], part

    def _decide(self, case: Case, pieces: Sequence[Piece]) -> _Sent | None:
        """Return what to send to other processes, None to do all here; decided once."""
        if self._decided:
            return self._sent
        self._decided = True
        if workers(self.jobs) > 1 and (self.requested or _seconds(case, pieces) > _WORTH):
            try:
                self._sent = _Sent.of(case, here=processes_here(self.jobs) > 0)
            except _NotSentError as error:
                self._refused(error)
            else:
                begin_imports_for(self.jobs)
        return self._sent

    def _refused(self, error: _NotSentError) -> None:
        self._sent = None
        if self.requested:
            warnings.warn(
                "the model cannot be sent to other processes, so one process does all the work: "
                f"{error}",
                OneProcessWarning,
                stacklevel=2,
            )


def _elsewhere(piece: Piece, sent: _Sent) -> Part | _NotSentError:
    """Do a piece of the case that was sent to this process."""
    try:
        case = sent.case
    except _NotSentError as error:
        return error
    return done(piece, case)


def _described(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())


def _seconds(case: Case, pieces: Sequence[Piece]) -> float:
    """Estimate the seconds that ``pieces`` take in one process."""
    n = len(case.subject.y)
    some, started = case.subject.raw[:_TRIED], time.perf_counter()
    model = case.subject.quick or case.subject.model
    model.decide(some)
    each = (time.perf_counter() - started) / max(len(some), 1) + _QUESTION
    questions: float = n * sum(piece.weight for piece in pieces if isinstance(piece, AttackPiece))
    proved = sum(
        piece.rows.stop - piece.rows.start for piece in pieces if isinstance(piece, ProofPiece)
    )
    hard = 0.0 if isinstance(case.structure, Affine) else _PROOF
    seconds: float = questions * each + proved * hard * (20 if case.certify == "exact" else 1)
    return seconds
