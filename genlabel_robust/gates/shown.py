"""A baseline in a few lines of text."""

from __future__ import annotations

from collections.abc import Iterator

from genlabel_robust.core.plain_text import plain
from genlabel_robust.gates.baseline import Baseline
from genlabel_robust.gates.judge import right
from genlabel_robust.gates.wording import percent
from genlabel_robust.statistics.quantiles import quantile_summary
from genlabel_robust.statistics.rates import rate


def shown(baseline: Baseline) -> str:
    """Return the text of ``baseline show``."""
    return "".join(f"{plain(line)}\n" for line in _lines(baseline))


def _lines(baseline: Baseline) -> Iterator[str]:
    threat = baseline.run.results["threat"]
    budgets = ", ".join(f"{eps:g}" for eps in threat["eps"])
    yield f"digest     {baseline.digest} (SHA-256 of the SHA256SUMS in it)"
    yield f"threat     {threat['norm']}, ε {budgets} ({threat['unit']})"
    attacks = ", ".join(baseline.run.results["attacks"])
    yield f"suite      {baseline.run.results['suite']}: {attacks}"
    for endpoint in baseline.endpoints:
        panel = baseline.run.panels[endpoint.group]
        count = f"n = {len(panel.labels)}, seeds: {len(panel.results)}"
        if endpoint.measure == "margin":
            margins = panel.margins
            median = None if margins is None else quantile_summary(margins)["median"]
            figure = "beyond what was broken" if median is None else f"{median:.4g}"
        else:
            found = rate(right(endpoint, panel))
            figure = f"{percent(found.value)} (95 % {percent(found.low)} to {percent(found.high)})"
        yield f"endpoint   {endpoint.name}: {figure}, {count}"
    if "test" in baseline.about:
        yield f"test       {baseline.about['test']}"
    for entry in baseline.about["history"]:
        yield f"history    {entry['at']} {entry['what']}: {entry['reason']}"
