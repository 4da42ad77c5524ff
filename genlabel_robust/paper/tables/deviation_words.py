"""The report's paragraphs on cells that are far from the published ones."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from genlabel_robust.paper.protocol import TRIALS
from genlabel_robust.paper.tables.noise import LEVEL
from genlabel_robust.paper.tables.table import FAR, percent, points


def far_lines(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield an introduction about noise, and a paragraph about each cell that is far off."""
    far = [row for row in rows if row.get("deviation")]
    if not far:
        return
    yield (
        f"Cells that differ by more than {100 * FAR:g} points, and the reason found. *More than "
        f"noise* means: further away than chance alone puts {100 * LEVEL:g} of 100 cells, given "
        "the spread of the published trials, of the trials here and, where an attack is measured, "
        "of what the attack adds to the exact value. So chance alone gets about "
        f"{100 - 100 * LEVEL:g} of 100 cells called so."
    )
    yield ""
    for row in far:
        yield f"- **{row['dataset']}, {row['strategy']}**: {_reason(row)}"
    yield ""


def _reason(row: Mapping[str, Any]) -> str:
    found, n, attacked = row["deviation"], row["n_examples"], "exact_trials" in row
    decisions = round(abs(row["difference"]) * n * TRIALS)
    text = (
        f"published {percent(row['published'])}, here {percent(row['measured'])} "
        f"({points(row['difference'])}; {decisions} of the {n * TRIALS} decisions of five trials "
        f"on {n} rows). {found['n_trials']} trials give {percent(found['mean'])} with a standard "
        f"deviation of {100 * found['standard_deviation']:.1f} points"
    )
    if attacked:
        error = found["attack_above_exact_error"]
        give = "" if error is None else f" ± {100 * error:.2f}"
        text += (
            f" (exact values, and {100 * found['attack_above_exact']:.2f}{give} points more, by "
            "which the attack overestimates here)"
        )
    errors, reach = found["standard_errors"], found["noise_up_to"]
    if errors is None:
        if attacked and len(row["trials"]) < 2:
            return (
                f"{text}. What the attack adds is known from one trial only, without a standard "
                "error: whether this is more than noise is left open."
            )
        return f"{text}. They are all alike, so that their noise is not known: left open."
    away = f"the published mean of five is {abs(errors):.1f} standard errors away"
    if abs(errors) <= reach:
        causes = (
            "initialisation, mixing, choice and attack"
            if attacked
            else ("initialisation, mixing and choice")
        )
        return f"{text}, so that {away}: no more than the noise of {causes}."
    return f"{text}; {away}, beyond {reach:.1f}: more than noise. {_rates(row)}"


def _rates(row: Mapping[str, Any]) -> str:
    """Return a sentence on the results by learning rate, and which match the published value."""
    rates, published = row["deviation"]["by_rate"], row["published"]
    listed = ", ".join(
        f"{entry['learning_rate']:g}: {percent(entry['measured'])} ({percent(entry['on_folds'])})"
        for entry in rates
    )
    text = f"By learning rate (and on the folds) it is {listed}; "
    near = [
        f"{entry['learning_rate']:g}"
        for entry in rates
        if entry["standard_errors"] is not None
        and abs(entry["standard_errors"]) <= entry["noise_up_to"]
    ]
    values = [entry["measured"] for entry in rates]
    if near:
        return f"{text}the published value is within the noise of {_listed(near)}."
    if min(values) <= published <= max(values):
        return f"{text}the published value lies between them, as if rates had varied by trial."
    if any(entry["standard_errors"] is None for entry in rates):
        return f"{text}whether one of them could have given the published value is left open."
    return f"{text}none of them gives the published value."


def _listed(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
