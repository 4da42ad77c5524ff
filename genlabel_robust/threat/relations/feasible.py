"""Check that some row can satisfy the relations, and which of them contradict each other."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, combinations

import numpy as np

from genlabel_robust.core import FloatArray, RelationError, shown
from genlabel_robust.threat.relation_text.refusal import refusal
from genlabel_robust.threat.relations.bind import Relation
from genlabel_robust.threat.relations.bound import Relations
from genlabel_robust.threat.relations.linear import Limit, Linear, Lookup
from genlabel_robust.threat.relations.program import Option, Program, Row

#: The margin of strict comparisons and the tolerance of others, as shares of the form's size.
_STRICTLY, _SLACK = 1e-5, 1e-7
_NODES = 2_000
#: How many relations are checked in pairs.
_PAIRS = 30


def refuse_impossible(
    relations: Relations,
    rows: FloatArray,
    low: FloatArray,
    high: FloatArray,
    whole: Sequence[int],
    groups: Sequence[Sequence[int]],
) -> None:
    """Raise ``RelationError`` if no row between ``low`` and ``high`` satisfies ``relations``.

    All arguments are in raw units, ``low`` and ``high`` (d,). ``rows`` (n, d): the reference rows;
    ``whole``, ``groups``: the integer columns and the one-hot groups. Rows with missing values are
    not considered: a missing value satisfies every relation.
    """
    inside = ((rows >= low) & (rows <= high)).all(axis=1)
    if not relations or (inside & relations.met(rows).all(axis=1)).any():
        return
    box = _Box(low, high, whole, groups)
    every = relations.relations
    if box.holds(every):
        return
    for relation in every:
        if not box.holds([relation]):
            raise refusal(
                relation.text,
                "cannot be met by any row in the box, which has the ranges of the reference rows "
                "or the bounds of the threat; correct the relation, or give low and high",
            )
    for one, other in combinations(every[:_PAIRS], 2):
        if not box.holds([one, other]):
            raise RelationError(
                f"relations {shown(one.text)} and {shown(other.text)} contradict each other: no "
                "row within the box of the features meets both; correct one of them",
                other.text,
            )
    raise RelationError(
        f"the {len(every)} relations contradict each other: no row within the box of the features "
        "meets all of them; leave some out to find which",
        every[-1].text,
    )


class _Box:
    """The rows between ``low`` and ``high`` (d,), with a choice among the codes of categories."""

    def __init__(
        self,
        low: FloatArray,
        high: FloatArray,
        whole: Sequence[int],
        groups: Sequence[Sequence[int]],
    ) -> None:
        self._low, self._high, self._whole, self._groups = low, high, whole, groups

    def holds(self, relations: Sequence[Relation]) -> bool:
        """Return whether some row satisfies all ``relations``; True if that is unknown."""
        ways = [relation.ways[: len(relation.ways) - relation.gone] for relation in relations]
        codes: dict[int, tuple[float, ...]] = {}
        for limit in chain.from_iterable(chain.from_iterable(ways)):
            for _, lookup in limit.form.lookups:
                if {*codes.setdefault(lookup.column, lookup.keys)} != {*lookup.keys}:
                    return True  # a table has no entry for some codes
        places, count = {}, len(self._low)
        for column, keys in codes.items():
            places[column] = {key: count + i for i, key in enumerate(keys)}
            count += len(keys)
        program = self._program(count)
        for own in places.values():
            at = np.array([*own.values()])
            program.add(Row(at, np.ones(len(at)), 1.0, 1.0))
        for of_one in ways:
            program.one_of([self._option(way, places, program) for way in of_one])
        return program.solve(np.zeros(count), _NODES).bound < np.inf

    def _program(self, count: int) -> Program:
        more = count - len(self._low)
        whole = np.zeros(count, dtype=bool)
        low, high = np.append(self._low, np.zeros(more)), np.append(self._high, np.ones(more))
        at = [i for i in self._whole if float(low[i]).is_integer() and float(high[i]).is_integer()]
        whole[at], whole[len(self._low) :] = True, True
        for group in self._groups:
            whole[list(group)], low[list(group)], high[list(group)] = True, 0.0, 1.0
        program = Program(low, high, whole)
        for group in self._groups:
            program.add(Row(np.array(group), np.ones(len(group)), 1.0, 1.0))
        return program

    def _option(
        self,
        way: Sequence[Limit],
        places: dict[int, dict[float, int]],
        program: Program,
    ) -> Option:
        rows = []
        for limit in way:
            at, weights = _terms(limit.form, places)
            edge = np.maximum(np.abs(program.low), np.abs(program.high))[at]
            size = max(float(np.abs(weights) @ edge), abs(limit.form.constant), 1e-300)
            strict, slack = -_STRICTLY * size, _SLACK * size
            most = {"<=": slack, "<": strict, "==": slack}.get(limit.kind, np.inf)
            least = {">=": -slack, ">": -strict, "==": -slack}.get(limit.kind, -np.inf)
            rows.append(Row(at, weights, least - limit.form.constant, most - limit.form.constant))
        return rows


def _terms(form: Linear, places: dict[int, dict[float, int]]) -> tuple[np.ndarray, np.ndarray]:
    terms: dict[int, float] = dict(form.weights)
    for weight, lookup in form.lookups:
        for key, value in _entries(lookup):
            place = places[lookup.column][key]
            terms[place] = terms.get(place, 0.0) + weight * value
    return np.array([*terms], dtype=np.int64), np.array([*terms.values()])


def _entries(lookup: Lookup) -> list[tuple[float, float]]:
    return [*zip(lookup.keys, lookup.values, strict=True)]
