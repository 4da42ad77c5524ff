"""The protocol of a classifier in its library's own format, queried through that library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Protocol, Self, TypeAlias, runtime_checkable

from genlabel_robust.core import FloatArray, IntArray
from genlabel_robust.data.rows import Label
from genlabel_robust.models.model import Weigh
from genlabel_robust.threat import Knowledge

#: The rows that a model takes: a float array (n, c) of finite numbers; one with NaN for missing
#: values; or a frame of c columns with text and missing values as they were read.
Takes: TypeAlias = Literal["numbers", "missing", "frame"]

#: The names of a model's inputs, with the number of columns of each.
Groups: TypeAlias = Sequence[tuple[str, int]]


@runtime_checkable
class LibraryModel(Protocol):
    """The result of reading a model file, where no object of the library fits.

    ``rows`` are of the form ``takes``, in the order of ``columns``. Codes are positions in the k
    scores. The caller checks all answers. ``PlainLibraryModel`` provides defaults for properties
    that few models have.
    """

    @property
    def takes(self) -> Takes:
        """The form of the rows that it takes."""

    @property
    def width(self) -> int | None:
        """The number of columns c that it takes, None if the file does not say."""

    @property
    def columns(self) -> tuple[str, ...] | None:
        """The names of the columns (c,), None if the file does not say."""

    @property
    def whole(self) -> tuple[str, ...]:
        """The columns that it takes only as integers; by position if columns have no names."""

    @property
    def classes(self) -> tuple[Label, ...] | None:
        """The labels (k,) of the scores, None if the file does not say."""

    @property
    def n_classes(self) -> int:
        """The number of classes k."""

    @property
    def knowledge(self) -> Knowledge:
        """What attackers can query: gradients, scores or decisions."""

    @property
    def coded(self) -> tuple[str, ...]:
        """The columns that it treats as codes, although it takes floats; named as in ``whole``."""

    @property
    def groups(self) -> Groups:
        """Its inputs if they have several columns each, in the order of the columns."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences that a reader of the results must know."""

    @property
    def gradient_note(self) -> str | None:
        """A sentence on the source of its gradients, None if it is the library."""

    @property
    def linear(self) -> bool:
        """Whether its scores are weighted sums of the columns."""

    @property
    def before_link(self) -> bool:
        """Whether its scores are those before any link function."""

    def checked_on(self, rows: FloatArray) -> LibraryModel:
        """Return the model without features that fail on ``rows`` (n, c), such as gradients."""

    def codes(self, rows: Any) -> IntArray:
        """Return the class (n,) that the library itself predicts."""

    def scores(self, rows: Any) -> FloatArray:
        """Return one score per class (n, k), larger is likelier; logits if it has any."""

    def vjp(self, rows: FloatArray, weigh: Weigh) -> tuple[FloatArray, FloatArray]:
        """Return scores (n, k) and gradients (n, c), as in ``Model.vjp``."""


class PlainLibraryModel:
    """Defaults for the properties of a ``LibraryModel``, as a base class."""

    @property
    def whole(self) -> tuple[str, ...]:
        """No columns."""
        return ()

    @property
    def coded(self) -> tuple[str, ...]:
        """No columns."""
        return ()

    @property
    def groups(self) -> Groups:
        """Empty: there is one input, or each input is a column."""
        return ()

    @property
    def notes(self) -> tuple[str, ...]:
        """No sentences."""
        return ()

    @property
    def gradient_note(self) -> str | None:
        """None."""
        return None

    @property
    def linear(self) -> bool:
        """False: not known to be linear."""
        return False

    @property
    def before_link(self) -> bool:
        """False: not known."""
        return False

    def checked_on(self, rows: FloatArray) -> Self:
        """Return the model unchanged."""
        return self
