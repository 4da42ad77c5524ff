"""The verdict on several models: the accuracy of each under attack, and which keep more.

All numbers are accuracies, fractions of all predictions.
"""

from collections.abc import Sequence

from genlabel_robust.core import plural
from genlabel_robust.reports.words.answer.attacker import any_attacker, attacker
from genlabel_robust.reports.words.answer.tally import Tally, tally
from genlabel_robust.reports.words.wording import points_and_interval
from genlabel_robust.runs.results.differences import Difference
from genlabel_robust.runs.results.results import Results
from genlabel_robust.runs.results.row import Row

#: The maximum number of strategies with equal results to name over several data sets.
_MOST = 3


def compares(rows: Sequence[Row]) -> bool:
    """Return whether ``rows``, all with the same ε, are about several models."""
    return len({row.group for row in rows}) > 1


def strategy_words(results: Results, row: Row) -> str:
    """Return " of mixup over 5 trainings", or "" for an audited model."""
    if results.model is not None:
        return ""
    return f" of {row.strategy} over {plural(row.n_seeds, 'training')}"


def comparison(results: Results, rows: Sequence[Row]) -> tuple[str, str, str]:
    """Return three sentences on ``rows``, all with the same ε: attacker, effect and comparison."""
    return *_sentence(results, rows), _means(results, rows)


def _sentence(results: Results, rows: Sequence[Row]) -> tuple[str, str]:
    several = len({row.dataset for row in rows}) > 1
    may = any_attacker(results, rows[0].eps) if several else attacker(results, rows[0])
    where = f"On {len({row.dataset for row in rows})} data sets, an" if several else "An"
    known = [(row, counts) for row in rows if (counts := tally(row)) is not None]
    if not known:
        which = "model" if results.model is not None else "strategy"
        return "", f"It is not known what an attacker who may {may} does: no {which} has a number."
    what = f"leaves {_left(known, rows)}; {_how_known([counts for _, counts in known], len(rows))}."
    return f"{where} attacker who may {may}", what


def _left(known: Sequence[tuple[Row, Tally]], rows: Sequence[Row]) -> str:
    """Return "vanilla with an accuracy of 27 %, the lowest of 4, and mixup with 29 %"."""
    ranked = sorted(known, key=lambda pair: pair[1].accuracy)
    (least, fewest), (most, highest) = ranked[0], ranked[-1]
    what = "strategies" if len({row.strategy for row in rows}) == len(rows) else "results"
    if len(known) == 1:
        return f"{_name(least, rows)} with an accuracy of {_accuracy(fewest)}"
    if _accuracy(fewest) == _accuracy(highest):
        all_of = "both" if len(known) == 2 else f"all {len(known)}"
        return f"{all_of} {what} with an accuracy of {_accuracy(highest)}"
    ends = (f", the lowest of {len(known)} {what},", ", the highest")
    below, above = ends if len(known) > 2 else ("", "")
    return (
        f"{_name(least, rows)} with an accuracy of {_accuracy(fewest)}{below} and "
        f"{_name(most, rows)} with {_accuracy(highest)}{above}"
    )


def _accuracy(counts: Tally) -> str:
    """Return "26.7 %", "20.1 to 26.7 %" for a bracket, or "at most 26.7 %" without proofs."""
    high = f"{100 * counts.accuracy:.1f}"
    if counts.exact:
        return f"{high} %"
    if not counts.proves:
        return f"at most {high} %"
    low = f"{100 * (counts.right - counts.most) / counts.answers:.1f}"
    return f"{high} %" if low == high else f"{low} to {high} %"


def _name(row: Row, rows: Sequence[Row]) -> str:
    """Return the name of a row that distinguishes it among ``rows``."""
    words = row.strategy
    if len({one.architecture for one in rows}) > 1:
        words += f" ({row.architecture})"
    return f"{words} on {row.dataset}" if len({one.dataset for one in rows}) > 1 else words


