"""Sentences on single features, and on how few features suffice."""

from collections.abc import Iterable, Iterator

from genlabel_robust.core import plain, plural
from genlabel_robust.runs.results.few_features import FewFeaturesRow, SingleColumn
from genlabel_robust.runs.results.row import Row

EXPLANATION = (
    "Only answers that are right on the untouched rows count here. A count is exact where every "
    "value that the feature can take was tried, or was proved to change nothing; elsewhere a grid "
    "of values was tried, and more answers may break than were found. To find how few features "
    "suffice, every change that an adversarial example does not need is undone, and the model is "
    "asked again; of several examples of a row, the one that changes the fewest features counts."
)
_WAYS = {"up": "upward", "down": "downward", "missing": "made missing"}


def answers(row: Row) -> list[str]:
    """Return the sentences on few features at the ε of ``row``; empty for older runs."""
    found = row.few_features
    if found is None or not found.columns:
        return []
    return [_single(found, row), *_few(found), *_left_out(found)]


def distinct(rows: Iterable[Row]) -> Iterator[tuple[Row, list[str]]]:
    """Yield the rows that have sentences on few features, with these sentences."""
    for row in rows:
        said = answers(row)
        if said:
            yield row, said


def known(one: SingleColumn) -> str:
    """Return "exact", or how many predictions are undecided: "3 not known"."""
    return "exact" if one.exact else f"{one.open} not known"


def way(one: SingleColumn) -> str:
    """Return the direction of most changes of a column that break rows, and the next one if any."""
    ways = sorted(one.toward.items(), key=lambda pair: (-pair[1], pair[0]))
    said = [_WAYS.get(name, plain(name)) for name, _ in ways[:2]]
    if len(ways) == 1:
        return said[0]
    counts = [f"{name} {count}" for name, (_, count) in zip(said, ways, strict=False)]
    more = len(ways) - 2
    return ", ".join([*counts, *([f"{more} other ways"] if more > 0 else [])])


def size(value: float | None) -> str:
    """Format a change in raw units; "" for None."""
    return "" if value is None else f"{value:.4g}"


def _single(found: FewFeaturesRow, row: Row) -> str:
    rows = f"{found.correct} correct {'rows' if row.n_seeds == 1 else 'answers'}"
    rows += "" if row.n_seeds == 1 else f" over {row.n_seeds} seeds"
    worst = found.worst
    if worst is None:
        if found.exact:
            return f"No feature alone breaks any of {rows}."
        return (
            f"No feature alone was found to break any of {rows}; for {found.open} of them this is "
            "not known."
        )
    least = "" if found.exact else "at least "
    share = f" ({100 * found.broken / found.correct:.0f} %)"
    said = f"One feature alone breaks {least}{found.broken} of {rows}{share}"
    said += f": {plain(worst.name)} ({way(worst)})"
    if worst.broken < found.broken:
        said += f" breaks {worst.broken}"
    if worst.median is not None:
        said += f", by a median change of {size(worst.median)}"
    return (
        f"{said}."
        if found.exact
        else f"{said}; for {plural(found.open, 'other')} this is not known."
    )


def _few(found: FewFeaturesRow) -> Iterator[str]:
    counts = [(int(number), count) for number, count in found.fewest.items()]
    if not counts:
        return
    parts = [f"{plural(number, 'feature')} ({count})" for number, count in counts[:3]]
    more = sum(count for _, count in counts[3:])
    parts += [f"more ({more})"] if more else []
    *first, last = parts
    listed = f"{', '.join(first)} or {last}" if first else last
    total = sum(count for _, count in counts)
    verb = "changes" if total == 1 else "change"
    examples = f"{plural(total, 'adversarial example')} still {verb}"
    of = "" if found.least == total else f" for {found.least} of them"
    yield (
        f"After every unneeded change is undone, {examples} {listed};{of} fewer features "
        "cannot suffice."
    )


def _left_out(found: FewFeaturesRow) -> Iterator[str]:
    if found.left_out:
        yield (
            f"{plural(found.left_out, 'answer')} were left out of the search of single features: "
            "it would have taken too many questions to the model."
        )
