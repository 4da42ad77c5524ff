"""The verdict on several models: how many right answers each keeps, and which keep more."""

from collections.abc import Sequence

from genlabel_robust.core import plural
from genlabel_robust.reports.words.attacker import any_attacker, attacker
from genlabel_robust.reports.words.tally import Tally, tally
from genlabel_robust.runs.results.differences import Difference
from genlabel_robust.runs.results.results import Results
from genlabel_robust.runs.results.row import Row

#: So many strategies that differ alike are named over several data sets.
_MOST = 3


def compares(rows: Sequence[Row]) -> bool:
    """Say whether ``rows``, all of one ε, are of several models."""
    return len({row.group for row in rows}) > 1


def strategy_words(results: Results, row: Row) -> str:
    """Return " of mixup over 5 trainings"; nothing of an audited model."""
    if results.model is not None:
        return ""
    return f" of {row.strategy} over {plural(row.n_seeds, 'training')}"


def comparison(results: Results, rows: Sequence[Row]) -> tuple[str, str, str]:
    """Return who may do what to ``rows``, all of one ε, what it does, and who does better."""
    return *_sentence(results, rows), _means(results, rows)


def _sentence(results: Results, rows: Sequence[Row]) -> tuple[str, str]:
    several = len({row.dataset for row in rows}) > 1
    may = any_attacker(results, rows[0].eps) if several else attacker(results, rows[0])
    where = f"On {len({row.dataset for row in rows})} data sets, an" if several else "An"
    known = [(row, counts) for row in rows if (counts := tally(row)) is not None and counts.right]
    if not known:
        which = "model" if results.model is not None else "strategy"
        return "", f"It is not known what an attacker who may {may} does: no {which} has a number."
    ranked = sorted(known, key=lambda pair: pair[1].share)
    (least, fewest), (most, highest) = ranked[0], ranked[-1]
    ends = _share(fewest)
    if ends != _share(highest):
        ends = f"between {ends} ({_name(least, rows)}) and {_share(highest)} ({_name(most, rows)})"
    how = _how_known([counts for _, counts in known], len(rows))
    what = f"turns {ends} of the right answers into wrong ones{how}."
    return f"{where} attacker who may {may}", what


def _share(counts: Tally) -> str:
    """Return "13 %"; of a bracket "13 to 20 %"; "at least 13 %" where nothing is proved."""
    low = f"{100 * counts.share:.0f}"
    if counts.exact:
        return f"{low} %"
    if not counts.proves:
        return f"at least {low} %"
    high = f"{100 * counts.most / counts.right:.0f}"
    return f"{low} %" if low == high else f"{low} to {high} %"


def _name(row: Row, rows: Sequence[Row]) -> str:
    """Return what a row is called where it stands among ``rows``."""
    words = row.strategy
    if len({one.architecture for one in rows}) > 1:
        words += f", {row.architecture}"
    return f"{words}, on {row.dataset}" if len({one.dataset for one in rows}) > 1 else words


def _how_known(counts: Sequence[Tally], rows: int) -> str:
    exact, brackets = (sum(flags) for flags in zip(*map(_known, counts), strict=True))
    missing = rows - len(counts)
    without = f"; {plural(missing, 'model')} {'has' if missing == 1 else 'have'} no number"
    end = without if missing else ""
    if exact == len(counts):
        return f"; all of this is exact{end}"
    if not exact and not brackets:
        return f"; attacks did that, nothing is proved, so other attacks may turn more{end}"
    parts = [f"{exact} of {len(counts)} numbers are exact"] if exact else []
    parts += [f"{brackets} lie between two bounds"] if brackets else []
    rest = len(counts) - exact - brackets
    parts += [f"of {rest} nothing is proved"] if rest else []
    return f"; {', '.join(parts)}{end}"


def _known(counts: Tally) -> tuple[bool, bool]:
    return counts.exact, counts.proves and not counts.exact


def _means(results: Results, rows: Sequence[Row]) -> str:
    """Return which strategies keep more right answers than the first, as far as that is known."""
    chosen = _to_the_first(results, rows)
    if not chosen:
        return ""
    reference = chosen[0].reference
    if len({(one.dataset, one.architecture) for one in chosen}) > 1:
        return _over_tables(chosen, reference)
    best = max(chosen, key=lambda one: one.difference.value)
    value = best.difference
    if value.value <= 0:
        return f"No strategy keeps more answers right than {reference}, the first of the run."
    low, high = (f"{100 * end + 0.0:+.1f}".replace("-", "−") for end in (value.low, value.high))
    words = (
        f"{best.strategy} keeps most answers right, {100 * value.value:.1f} points more than "
        f"{reference} (95 % interval {low} to {high})"
    )
    if best.open:
        words += f", with {plural(best.open, 'answer')} of either not decided"
    if value.low > 0:
        picked = f"; it was picked among {len(chosen)} after the fact" if len(chosen) > 1 else ""
        return f"{words}: that is more than chance explains{picked}."
    return f"{words}: that may be chance."


def _to_the_first(results: Results, rows: Sequence[Row]) -> list[Difference]:
    """Return the differences in robust accuracy to the first strategy of the run."""
    first = rows[0].strategy
    return [
        one
        for one in results.differences
        if one.measure == "robust_accuracy" and one.eps == rows[0].eps and one.reference == first
    ]


def _over_tables(chosen: Sequence[Difference], reference: str) -> str:
    """Return which strategies keep more answers right on how many tables, and which fewer."""
    alike: dict[tuple[int, int, int], list[str]] = {}
    for strategy in dict.fromkeys(one.strategy for one in chosen):
        own = [one.difference for one in chosen if one.strategy == strategy]
        more, fewer = sum(one.low > 0 for one in own), sum(one.high < 0 for one in own)
        alike.setdefault((more, fewer, len(own)), []).append(strategy)
    # those that differ first, the best before the worst
    ranked = sorted(alike, key=lambda key: (key[:2] == (0, 0), key[1] - key[0]))
    where = "data sets" if len({one.architecture for one in chosen}) == 1 else "comparisons"
    parts = [_differ(alike[key], *key, where) for key in ranked]
    return f"Compared with {reference}, each by its own 95 % interval, {'; '.join(parts)}."


def _differ(strategies: Sequence[str], more: int, fewer: int, tables: int, where: str) -> str:
    """Return on how many of so many tables, called ``where``, strategies differ, and how."""
    one = len(strategies) == 1
    if len(strategies) > _MOST:
        names = f"{len(strategies)} strategies"
    else:
        *first, last = strategies
        names = f"{', '.join(first)} and {last}" if first else last
    if not more and not fewer:
        return f"{names} {'does' if one else 'do'} not differ on any"
    kept = [f"more answers right on {more}"] if more else []
    kept += [f"fewer on {fewer}" if more else f"fewer answers right on {fewer}"] if fewer else []
    return f"{names} {'keeps' if one else 'keep'} {' and '.join(kept)} of {tables} {where}"
