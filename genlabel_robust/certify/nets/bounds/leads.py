"""The leads of a label over its rivals, and how large they must be to prove it."""

from collections.abc import Iterator
from dataclasses import dataclass

from genlabel_robust.core import FloatArray


@dataclass(frozen=True, eq=False)
class Lead:
    """The lead over one rival: ``coefficients`` (w,) · last ReLUs + ``constant``.

    The label is proved against this rival if the lead is above ``needed``.
    """

    coefficients: FloatArray
    constant: float
    needed: float


@dataclass(frozen=True, eq=False)
class Leads:
    """The leads over m rivals: ``coefficients`` (m, w), ``constant`` (m,), ``needed`` (m,)."""

    coefficients: FloatArray
    constant: FloatArray
    needed: FloatArray

    def each(self) -> Iterator[Lead]:
        """Yield the lead over each rival."""
        for row, constant, needed in zip(
            self.coefficients, self.constant, self.needed, strict=True
        ):
            yield Lead(row, float(constant), float(needed))
