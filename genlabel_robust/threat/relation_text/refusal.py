"""The common form of errors about a relation: its text, and what is wrong with it."""

from genlabel_robust.core import RelationError, shown

GRAMMAR = (
    "write comparisons of sums, such as 'a + 2 * b <= c', joined by and, or, not, -> and brackets; "
    "put a column whose name is not a plain word into backticks, and a level of a category into "
    "quotes"
)


def refusal(text: str, fault: str) -> RelationError:
    """Build the error for the relation ``text`` with the ``fault``."""
    return RelationError(f"relation {shown(text)} {fault}", text)
