"""The jobs that ``import genlabel_robust`` offers; in a notebook their runs display themselves."""

from typing import TYPE_CHECKING

from genlabel_robust.core.exports import exports

if TYPE_CHECKING:
    from genlabel_robust.api.jobs import audit, evaluate
    from genlabel_robust.api.opening import open_run
    from genlabel_robust.api.plot import Plot
    from genlabel_robust.api.run import Run

__all__ = ["Plot", "Run", "audit", "evaluate", "open_run"]

__getattr__, __dir__ = exports(
    __name__,
    {
        "Plot": "genlabel_robust.api.plot",
        "Run": "genlabel_robust.api.run",
        "audit": "genlabel_robust.api.jobs",
        "evaluate": "genlabel_robust.api.jobs",
        "open_run": "genlabel_robust.api.opening",
    },
)
