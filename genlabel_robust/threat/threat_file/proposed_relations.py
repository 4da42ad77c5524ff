"""Relations that hold on all available rows, as guesses for a draft of a threat file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, permutations

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray
from genlabel_robust.threat.relation_text.tokens import WORDS
from genlabel_robust.threat.relations.dependence import MOST_VALUES
from genlabel_robust.threat.relations.linear import EQUAL

#: The most columns that are searched, the most that are searched for sums of three, and the most
#: relations of each kind.
COLUMNS, _OF_THREE, EACH = 60, 16, 10
#: The least number of rows that support a relation: in all, for each value of a table, and at the
#: limit of an order with a constant.
_ROWS, _A_VALUE, _AT_LIMIT = 20, 5, 5
#: How many rows sums are tried on first.
_SAMPLE = 8


@dataclass(frozen=True, eq=False)
class Values:
    """The values (n,) of a column, NaN if missing; ``category``: whether they are level codes."""

    numbers: FloatArray
    category: bool = False


@dataclass(frozen=True)
class Proposal:
    """A relation's ``text`` and the number of rows with all values; ``sure``: not just an order."""

    text: str
    rows: int
    sure: bool
    more: str = ""


def proposals(columns: Mapping[str, Values]) -> list[Proposal]:
    """Return relations that hold on all rows of ``columns``, at most ``EACH`` of each kind.

    The kinds are integer multiples, sums of two and three, tables and orders, among the first
    ``COLUMNS`` columns that are not constant.
    """
    chosen = {
        name: values
        for name, values in columns.items()
        if "`" not in name and len(np.unique(values.numbers[~np.isnan(values.numbers)])) > 1
    }
    chosen = dict([*chosen.items()][:COLUMNS])
    numbers = {name: one.numbers for name, one in chosen.items() if not one.category}
    found: list[Proposal] = []
    kinds = (_multiples(numbers), _sums(numbers), _tables(chosen, numbers), _orders(numbers))
    for kind in kinds:
        found += [proposal for proposal, _ in zip(kind, range(EACH), strict=False)]
    return found


def proposed_lines(columns: Mapping[str, Values]) -> str:
    """Return the lines of a threat file that propose relations between ``columns``."""
    found = proposals(columns)
    text = (
        "# Relations that hold on all rows where no value is missing. They were guessed from the\n"
        "# data, and only you know which ones an attacker must keep to: delete those that hold by\n"
        "# chance, and remove the # before an order that must hold. The search covered whole\n"
        "# multiples, sums of two and three columns, tables and orders, at most\n"
        f"# {EACH} of each, among the first {COLUMNS} columns.\n"
    )
    if not found:
        return f"{text}# It found none.\nrelations = []\n\n"
    text += "relations = [\n"
    for one in found:
        quoted = '"' + one.text.replace("\\", "\\\\").replace('"', '\\"') + '"'
        mark = "" if one.sure else "# "
        text += f"    {mark}{quoted},  # {one.rows:,} rows{one.more}\n"
    return text + "]\n\n"


def _both(*columns: FloatArray) -> BoolArray:
    """Mark the rows (n,) in which no value is missing."""
    return np.asarray(~np.isnan(np.stack(columns)).any(axis=0))


def _same(left: FloatArray, right: FloatArray) -> BoolArray:
    near = EQUAL * np.maximum(np.abs(left), np.abs(right))
    return np.asarray(np.abs(left - right) <= near)


def _multiples(numbers: Mapping[str, FloatArray]) -> Iterator[Proposal]:
    for (a, x), (b, y) in permutations(numbers.items(), 2):
        rows = _both(x, y)
        some = rows & (x != 0)
        if rows.sum() < _ROWS or not some.any():
            continue
        factor = y[some][0] / x[some][0]
        once = factor == 1 and [*numbers].index(a) < [*numbers].index(b)
        if not (once or (factor > 1 and factor == np.rint(factor))):
            continue
        if _same(factor * x[rows], y[rows]).all() and len(np.unique(x[rows])) > 1:
            left = _name(a) if factor == 1 else f"{factor:.0f} * {_name(a)}"
            yield Proposal(f"{left} == {_name(b)}", int(rows.sum()), sure=True)


