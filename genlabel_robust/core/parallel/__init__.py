"""The same work on several things: here, on the caller's own backend, or on a cluster."""

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

__all__ = [
    "Argument",
    "Key",
    "Result",
    "as_completed",
    "as_completed_with",
    "on_cluster",
    "processes_here",
    "workers",
]
