"""The sentences of a comparison that the page and the text share."""

from collections.abc import Iterator

from genlabel_robust.core import plural
from genlabel_robust.side_by_side.comparison import ComparisonFigures, Subject


def heading(subject: Subject) -> str:
    """Return the title of a subject: its data set, and the model if all runs name it the same."""
    names = {f"{one.strategy} ({one.architecture})" for one in subject.models.values()}
    return f"{subject.dataset} · {next(iter(names))}" if len(names) == 1 else subject.dataset


def about(subject: Subject) -> Iterator[str]:
    """Yield sentences on each run's model in a subject, and whether its rows are paired."""
    first = next(iter(subject.models))
    named = len({(one.strategy, one.architecture) for one in subject.models.values()}) > 1
    for letter, one in subject.models.items():
        what = f"{one.strategy} ({one.architecture}), " if named else ""
        rows = f"{letter}: {what}{plural(one.n_examples, 'test row')}"
        rows += f", {plural(one.n_seeds, 'training seed')}" if one.n_seeds > 1 else ""
        if letter != first:
            rows += _pairing(first, one.unpaired)
            rows += f", and the same model as {first}" if one.same else ""
        yield f"{rows}."


def _pairing(first: str, unpaired: str | None) -> str:
    if unpaired is not None:
        return f", not paired with those of {first} ({unpaired})"
    return f", the same rows as {first}, so differences are paired"


def explanation(of: ComparisonFigures) -> str:
    """Return a paragraph on how to read the numbers."""
    level = f"{100 * of.level:g}"
    said = (
        "Accuracies in percent, differences in percentage points; margins in the unit of ε. "
        f"Intervals are of {level} % each. “At most”: attacks, proofs and changes of one feature "
        "found no adversarial example, but another attack may. “Proved”: nothing within the "
        "attacker’s reach changes the label. The true difference lies between the two ends that "
        "are stated, whatever became of the rows that are neither proved nor broken. "
        "Worse: rows that the first run classifies correctly and the other does not; better: the "
        "reverse; of several seeds, rows that fewer or more seeds classify correctly. For paired "
        "rows, the difference of margins is the median of the rows’ own differences."
    )
    if any(
        value.margin is not None and value.exact is False
        for subject in of.subjects
        for one in subject.measures
        for value in one.values.values()
    ):
        said += (
            " Where margins are not exact on both sides, their difference is computed from the "
            "nearest points that attacks found."
        )
    return (
        f"{said} The gate decides whether a difference is allowed; this only shows it. The files "
        "of each run fit each other; no model was asked again, which `verify RUN` does."
    )
