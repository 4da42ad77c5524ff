"""A summary of a baseline in a few lines of text."""

from collections.abc import Callable, Iterator

from genlabel_robust.core import plain
from genlabel_robust.gates.baselines.baseline import Baseline
from genlabel_robust.gates.verdicts.judge import right
from genlabel_robust.gates.verdicts.part import part_of, rows_of
from genlabel_robust.gates.verdicts.wording import estimated
from genlabel_robust.runs.results.margins import Margin, margin_summary
from genlabel_robust.runs.results.results import Results
from genlabel_robust.statistics import rate


def baseline_text(baseline: Baseline, describe: Callable[[Results], str]) -> str:
    """Return the text of ``baseline show``; ``describe``: describes the attacker of a run."""
    return "".join(f"{plain(line)}\n" for line in _lines(baseline, describe))


def _lines(baseline: Baseline, describe: Callable[[Results], str]) -> Iterator[str]:
    threat = baseline.run.results.threat
    yield f"digest     {baseline.digest} (SHA-256 of the SHA256SUMS in it)"
    yield f"threat     {describe(baseline.run.results)}"
    attacks = ", ".join(baseline.run.results.attacks)
    yield f"suite      {baseline.run.results.suite}: {attacks}"
    for endpoint in baseline.endpoints:
        whole = baseline.run.panels[endpoint.group]
        panel = part_of(whole, rows_of(endpoint, baseline.run))
        count = f"n = {len(panel.labels)}, seeds: {len(panel.results)}"
        if endpoint.measure == "margin":
            figure = _median(margin_summary(panel, threat.norm, threat.eps))
        else:
            figure = estimated(rate(right(endpoint, panel)))
        yield f"endpoint   {endpoint.name}: {figure}, {count}"
    if baseline.about.test is not None:
        yield f"test       {baseline.about.test}"
    for entry in baseline.about.history:
        why = "" if entry.reason == entry.what else f": {entry.reason}"
        yield f"history    {entry.at} {entry.what}{why}"


def _median(margin: Margin | None) -> str:
    least, most = (None, None) if margin is None else margin.sure_median
    if most is None:
        return f"above {least:.4g}" if least else "beyond what was broken"
    if least is None or least == most:
        return f"{most:.4g}"
    return f"{least:.4g} to {most:.4g}" if least else f"at most {most:.4g}"
