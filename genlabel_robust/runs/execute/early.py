"""Early imports in worker processes, which take some seconds, before there is work for them."""

from __future__ import annotations

from genlabel_robust.core import OutputError, UnfinishedRunError
from genlabel_robust.core.parallel import import_early, processes_here
from genlabel_robust.runs.config.attack_config import AttackConfig
from genlabel_robust.runs.config.run_config import RunConfig


def begin_imports_of_run(config: AttackConfig) -> None:
    """Start the imports before the open cells are known, unless the run has already ended.

    An ended run most likely has no open cells; if it does, the imports start with them.
    """
    if not _ended(config):
        begin_imports(config)


def _ended(config: AttackConfig) -> bool:
    from genlabel_robust.runs.folder.finished import finished_manifest

    if config.out is None and not isinstance(config, RunConfig):
        return False  # the name of an audit's folder depends on files that were not read yet
    try:
        finished_manifest(config.folder(config.short_hash), whole=False)
    except (OutputError, UnfinishedRunError, ValueError):  # also NaN, which the plan will refuse
        return False
    return True


def begin_imports(config: AttackConfig) -> None:
    """Start the imports for an assessment if worker processes on this host will be used."""
    if config.cluster is None and config.device == "cpu":
        begin_imports_for(config.jobs)


def begin_imports_for(jobs: int | None) -> None:
    """Start the imports in ``jobs`` processes, None for one per core."""
    if processes_here(jobs) > 1:
        import_early("genlabel_robust.runs.execute.imported")
