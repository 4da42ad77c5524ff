"""What verifying a run found to differ."""

from dataclasses import dataclass

from genlabel_robust.core import BoolArray, IntArray

#: Rows that a finding names; of more only the number is told.
_NAMED = 5


@dataclass(frozen=True)
class Finding:
    """A claim that does not hold: the file or cell it stands in, and what differs."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def rows_named(bad: BoolArray, ids: IntArray) -> str:
    """Return "row 4", "rows 4, 7 and 2 others": the rows (n,) marked, as their source counts them.

    ``ids`` (n,): the numbers of the rows in their source.
    """
    numbers = ids[bad].tolist()
    named = ", ".join(str(number) for number in numbers[:_NAMED])
    more = len(numbers) - _NAMED
    rest = "" if more <= 0 else f" and {more} other{'s' if more > 1 else ''}"
    return f"row{'s' if len(numbers) > 1 else ''} {named}{rest}"
