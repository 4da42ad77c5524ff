"""Which proofs know of relations between features."""

from genlabel_robust.threat import Norm

#: Kinds of structures, and norms, whose certificates use relations; others prove without them,
#: which is a lower bound.
_KNOWN: frozenset[tuple[str, Norm]] = frozenset(
    {("affine", "linf"), ("affine", "l1"), ("trees", "linf"), ("trees", "l1")}
)


def knows_relations(kind: str, norm: Norm) -> bool:
    """Say whether what is proved of a structure of this ``kind`` is exact with relations."""
    return (kind, norm) in _KNOWN