def _how_known(counts: Sequence[Tally], rows: int) -> str:
    """Return a clause on how exact the accuracies are, and how many are missing."""
    exact = sum(one.exact for one in counts)
    brackets = sum(one.proves for one in counts) - exact
    rest, missing = len(counts) - exact - brackets, rows - len(counts)
    end = f"; there is no number for {missing} of {rows}" if missing else ""
    if exact == len(counts):
        all_of = {1: "this is", 2: "both are"}.get(exact, f"all {exact} are")
        return f"{all_of} exact{end}"
    if rest == len(counts):
        return f"nothing is proved, so another attack may leave less{end}"
    parts = [f"{exact} of {len(counts)} {_are(exact)} exact"] if exact else []
    if brackets:
        # two models are not ranked
        ranked = f" and {_are(brackets)} ranked by the upper one" if len(counts) > 2 else ""
        lie = "lies" if brackets == 1 else "lie"
        all_of = str(brackets)
        if brackets == len(counts) > 1:
            all_of = "both" if brackets == 2 else f"all {brackets}"
        parts.append(f"{all_of} {lie} between two bounds{ranked}")
    parts += [f"nothing is proved for {rest}"] if rest else []
    return f"{', '.join(parts)}{end}"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _means(results: Results, rows: Sequence[Row]) -> str:
    """Return the sentence on which strategies are more robust than the first one."""
    chosen = _to_the_first(results, rows)
    if not chosen:
        return ""
    reference = chosen[0].reference
    if len({(one.dataset, one.architecture) for one in chosen}) > 1:
        return _over_tables(chosen, reference)
    best = max(chosen, key=lambda one: one.difference.value)
    value, others = best.difference, len(chosen) - 1
    if others and value.value <= 0:
        return f"No other strategy keeps more answers right than {reference}."
    ends = points_and_interval(value)[1].strip("()")
    size = f"{100 * abs(value.value):.1f} points"
    counted = f"; {plural(best.open, 'undecided answer')} counted as right" if best.open else ""
    interval = f"(95 % interval {ends}{counted})"
    if not value.value:
        return f"{best.strategy} and {reference} have the same accuracy {interval}."
    if others:
        words = f"{best.strategy} keeps the most right answers: its accuracy is {size} higher"
    else:
        words = (
            f"The accuracy of {best.strategy} is {size} {'lower' if value.value < 0 else 'higher'}"
        )
    words += f" than that of {reference} {interval}"
    if value.low <= 0 <= value.high:
        return f"{words}, which may be chance."
    picked = f", though it was picked as the best of {len(chosen)}" if others else ""
    return f"{words}, more than chance explains{picked}."


def _to_the_first(results: Results, rows: Sequence[Row]) -> list[Difference]:
    """Return the differences in robust accuracy to the first strategy of the run."""
    first = rows[0].strategy
    return [
        one
        for one in results.differences
        if one.measure == "robust_accuracy" and one.eps == rows[0].eps and one.reference == first
    ]


def _over_tables(chosen: Sequence[Difference], reference: str) -> str:
    """Return the sentence on how many tables each strategy is more or less robust."""
    alike: dict[tuple[int, int, int], list[str]] = {}
    for strategy in dict.fromkeys(one.strategy for one in chosen):
        own = [one.difference for one in chosen if one.strategy == strategy]
        more, fewer = sum(one.low > 0 for one in own), sum(one.high < 0 for one in own)
        alike.setdefault((more, fewer, len(own)), []).append(strategy)
    # strategies with differences first, from best to worst
    ranked = sorted(alike, key=lambda key: (key[:2] == (0, 0), key[1] - key[0]))
    where = "data sets" if len({one.architecture for one in chosen}) == 1 else "comparisons"
    parts = [_differ(alike[key], *key, where) for key in ranked]
    clearly = "clearly: the 95 % interval of the difference, taken alone, leaves out 0"
    counted = "; undecided answers count as right" if any(one.open for one in chosen) else ""
    return f"Compared with {reference}, {'; '.join(parts)} ({clearly}{counted})."


def _differ(strategies: Sequence[str], more: int, fewer: int, tables: int, where: str) -> str:
    """Return a clause on how many of ``tables``, called ``where``, strategies differ, and how."""
    one = len(strategies) == 1
    if len(strategies) > _MOST:
        names = f"{len(strategies)} strategies"
    else:
        *first, last = strategies
        names = f"{', '.join(first)} and {last}" if first else last
    if not more and not fewer:
        return f"{names} {'does' if one else 'do'} not differ clearly on any"
    kept = [f"clearly more answers right on {more}"] if more else []
    kept += [f"clearly {'fewer' if more else 'fewer answers right'} on {fewer}"] if fewer else []
    return f"{names} {'keeps' if one else 'keep'} {' and '.join(kept)} of {tables} {where}"
