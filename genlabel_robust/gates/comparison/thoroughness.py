"""Whether the candidate was checked as thoroughly, and proved as hard, as the baseline."""

from collections.abc import Iterator
from dataclasses import replace

from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.checks import criteria
from genlabel_robust.runs.config.run_config import SETTINGS
from genlabel_robust.runs.folder.stored_run import StoredRun

#: Settings that must be equal for proofs to be comparable.
_SETTINGS = ("certify", "certify_seconds")


def less_checked(baseline: StoredRun, candidate: StoredRun, then: Panel, now: Panel) -> list[str]:
    """Return a clause for each check that the candidate lacks or that covered fewer rows.

    ``then``, ``now``: the panels of one endpoint, of baseline and candidate. A check that did not
    run cannot fail, so a run with fewer checks would pass more easily.
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
    # older runs have probes that no check uses any more
    judged = tuple(one.probe for one in criteria().values() if one.probe is not None)
    names = dict.fromkeys(name for result in then.results for name in result.probes)
    for name in filter(lambda name: name.startswith(judged), names):
        if not any(name in result.probes for result in now.results):
            yield f"the probe {name!r} of the baseline was not made; run it with --checks full"
            continue
        # a probe cannot sample more rows than survived the attacks
        before, here = _count(then, name, "sampled"), _count(now, name, "sampled")
        possible = 0.0 if _count(now, name, "constant") else _count(now, name, "rows")
        if here < min(before, possible):
            yield (
                f"the probe {name!r} looked at {before:.0f} rows in the baseline and at {here:.0f} "
                "now; run it with --checks full, and without --max-seconds"
            )


def _count(panel: Panel, name: str, key: str) -> float:
    return float(sum(result.probes.get(name, {}).get(key, 0.0) for result in panel.results))


def unlike_proofs(candidate: StoredRun, baseline: StoredRun, now: Panel, then: Panel) -> str | None:
    """Return why the proofs of the two sides cannot be compared, as a clause.

    None if both used the same proofs, or none. The witnesses of proofs break rows that attacks
    leave, so a side with proofs looks less robust than one without.
    """
    if now.lower is None and then.lower is None:
        return None
    for who, panel in (("candidate", now), ("baseline", then)):
        if panel.lower is None:
            return f"nothing is proved of the {who} ({panel.unproved})"
    efforts = [
        tuple(run.manifest["config"].get(name, {}).get("value") for name in _SETTINGS)
        for run in (baseline, candidate)
    ]
    if efforts[0] != efforts[1]:
        return f"--certify was {efforts[0][0]} in the baseline and is {efforts[1][0]} now"
    nets = any(result.inside.kind == "relu-net" for result in (*now.results, *then.results))
    searches = [_searches(run) for run in (baseline, candidate)]
    if nets and efforts[0][0] == "auto" and searches[0] != searches[1]:
        return f"--proofs was {searches[0]} in the baseline and is {searches[1]} now"
    return None


def _searches(run: StoredRun) -> str:
    """Return the setting ``proofs`` of ``run``: the search for proofs of nets."""
    value = run.manifest["config"].get("proofs", {}).get("value")
    return str(value or SETTINGS["proofs"].before)


def without_proofs(panel: Panel) -> Panel:
    """Return ``panel`` with the results of attacks only, and distances in closed form."""
    return Panel(
        [
            replace(r, certificate=None, exact=r.exact if r.inside.kind == "affine" else None)
            for r in panel.results
        ]
    )
