"""The table of results: its columns and cells for each model."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from genlabel_robust.reports.tables.table import (
    Cell,
    Column,
    Kind,
    Table,
    accuracy,
    distance,
)
from genlabel_robust.reports.words.audited_model import noun
from genlabel_robust.reports.words.decided import PROVED, has_proofs, is_exact, needs_exact
from genlabel_robust.runs.results.results import Results
from genlabel_robust.runs.results.row import Row

#: A column, and the function that returns its cell for a row.
Measure: TypeAlias = tuple[Column, Callable[[Row], Cell]]
#: The title of an accuracy, and the name of its field in a row.
Field: TypeAlias = tuple[str, str]

CLEAN, WORST, EXACT, MARGIN = "clean", "worst case", "exact", "median margin"
_EXACT: Field = (EXACT, "exact_robust_accuracy")
#: Outcome of an attack's examples -> why the attack has no accuracy of its own.
_WHY = {
    "not_applicable": "did not run",
    "skipped": "early stop",
    "out_of_time": "out of time",
}


def results_table(
    results: Results, rows: Sequence[Row], *, eps: bool = False, attacks: bool = True
) -> Table:
    """Return the table of ``rows``; ``eps``, ``attacks``: add columns for ε and for each attack."""
    chosen = results.attacks if attacks else ()
    return _table([*_of_whom(results, eps), *_measures(chosen, _lower(rows))], rows)


def one_model_table(results: Results, row: Row) -> Table:
    """Return the table of a single row; if it is exact, the exact accuracy is the headline."""
    lower, headline = ([_EXACT], EXACT) if is_exact(row) else (_lower([row]), WORST)
    # in an exact row, an attack that was not applicable does not matter
    useless = row.lacking if is_exact(row) else {}
    attacks = [name for name in results.attacks if name not in useless]
    measures = _measures(attacks, lower, headline)
    return _table([*_of_whom(results), *measures], [row])


def _of_whom(results: Results, eps: bool = False) -> Iterator[Measure]:
    yield Column(noun(results), "name"), lambda row: Cell(row.strategy)
    if eps:
        yield Column("ε"), lambda row: Cell(f"{row.eps:g}")


def _measures(
    attacks: Sequence[str], lower: Sequence[Field], headline: str = WORST
) -> Iterator[Measure]:
    """Yield the measures of a model; ``lower``: the fields that are lower bounds."""
    yield Column(CLEAN, "accuracy"), _accuracy("clean_accuracy")
    for attack in attacks:
        yield Column(attack, "attack"), _under(attack)
    for title, field in ((WORST, "robust_accuracy"), *lower):
        kind: Kind = "headline" if title == headline else "accuracy"
        yield Column(title, kind), _accuracy(field)
    yield Column(MARGIN, "distance"), lambda row: distance(row.margin)


def _lower(rows: Sequence[Row]) -> list[Field]:
    proved = [(PROVED, "certified_accuracy")] if has_proofs(rows) else []
    return proved + ([_EXACT] if needs_exact(rows) else [])


def _accuracy(field: str) -> Callable[[Row], Cell]:
    return lambda row: accuracy(getattr(row, field))


def _under(attack: str) -> Callable[[Row], Cell]:
    def cell(row: Row) -> Cell:
        counts = row.outcomes.get(attack, {})
        why = next((words for outcome, words in _WHY.items() if counts.get(outcome)), "")
        return accuracy(row.attacks[attack], why)

    return cell


def _table(measures: Sequence[Measure], rows: Sequence[Row]) -> Table:
    return Table(
        tuple(column for column, _ in measures),
        tuple(tuple(measured(row) for _, measured in measures) for row in rows),
    )
