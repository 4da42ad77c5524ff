"""Columns that relations link, so that they must be restored to their old values together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, combinations

import numpy as np

from genlabel_robust.core import IntArray
from genlabel_robust.threat.relations.bind import Relation
from genlabel_robust.threat.relations.bound import Relations

#: The most columns of a relation for which each pair is also restored together.
_PAIRS = 6


def given_back_together(columns: Sequence[IntArray], relations: Relations) -> list[IntArray]:
    """Return the features of each of ``columns``, and then those of columns that relations link.

    Linked sets are each pair of a relation's columns, all of its columns, and all columns of
    relations that share columns. Restoring one column alone may violate a relation where restoring
    two does not: a level and its value in a table must be restored together.
    """
    owner = {int(feature): i for i, own in enumerate(columns) for feature in own}
    sets = [
        tuple(sorted({owner[at] for at in _features(one) if at in owner}))
        for one in relations.relations
    ]
    pairs = chain.from_iterable(combinations(one, 2) for one in sets if len(one) <= _PAIRS)
    tied = dict.fromkeys(one for one in (*pairs, *sets, *_joined(sets)) if len(one) > 1)
    return [*columns, *(np.concatenate([columns[i] for i in one]) for one in tied)]


def _features(relation: Relation) -> Iterator[int]:
    """Yield the encoded columns of ``relation``, some of them several times."""
    for limit in chain.from_iterable(relation.ways):
        yield from limit.form.weights
        yield from (lookup.column for _, lookup in limit.form.lookups)


def _joined(sets: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Return the unions of ``sets`` that share members."""
    joined: list[set[int]] = []
    for one in map(set, sets):
        apart = [other for other in joined if not other & one]
        joined = [*apart, one.union(*(other for other in joined if other & one))]
    return [tuple(sorted(one)) for one in joined]
