"""What processes import before there is work for them: it takes some seconds."""

from __future__ import annotations

from genlabel_robust.core import OutputError, UnfinishedRunError
from genlabel_robust.core.parallel import import_early, processes_here
from genlabel_robust.runs.config.attack_config import AttackConfig
from genlabel_robust.runs.config.run_config import RunConfig


def begin_imports_of_run(config: RunConfig) -> None:
    """Have it imported before it is known which cells are open, unless the run has ended.

    Then there is none, most likely; where there are some, they have it imported.
    """
    from genlabel_robust.runs.folder.finished import finished_manifest

    try:
        finished_manifest(config.folder(config.short_hash), whole=False)
    except (OutputError, UnfinishedRunError, ValueError):  # or a NaN, which the plan will refuse
        begin_imports(config)


def begin_imports(config: AttackConfig) -> None:
    """Have what an assessment needs imported for processes of this host, if calls go to some."""
    if config.cluster is None and config.device == "cpu":
        begin_imports_for(config.jobs)


def begin_imports_for(jobs: int | None) -> None:
    """Have it imported for ``jobs`` processes, None for as many as there are cores."""
    if processes_here(jobs) > 1:
        import_early("genlabel_robust.runs.execute.imported")
