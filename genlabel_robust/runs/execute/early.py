"""What processes import before there is work for them: it takes some seconds."""

from __future__ import annotations

from genlabel_robust.core.parallel import import_early, processes_here
from genlabel_robust.runs.config.attack_config import AttackConfig


def begin_imports(config: AttackConfig) -> None:
    """Have what an assessment needs imported for processes of this host, if calls go to some."""
    if config.cluster is None and config.device == "cpu":
        begin_imports_for(config.jobs)


def begin_imports_for(jobs: int | None) -> None:
    """Have it imported for ``jobs`` processes, None for as many as there are cores."""
    if processes_here(jobs) > 1:
        import_early("genlabel_robust.runs.execute.imported")
