"""The forecast of a run as text."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from genlabel_robust.attacks.choice import CASES
from genlabel_robust.reports.words.wording import NOT_AVAILABLE, threat_sentence
from genlabel_robust.runs.forecast.forecast import DISCORDANCES, Forecast
from genlabel_robust.statistics.power import up_to_a_tenth

#: Mode -> which drop a gate must allow to pass if nothing has changed, and what that depends on.
_ABOUT = {
    "checkpoint": (
        "an equally robust model",
        "it depends on the share of answers that differ between the two models",
    ),
    "recipe": (
        "an unchanged recipe ({seeds} seeds on each side)",
        "it depends on the standard deviation of accuracy over seeds, and on the share of answers "
        "that differ between two trainings",
    ),
}
_PLURALS = {"strategy": "strategies", "process": "processes", "class": "classes"}
_NEITHER = (
    "gate    {seeds} seeds are compared only seed by seed, with --mode checkpoint: take 1 to "
    "compare two models, 5 or more to compare two ways of training"
)


def forecast_text(forecast: Forecast) -> str:
    """Return the forecast as lines of text."""
    return "\n".join(_lines(forecast)) + "\n"


def _lines(forecast: Forecast) -> Iterator[str]:
    yield from _audited(forecast) if forecast.model is not None else _cells(forecast)
    left = forecast.cells - forecast.held
    what, of_what = _count(left, "cell"), "a few epochs and rows"
    if forecast.model is not None:
        what, of_what = "the audit", "a few rows"
    yield (
        "time    no cell is left to compute"
        if not left
        else (
            f"time    about {duration(forecast.seconds)} for {what} in "
            f"{_count(forecast.jobs, 'process')}: an estimate, from {of_what} timed in "
            f"{duration(forecast.measured_seconds)}"
        )
    )
    both = forecast.arrays_bytes + forecast.weights_bytes
    yield (
        f"disk    at most {size(both)} before compression, {size(forecast.weights_bytes)} of it "
        "weights"
    )
    yield ""
    threats = [
        threat_sentence(forecast.threat, eps, forecast.ranges) for eps in forecast.threat.eps
    ]
    yield f"attacks of {forecast.suite}"
    yield from (f"  {threat}" for threat in threats)
    yield from _table([_attack(attack) for attack in forecast.attacks])
    yield ""
    yield from _drop_lines(forecast)


def _cells(forecast: Forecast) -> Iterator[str]:
    """Yield the numbers of models to train and attack, and of those already in the folder."""
    counts = " × ".join(
        _count(n, word)
        for n, word in (
            (len(forecast.datasets), "data set"),
            (len(forecast.strategies), "strategy"),
            (len(forecast.architectures), "architecture"),
            (forecast.seeds, "seed"),
        )
    )
    yield f"cells   {counts} = {_count(forecast.cells, 'cell')}"
    yield f"folder  {forecast.folder}: {forecast.held} of {forecast.cells} finished"


def _audited(forecast: Forecast) -> Iterator[str]:
    """Yield the model and the rows to attack, and whether the folder already has the result."""
    (data,) = forecast.datasets
    yield f"model   {forecast.model}"
    yield (
        f"data    {data.name}: {_count(data.examples, 'test row')}, "
        f"{_count(data.features, 'feature')}, {_count(data.classes, 'class')}"
    )
    state = "already contains this audit" if forecast.held else "the audit will be written there"
    yield f"folder  {forecast.folder}: {state}"


def _drop_lines(forecast: Forecast) -> Iterator[str]:
    if forecast.gate is None:
        yield _NEITHER.format(seeds=forecast.seeds)
        return
    who, depends = _ABOUT[forecast.gate]
    yield (
        "gate    the smallest drop to allow, in points of accuracy (1 point is --max-drop 0.01), "
        f"so that {who.format(seeds=forecast.seeds)} passes in {100 * forecast.power:g} % of cases;"
    )
    yield f"        {depends}"
    noisy = ["deviation, points"] if forecast.gate == "recipe" else []
    differ = [f"{100 * share:g} % differ" for share in DISCORDANCES]
    rows = [["data set", "test rows", *noisy, *differ]]
    entries: dict[tuple[Any, ...], list[str]] = {}
    for drop in forecast.drops:
        noise = [] if drop.seed_noise is None else [f"{100 * drop.seed_noise:g}"]
        least = drop.max_drop
        found = NOT_AVAILABLE if least is None else f"{100 * up_to_a_tenth(least):.1f}"
        entries.setdefault((drop.dataset, str(drop.examples), *noise), []).append(found)
    yield from _table([*rows, *([*head, *found] for head, found in entries.items())])


def _attack(attack: Mapping[str, Any]) -> list[str]:
    settings = ", ".join(f"{name} {value}" for name, value in attack["settings"].items())
    aim = "at each ε" if attack["kind"] == "fixed" else "the nearest point"
    if "when" in attack:
        settings += f"; for {', or '.join(CASES[case] for case in attack['when'])}"
    return [attack["name"], f"{aim}, by {attack['needs']}", settings]


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        yield f"  {'  '.join(cells)}".rstrip()


def _count(n: int, word: str) -> str:
    plural = {"strategy": "strategies", "process": "processes", "class": "classes"}.get(
        word, f"{word}s"
    )
    return f"{n} {word if n == 1 else plural}"


def duration(seconds: float) -> str:
    """Format a duration in seconds for people, without false precision."""
    if seconds < 1:
        return "a second"
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    if seconds < 5400:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.1f} hours"


def size(count: float) -> str:
    """Format a number of bytes: "12 MB"."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            break
        count /= 1000
    return f"{count:.3g} {unit}"
