"""New attacks on the baseline's models, for a baseline from which only the suite differs."""

from collections.abc import Iterable
from dataclasses import replace

from genlabel_robust.core import ConfigurationError, one_thread
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.config.stored_config import pinned_config
from genlabel_robust.runs.execute.cell_work import assess_cell
from genlabel_robust.runs.folder.manifest import manifest
from genlabel_robust.runs.folder.stored_run import Group, StoredRun
from genlabel_robust.runs.plan.origin import InMemory, ModelFile
from genlabel_robust.runs.plan.recipe_plan import make_plan
from genlabel_robust.runs.results.aggregate import aggregate
from genlabel_robust.runs.results.results import Results


@one_thread()
def bridged(baseline: StoredRun, candidate: StoredRun, groups: Iterable[Group]) -> StoredRun:
    """Return the baseline with its models in ``groups`` attacked by the candidate's suite.

    The models are attacked on the candidate's data, which are read again. The returned run
    describes the suite and the data as they are now, so that a changed file is noticed. It keeps
    the baseline's own results on canaries and its level of checks, as a suite cannot vouch for
    itself. Raises ``ConfigurationError`` if the candidate is an audit, and like ``make_plan`` if
    the data or the suite cannot be read.
    """
    match candidate.origin:
        case ModelFile() | InMemory():
            raise ConfigurationError(
                "--bridge attacks models again that a run trained; this one was audited: audit the "
                "baseline's model with the new suite, and save that as the baseline"
            )
    plan = make_plan(pinned_config(candidate.manifest, RunConfig))
    seeds = {cell.seed: cell for cell in plan.cells}
    panels, results = {}, []
    for group in dict.fromkeys(groups):
        dataset, architecture, strategy = group
        if group not in baseline.cells or dataset not in plan.tasks:
            continue
        found = []
        for stored in baseline.cells[group]:
            level = seeds.get(stored.seed, plan.cells[0]).checks
            cell = replace(
                plan.cells[0],
                dataset=dataset,
                architecture=architecture,
                strategy=strategy,
                seed=stored.seed,
                checks=level,
            )
            found.append(assess_cell(cell, plan.tasks[dataset], baseline.model(stored)))
            results.append((cell, found[-1]))
        panels[group] = Panel(found)
    kept = {name: baseline.results[name] for name in ("canaries", "checks")}
    again = Results({**aggregate(plan, results, candidate.results.canaries), **kept})
    now = manifest(plan, {})
    about = {**baseline.manifest, "suite": now["suite"], "config": now["config"]}
    if "parts" in about:
        about["parts"] = now.get("parts", [])
    return StoredRun(baseline.path, about, again, panels, baseline.cells)
