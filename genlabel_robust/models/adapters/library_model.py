"""A classifier in the format of its own library, asked through that library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Protocol, Self, TypeAlias, runtime_checkable

from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.data.rows import Label
from genlabel_robust.models.model import Weigh
from genlabel_robust.threat import Knowledge

#: What rows a model takes: a float array (n, c) of finite numbers; one with NaN where a value
#: is missing; a frame of c columns, in which texts and missing values are as they were read.
Takes: TypeAlias = Literal["numbers", "missing", "frame"]

#: The names of several inputs of a model, and how many columns each takes.
Groups: TypeAlias = Sequence[tuple[str, int]]


@runtime_checkable
class LibraryModel(Protocol):
    """What a reader of a model file returns where no library's own object will do.

    ``rows`` are what ``takes`` says, in the order of ``columns``. Codes are positions in the
    k scores. Nothing here is believed: answers are checked by whoever asks. What few models have
    is as in ``PlainLibraryModel`` for those that inherit from it.
    """

    @property
    def takes(self) -> Takes:
        """What rows it takes."""

    @property
    def width(self) -> int | None:
        """The number of columns c that it was made for, None if the file does not say."""

    @property
    def columns(self) -> tuple[str, ...] | None:
        """The names of the columns (c,), None if the file does not say."""

    @property
    def whole(self) -> tuple[str, ...]:
        """The columns that it takes as whole numbers only; by position where none has a name."""

    @property
    def classes(self) -> tuple[Label, ...] | None:
        """The labels (k,) of the scores, None if the file does not say."""

    @property
    def n_classes(self) -> int:
        """The number of classes k."""

    @property
    def knowledge(self) -> Knowledge:
        """What the model can be asked for."""

    @property
    def coded(self) -> tuple[str, ...]:
        """The columns that it takes for codes, though it is given floats; named as ``whole``."""

    @property
    def groups(self) -> Groups:
        """Several inputs of several columns, which take the columns in their order."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Whole sentences that a reader of the results must know."""

    @property
    def gradient_note(self) -> str | None:
        """Where gradients come from, if not from the library: a sentence. None else."""

    @property
    def linear(self) -> bool:
        """Whether its scores are weighted sums of the columns."""

    @property
    def before_link(self) -> bool:
        """Whether its scores come before any link function."""

    def checked_on(self, rows: FloatArray) -> LibraryModel:
        """Return it without what does not hold for ``rows`` (n, c), such as gradients."""

    def codes(self, rows: Any) -> IntArray:
        """Return the class (n,) that the library itself decides for."""

    def scores(self, rows: Any) -> FloatArray:
        """Return one score per class (n, k), larger is likelier; logits where there are any."""

    def vjp(self, rows: FloatArray, weigh: Weigh) -> tuple[FloatArray, FloatArray]:
        """Return scores (n, k) and gradients (n, c), as of ``Model.vjp``."""


class PlainLibraryModel:
    """What a ``LibraryModel`` says where there is nothing to say; to be inherited from."""

    @property
    def whole(self) -> tuple[str, ...]:
        """None."""
        return ()

    @property
    def coded(self) -> tuple[str, ...]:
        """None."""
        return ()

    @property
    def groups(self) -> Groups:
        """None: its inputs are one, or each is a column."""
        return ()

    @property
    def notes(self) -> tuple[str, ...]:
        """None."""
        return ()

    @property
    def gradient_note(self) -> str | None:
        """None."""
        return None

    @property
    def linear(self) -> bool:
        """Not known to be."""
        return False

    @property
    def before_link(self) -> bool:
        """Not known to be."""
        return False

    def checked_on(self, rows: FloatArray) -> Self:
        """Return it as it is."""
        return self
