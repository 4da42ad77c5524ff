"""Which certificates take relations between features into account."""

from genlabel_robust.threat import Norm

#: The kinds of structures and norms whose certificates use relations. Others prove without them,
#: which gives a valid lower bound.
_KNOWN: frozenset[tuple[str, Norm]] = frozenset(
    {("affine", "linf"), ("affine", "l1"), ("trees", "linf"), ("trees", "l1")}
)


def knows_relations(kind: str, norm: Norm) -> bool:
    """Say whether certificates of this ``kind`` of structure take relations into account."""
    return (kind, norm) in _KNOWN
