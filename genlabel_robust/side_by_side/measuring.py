"""The measures of a subject: each run's values, and their differences to the first run's."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from genlabel_robust.core import BoolArray
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.results.margins import margin_summary
from genlabel_robust.side_by_side.comparison import Difference, Measure, Turned, Value
from genlabel_robust.side_by_side.rates import (
    can_pair,
    certain,
    median_difference,
    rate_difference,
    states,
    turned,
)
from genlabel_robust.side_by_side.wide import why_wide
from genlabel_robust.statistics import Estimate, rate
from genlabel_robust.threat import ThreatModel

#: The method of a difference that is exactly 0, for any rows.
SAME_MODEL = "the same model"


@dataclass(frozen=True, eq=False)
class Side:
    """The model of one run.

    ``letter``: of the run. ``threat``: the attacker that it was attacked by. ``unpaired``: why
    its rows are not paired with the first run's, or None. ``same``: whether it is identical to
    the first run's model. ``alike``: whether it was also attacked in the same way.
    """

    letter: str
    panel: Panel
    threat: ThreatModel
    unpaired: str | None = None
    same: bool = False
    alike: bool = False

    @property
    def reason(self) -> str | None:
        """Why there are no results for the model, or None."""
        return self.panel.not_applicable

    def right(self, eps: float) -> BoolArray | None:
        """Mark the rows (S, n) that nothing broke at ``eps``; None if this is unknown."""
        if self.unknown(eps) is not None or self.panel.nearest is None:
            return None
        return self.panel.robust(self.panel.nearest, eps)

    def unknown(self, eps: float) -> str | None:
        """Return why robustness at ``eps`` is unknown, as a clause, or None if it is known."""
        if self.reason is not None:
            return self.reason
        if not any(_same_budget(one, eps) for one in self.threat.eps):
            return f"the run was not made at ε = {eps:g}"
        if self.panel.nearest is None:
            return "no attack of the suite can work on this model"
        if self.panel.untried(eps).any():
            return "a time budget left rows without an attack"
        return None


def measures(sides: Sequence[Side], level: float) -> Iterator[Measure]:
    """Yield clean accuracy, robust and certified accuracy at each ε, and margin of ``sides``.

    The first side is the reference of the differences. ``level``: of all intervals, a fraction.
    """
    known = {s.letter: None if s.reason else s.panel.clean for s in sides}
    values = {
        s.letter: Value(reason=s.reason) if s.reason else Value(rate(s.panel.clean, level))
        for s in sides
    }
    yield Measure("clean_accuracy", None, values, tuple(_of_rates(sides, known, level, None)))
    for eps in _budgets(sides):
        yield from _robust(sides, eps, level)
    yield margin_measure(sides, level)


def _budgets(sides: Sequence[Side]) -> list[float]:
    found: list[float] = []
    for side in sides:
        found += [e for e in side.threat.eps if not any(_same_budget(e, one) for one in found)]
    return sorted(found)


def _same_budget(one: float, other: float) -> bool:
    return abs(one - other) <= 1e-9 * other


def _robust(sides: Sequence[Side], eps: float, level: float) -> Iterator[Measure]:
    """Yield the robust accuracy at ``eps``, and the certified accuracy if it is different."""
    right = {s.letter: s.right(eps) for s in sides}
    sure = {s.letter: None if right[s.letter] is None else certain(s.panel, eps) for s in sides}
    exact = {
        letter: sure[letter] is not None and not (of & ~_known(sure[letter])).any()
        for letter, of in right.items()
        if of is not None
    }
    values = {
        s.letter: Value(reason=s.unknown(eps))
        if right[s.letter] is None
        else Value(rate(_known(right[s.letter]), level), exact=exact[s.letter])
        for s in sides
    }
    differences = [
        one
        if _all(exact, one) or _same(one)
        else replace(one, between=_between(one, right, sure, level))
        for one in _of_rates(sides, right, level, eps)
    ]
    yield Measure("robust_accuracy", eps, values, tuple(differences))
    if any(of is not None for of in sure.values()) and not all(exact.values()):
        proved = {
            s.letter: Value(reason=s.unknown(eps) or s.panel.unproved or "nothing is proved")
            if sure[s.letter] is None
            else Value(rate(_known(sure[s.letter]), level), exact=exact[s.letter])
            for s in sides
        }
        lower = tuple(_of_rates(sides, sure, level, eps))
        yield Measure("certified_accuracy", eps, proved, lower)


def _all(exact: Mapping[str, bool], one: Difference) -> bool:
    return exact.get(one.run, False) and exact.get(one.reference, False)


def _same(one: Difference) -> bool:
    return one.accuracy is not None and one.accuracy.method == SAME_MODEL


def _known(of: BoolArray | None) -> BoolArray:
    if of is None:
        raise ValueError("nothing is known")
    return of


def _between(
    one: Difference,
    right: Mapping[str, BoolArray | None],
    sure: Mapping[str, BoolArray | None],
    level: float,
) -> tuple[Estimate, Estimate] | None:
    """Return the lowest and the highest possible difference, given the open rows, or None."""
    now, before = right[one.run], right[one.reference]
    least, lowest = sure[one.run], sure[one.reference]
    if one.accuracy is None or now is None or before is None or least is None or lowest is None:
        return None
    # a row both proved and broken would be a bug of this package; here it counts as broken
    low = rate_difference(least & now, before, level, paired=one.paired)
    return low, rate_difference(now, lowest & before, level, paired=one.paired)


def _of_rates(
    sides: Sequence[Side],
    right: Mapping[str, BoolArray | None],
    level: float,
    eps: float | None,
) -> Iterator[Difference]:
    first, *others = sides
    for side in others:
        now, before = right[side.letter], right[first.letter]
        if now is None or before is None:
            missing = side.letter if now is None else first.letter
            yield Difference(
                side.letter, first.letter, False, reason=f"there is no number of {missing}"
            )
            continue
        reason = _unlike(side, first) if eps is not None else None
        if reason is not None:
            yield Difference(side.letter, first.letter, False, reason=reason)
            continue
        paired = side.unpaired is None and can_pair(side.panel, first.panel)
        wide = None
        if paired and side.same and (side.alike or eps is None) and np.array_equal(now, before):
            found = Estimate(0.0, 0.0, 0.0, level, SAME_MODEL, now.shape[1])
        else:
            found = rate_difference(now, before, level, paired=paired)
            wide = why_wide(now, before, found, paired=paired)
        changed = _turned(side, first, (now, before), eps) if side.unpaired is None else None
        yield Difference(side.letter, first.letter, paired, found, turned=changed, wide=wide)


def _turned(
    side: Side, first: Side, right: tuple[BoolArray, BoolArray], eps: float | None
) -> Turned:
    found = turned(side.panel, first.panel, right)
    if len(right[0]) != 1 or len(right[1]) != 1:
        return found
    went = zip(states(first.panel, eps), states(side.panel, eps), strict=True)
    counts = Counter(pair for pair in went if pair[0] != pair[1])
    return replace(found, states=tuple((a, b, n) for (a, b), n in sorted(counts.items())))


def _unlike(side: Side, first: Side) -> str | None:
    """Return why ε means different things for two attackers, as a clause, or None."""
    for name in ("norm", "unit"):
        one, other = getattr(first.threat, name), getattr(side.threat, name)
        if one != other:
            return f"ε is not the same thing: its {name} is {one} in one and {other} in the other"
    return None


def margin_measure(sides: Sequence[Side], level: float) -> Measure:
    """Return the median margins of ``sides``, and their differences to the first side's."""
    values, differences = {}, []
    for side in sides:
        found = None
        if side.reason is None and not any(
            side.panel.untried(eps).any() for eps in side.threat.eps
        ):
            found = margin_summary(side.panel, side.threat.norm, side.threat.eps, level)
        reason = None if found else side.unknown(side.threat.eps[-1]) or "it is not known"
        exact = None if found is None else found.kind == "exact"
        values[side.letter] = Value(margin=found, exact=exact, reason=reason)
    first, *others = sides
    for side in others:
        missing = [one.letter for one in (side, first) if values[one.letter].margin is None]
        reason = f"there is no number of {missing[0]}" if missing else _unlike(side, first)
        reason = reason or _one_seed(side, first)
        if reason is not None:
            differences.append(Difference(side.letter, first.letter, False, reason=reason))
            continue
        paired = side.unpaired is None
        by = median_difference(side.panel, first.panel, level, paired=paired)
        differences.append(
            Difference(
                side.letter, first.letter, paired, median=by.median, by=by.by, reason=by.reason
            )
        )
    return Measure("margin", None, values, tuple(differences))


def _one_seed(side: Side, first: Side) -> str | None:
    """Return why the margins of one training and of several are not compared, or None."""
    counts = len(side.panel.results), len(first.panel.results)
    if side.unpaired is None and min(counts) == 1 < max(counts):
        return "one training says nothing of how trainings differ"
    return None
