"""Whether the candidate was checked as much as the baseline was."""

from collections.abc import Iterator

from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.checks import criteria
from genlabel_robust.runs.config.run_config import SETTINGS
from genlabel_robust.runs.folder.stored_run import StoredRun


def less_checked(baseline: StoredRun, candidate: StoredRun, then: Panel, now: Panel) -> list[str]:
    """Return in words where the candidate was checked less: not at all, or on fewer rows.

    ``then``, ``now``: the panels of one endpoint. A check that was not made cannot fail, so
    a run that was checked less passes what the baseline had to.
    """
    levels = [run.results.checks for run in (baseline, candidate)]
    order = SETTINGS["checks"].choices
    if order.index(levels[1]) < order.index(levels[0]):
        return [
            f"--checks was {levels[0]} in the baseline and is {levels[1]} now; run it with "
            f"--checks {levels[0]}"
        ]
    return list(_fewer(then, now))


def _fewer(then: Panel, now: Panel) -> Iterator[str]:
    # older runs made probes that no check judges any more
    judged = tuple(one.probe for one in criteria().values() if one.probe is not None)
    names = dict.fromkeys(name for result in then.results for name in result.probes)
    for name in filter(lambda name: name.startswith(judged), names):
        if not any(name in result.probes for result in now.results):
            yield f"the probe {name!r} of the baseline was not made; run it with --checks full"
            continue
        # no more rows can be looked at than survived
        before, here = _count(then, name, "sampled"), _count(now, name, "sampled")
        possible = 0.0 if _count(now, name, "constant") else _count(now, name, "rows")
        if here < min(before, possible):
            yield (
                f"the probe {name!r} looked at {before:.0f} rows in the baseline and at {here:.0f} "
                "now; run it with --checks full, and without --max-seconds"
            )


def _count(panel: Panel, name: str, key: str) -> float:
    return float(sum(result.probes.get(name, {}).get(key, 0.0) for result in panel.results))
