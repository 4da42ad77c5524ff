"""Parallel calls: on this host, on the caller's own backend, or on a cluster."""

from genlabel_robust.core.parallel.completion import (
    Argument,
    Key,
    Result,
    as_completed,
    as_completed_with,
    on_cluster,
    processes_here,
    workers,
)
from genlabel_robust.core.parallel.pool import end_processes, import_early

__all__ = [
    "Argument",
    "Key",
    "Result",
    "as_completed",
    "as_completed_with",
    "end_processes",
    "import_early",
    "on_cluster",
    "processes_here",
    "workers",
]
