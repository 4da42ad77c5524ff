"""A classifier in the format of its own library, asked through that library."""

from __future__ import annotations

from typing import Any, Literal, Protocol, TypeAlias, runtime_checkable

from genlabel_robust.core.arrays import FloatArray, IntArray
from genlabel_robust.data.rows import Label
from genlabel_robust.models.model import Weigh
from genlabel_robust.threat.threat_model import Knowledge

#: What rows a model takes: a float array (n, c) of finite numbers; one with NaN where a value
#: is missing; a frame of c columns, in which texts and missing values are as they were read.
Takes: TypeAlias = Literal["numbers", "missing", "frame"]


@runtime_checkable
class LibraryModel(Protocol):
    """What a reader of a model file returns where no library's own object will do.

    ``rows`` are what ``takes`` says, in the order of ``columns``. Codes are positions in the
    k scores. Nothing here is believed: answers are checked by whoever asks.
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

    def codes(self, rows: Any) -> IntArray:
        """Return the class (n,) that the library itself decides for."""

    def scores(self, rows: Any) -> FloatArray:
        """Return one score per class (n, k), larger is likelier; logits where there are any."""

    def vjp(self, rows: FloatArray, weigh: Weigh) -> tuple[FloatArray, FloatArray]:
        """Return scores (n, k) and gradients (n, c), as of ``Model.vjp``."""
