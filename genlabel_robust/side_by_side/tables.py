"""The tables of a comparison, independent of the output format."""

from collections.abc import Callable, Iterator
from typing import Any

from genlabel_robust.core.files.writing import json_text
from genlabel_robust.reports.tables.table import (
    Cell,
    Column,
    Table,
    accuracy,
    difference,
    distance,
    table_of_text,
)
from genlabel_robust.reports.words.wording import NOT_AVAILABLE
from genlabel_robust.reports.words.wording import distance as distance_text
from genlabel_robust.side_by_side.comparison import (
    ComparedRun,
    ComparisonFigures,
    Difference,
    Measure,
    Setting,
    Subject,
    Value,
)
from genlabel_robust.statistics.paired_median import PairedMedian

#: The maximum number of row numbers in a table; the JSON has all.
_MOST_ROWS = 8
#: The maximum length of a setting's value in characters; longer ones are cut.
_LONGEST = 60


def runs_table(of: ComparisonFigures) -> Table:
    """Return a line for each run: letter, title and folder, finish time, suite and model."""
    columns = (Column("", "name"), "run", "finished", "suite", "model")
    rows = [
        (run.letter, run.name, finished(run), run.suite, run.model or "trained by the run")
        for run in of.runs
    ]
    return table_of_text(columns, rows)


def finished(run: ComparedRun) -> str:
    """Return the time at which a run finished, to the minute: "2026-11-26 19:54"."""
    return run.finished[:16].replace("T", " ")


def settings_table(of: ComparisonFigures) -> Table:
    """Return the settings that differ, with a column for each run."""
    titles = ["setting", "belongs to", *(run.letter for run in of.runs)]
    rows = [(one.name, one.part, *_setting_values(one, of)) for one in of.settings]
    return table_of_text([Column(titles[0], "name"), *titles[1:]], rows)


def _setting_values(one: Setting, of: ComparisonFigures) -> Iterator[str]:
    for run in of.runs:
        yield written(one.values.get(run.letter))


def written(value: Any) -> str:
    """Format the value of a setting in one line."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, str):
        text = value
    elif isinstance(value, list) and not any(isinstance(one, list | dict) for one in value):
        text = ", ".join(map(written, value)) or "none"
    else:
        text = " ".join(json_text(value).split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def subject_table(subject: Subject) -> Table:
    """Return the measures of a subject: differences to the first run, then each run's value.

    The differences come first, as a narrow screen cuts off later columns.
    """
    first, *others = subject.models
    columns = [Column("", "name")]
    columns += [Column(f"{letter} − {first}", "difference") for letter in others]
    columns += [Column(letter, "accuracy") for letter in subject.models]
    rows = []
    for one in subject.measures:
        cells = [Cell(measure_words(one))]
        cells += [_difference(found) for found in one.differences]
        cells += [_value(one, one.values[letter]) for letter in subject.models]
        rows.append(tuple(cells))
        if any(found.between is not None for found in one.differences):
            rows.append(_between(subject, one))
    return Table(tuple(columns), tuple(rows))


def _between(subject: Subject, one: Measure) -> tuple[Cell, ...]:
    """Return the line with the range of the true differences."""
    cells = [Cell(f"true difference at ε = {one.eps:g}, between")]
    for found in one.differences:
        if found.between is None:
            cells.append(Cell(""))
            continue
        low, high = found.between
        ends = f"{_points(low.low)} to {_points(high.high)}"
        cells.append(Cell(f"{_points(low.value)} to {_points(high.value)}", ends))
    return (*cells, *(Cell("") for _ in subject.models))


def turned_table(subject: Subject) -> Table | None:
    """Return the rows that changed between the first run and each other run, or None."""
    rows = [
        (f"{found.run}: {measure_words(one)}", *_turned(found))
        for found, one in _all(subject)
        if found.turned is not None and (found.turned.worse or found.turned.better)
    ]
    if not rows:
        return None
    columns = (Column("what", "name"), Column("worse"), "which", Column("better"), "which")
    return table_of_text(columns, rows)


def turned_lines(subject: Subject) -> Iterator[str]:
    """Yield the content of ``turned_table`` as sentences, which fit any terminal."""
    for found, one in _all(subject):
        worse, rows, better, others = _turned(found)
        if worse or better:
            words = f"{measure_words(one)}, rows of {found.run}: {worse} worse"
            words += f" ({rows})" if rows else ""
            yield f"{words}, {better} better" + (f" ({others})." if others else ".")


def _turned(found: Difference) -> tuple[str, str, str, str]:
    if found.turned is None:
        return "", "", "", ""
    worse, better = found.turned.worse, found.turned.better
    return str(len(worse)), _some(worse), str(len(better)), _some(better)


def changes(subject: Subject) -> Iterator[str]:
    """Yield a sentence per difference of single trainings: how the states of rows changed."""
    for found, one in _all(subject):
        if found.turned is not None and found.turned.states:
            went = ", ".join(f"{n} {a} → {b}" for a, b, n in found.turned.states)
            yield f"{measure_words(one)}, from {found.reference} to {found.run}: {went}."


def reasons(subject: Subject) -> Iterator[str]:
    """Yield each reason for missing values and differences once."""
    said: dict[str, None] = {}
    for one in subject.measures:
        for letter, value in one.values.items():
            if value.reason is not None:
                said[f"{measure_words(one)} of {letter}: {value.reason}."] = None
        for found in one.differences:
            missing = any(one.values[side].reason for side in (found.run, found.reference))
            if found.reason is not None and not missing:
                words = measure_words(one)
                said[f"{words}, {found.run} − {found.reference}: {found.reason}."] = None
    yield from said


def _all(subject: Subject) -> Iterator[tuple[Difference, Measure]]:
    for one in subject.measures:
        for found in one.differences:
            yield found, one


def measure_words(one: Measure) -> str:
    """Return the name of a measure for readers, with its ε if any."""
    exact = [value.exact for value in one.values.values() if value.exact is not None]
    if one.name == "clean_accuracy":
        return "clean"
    if one.name == "margin":
        return "median margin"
    if one.name == "certified_accuracy":
        return f"proved at ε = {one.eps:g}"
    kind = "robust, exact" if exact and all(exact) else "robust, at most"
    return f"{kind}, at ε = {one.eps:g}"


def _value(one: Measure, value: Value) -> Cell:
    if one.name == "margin":
        return distance(value.margin)
    return accuracy(value.accuracy, value.reason or "")


def _difference(found: Difference) -> Cell:
    if found.median is not None:
        return _distance_difference(found.median)
    return difference(found.accuracy) if found.accuracy else Cell(NOT_AVAILABLE)


def _distance_difference(found: PairedMedian) -> Cell:
    low, high = (
        f"{sign}∞" if end is None else _signed(end, distance_text)
        for sign, end in (("−", found["low"]), ("+", found["high"]))
    )
    return Cell(_signed(found["value"], distance_text), f"{low} to {high}")


def _signed(value: float, words: Callable[[float], str]) -> str:
    said = words(abs(value))
    if not float(said):
        return said
    return f"{'−' if value < 0 else '+'}{said}"


def _points(value: float) -> str:
    return f"{100 * value:+.1f}".replace("-", "−")


def _some(rows: tuple[int, ...]) -> str:
    listed = ", ".join(map(str, rows[:_MOST_ROWS]))
    return listed + (f" and {len(rows) - _MOST_ROWS} more" if len(rows) > _MOST_ROWS else "")