def _sums(numbers: Mapping[str, FloatArray]) -> Iterator[Proposal]:
    for count, among in ((2, COLUMNS), (3, _OF_THREE)):
        names = [*numbers][:among]
        if len(names) <= count:
            continue
        table = np.stack([numbers[name] for name in names])
        groups = np.array([*combinations(range(len(names)), count)])
        sample = np.linspace(0, table.shape[1] - 1, _SAMPLE).astype(int)
        parts, totals = table[groups][..., sample].sum(axis=1), table[:, sample]
        # a column that is missing in the sample may still be the sum
        apart = ~_same(parts[:, None], totals) & ~np.isnan(parts[:, None] + totals)
        for group, total in zip(*np.nonzero(~apart.any(axis=2)), strict=True):
            members, whole = groups[group], table[groups[group]].sum(axis=0)
            rows = _both(whole, table[total])
            zero = (table[members][:, rows] == 0).all(axis=1).any()
            if total in members or rows.sum() < _ROWS or zero:
                continue
            if _same(whole[rows], table[total][rows]).all():
                text = " + ".join(_name(names[i]) for i in members)
                yield Proposal(f"{text} == {_name(names[total])}", int(rows.sum()), sure=True)


def _multiple(one: FloatArray, other: FloatArray) -> bool:
    """Return whether one column is a constant multiple of the other: no table is needed then."""
    rows = _both(one, other)
    some = rows & (one != 0)
    if not some.any():
        return False
    factor = other[some][0] / one[some][0]
    return bool(_same(factor * one[rows], other[rows]).all())


def _tables(columns: Mapping[str, Values], numbers: Mapping[str, FloatArray]) -> Iterator[Proposal]:
    known: set[tuple[str, str]] = set()
    for (a, source), (b, target) in permutations(columns.items(), 2):
        if (b, a) in known:
            continue  # one column determines the other, or more
        if a in numbers and b in numbers and _multiple(numbers[a], numbers[b]):
            continue
        rows = _both(source.numbers, target.numbers)
        keys, place = np.unique(source.numbers[rows], return_inverse=True)
        if not 1 < len(keys) <= MOST_VALUES or rows.sum() < max(_ROWS, _A_VALUE * len(keys)):
            continue
        values = target.numbers[rows]
        first = np.full(len(keys), np.nan)
        first[place[::-1]] = values[::-1]
        if (first[place] == values).all() and len(np.unique(values)) > 1:
            known.add((a, b))
            more = f", {len(keys)} values"
            yield Proposal(f"{_name(b)} == table({_name(a)})", int(rows.sum()), True, more)


def _orders(numbers: Mapping[str, FloatArray]) -> Iterator[Proposal]:
    """Yield orders between columns with overlapping ranges, the tightest first."""
    found = []
    for (a, x), (b, y) in permutations(numbers.items(), 2):
        rows = _both(x, y)
        if rows.sum() < _ROWS:
            continue
        gap = y[rows] - x[rows]
        least = float(gap.min())
        at_limit = int((gap == least).sum())
        spread = max(float(np.ptp(x[rows])), float(np.ptp(y[rows])))
        if x[rows].max() <= y[rows].min() or (gap == least).all():
            continue
        share = least / spread if spread else 0.0
        if least >= 0 and not (least == np.rint(least) > 0 and at_limit >= _AT_LIMIT):
            at_limit, least = int((gap == 0).sum()), 0.0
        elif least < 0:
            continue
        right = _name(b) if least == 0 else f"{_name(b)} - {least:.0f}"
        more = f", {at_limit:,} of them at the limit"
        proposal = Proposal(f"{_name(a)} <= {right}", int(rows.sum()), False, more)
        found.append((-at_limit, share, proposal))
    yield from (proposal for _, _, proposal in sorted(found, key=lambda one: one[:2]))


def _name(name: str) -> str:
    plain = re.fullmatch(r"[^\W\d]\w*(?:\.\w+)*", name) and name.lower() not in WORDS
    return name if plain else f"`{name}`"
