"""A difference that verification found in a run."""

from dataclasses import dataclass

from genlabel_robust.core import BoolArray, IntArray

#: The maximum number of rows that a finding names; the others are counted.
_NAMED = 5


@dataclass(frozen=True)
class Finding:
    """A claim of a run that is wrong; ``where``: its file or cell, ``what``: the difference."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def rows_named(bad: BoolArray, ids: IntArray) -> str:
    """Return text that names the rows marked in ``bad`` (n,): "row 4", "rows 4, 7 and 2 others".

    ``ids`` (n,): the numbers of the rows in their source.
    """
    numbers = ids[bad].tolist()
    named = ", ".join(str(number) for number in numbers[:_NAMED])
    more = len(numbers) - _NAMED
    rest = "" if more <= 0 else f" and {more} other{'s' if more > 1 else ''}"
    return f"row{'s' if len(numbers) > 1 else ''} {named}{rest}"
