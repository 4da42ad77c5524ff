"""What is said of single features, and of how few suffice."""

from collections.abc import Iterable, Iterator

from genlabel_robust.core import plain, plural
from genlabel_robust.runs.results.few_features import FewFeaturesRow, SingleColumn
from genlabel_robust.runs.results.row import Row

EXPLANATION = (
    "Counted are answers that are right on the untouched rows. A count is exact where every value "
    "that the feature can take was listed, or proved to change nothing; elsewhere values of a grid "
    "were tried, and more answers may fall than were found. A sparsest example is what is left of "
    "an adversarial example once every change that it does not need is given back: of what was "
    "found, the one that changes the fewest features. The model was asked again about each of them."
)
_WAYS = {"up": "upward", "down": "downward", "missing": "made missing"}


def answers(row: Row) -> list[str]:
    """Return what is said of few features at the ε of ``row``, the answer first; none of older."""
    found = row.few_features
    if found is None or not found.columns:
        return []
    return [_single(found, row), *_few(found), *_left_out(found)]


def distinct(rows: Iterable[Row]) -> Iterator[tuple[Row, list[str]]]:
    """Yield the rows of which something is known of few features, each with what is said."""
    for row in rows:
        said = answers(row)
        if said:
            yield row, said


def known(one: SingleColumn) -> str:
    """Return "exact", or of how many answers it is not known."""
    return "exact" if one.exact else f"found; {one.open} not known"


def way(one: SingleColumn) -> str:
    """Return which way most of the answers of a column fall, and of several the next one too."""
    ways = sorted(one.toward.items(), key=lambda pair: (-pair[1], pair[0]))
    said = [_WAYS.get(name, plain(name)) for name, _ in ways[:2]]
    if len(ways) == 1:
        return said[0]
    counts = [f"{name} {count}" for name, (_, count) in zip(said, ways, strict=False)]
    more = len(ways) - 2
    return ", ".join([*counts, *([f"{more} other ways"] if more > 0 else [])])


def size(value: float | None) -> str:
    """Return a change in raw units; nothing where there is none."""
    return "" if value is None else f"{value:.4g}"


def _single(found: FewFeaturesRow, row: Row) -> str:
    rows = f"{found.correct} correct {'rows' if row.n_seeds == 1 else 'answers'}"
    rows += "" if row.n_seeds == 1 else f" over {row.n_seeds} seeds"
    worst = found.worst
    if worst is None:
        if found.exact:
            return f"No feature alone breaks any of {rows}."
        return (
            f"No feature alone was found to break any of {rows}; of {found.open} it is not known."
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
    parts = [f"{plural(number, 'feature')} for {count}" for number, count in counts[:3]]
    more = sum(count for _, count in counts[3:])
    parts += [f"more for {more}"] if more else []
    total = sum(count for _, count in counts)
    said = f"The sparsest examples that were found change {', '.join(parts)}"
    if found.least < total:
        said += f"; for {found.least} of these {total} no fewer can suffice"
    else:
        said += "; no fewer can suffice"
    yield f"{said}."


def _left_out(found: FewFeaturesRow) -> Iterator[str]:
    if found.left_out:
        yield (
            f"{plural(found.left_out, 'answer')} were left out of the search of single features: "
            "it would have taken too many questions to the model."
        )
