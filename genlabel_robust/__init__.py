"""How robust is a classifier, and how sure is that number.

``evaluate`` runs the main job from Python, ``audit`` attacks a model of one's own, ``open_run``
opens a finished run again, ``compare`` shows runs side by side;
``GenLabelClassifier`` is the paper's method as a scikit-learn estimator. Nothing heavy is
imported until it is used.
"""

from typing import TYPE_CHECKING

from genlabel_robust.core.exports import exports
from genlabel_robust.core.version import __version__

if TYPE_CHECKING:
    from genlabel_robust.api import Run, audit, evaluate, open_run
    from genlabel_robust.reports.write import write_reports
    from genlabel_robust.runs.config.run_config import RunConfig
    from genlabel_robust.runs.results.schema import results_schema
    from genlabel_robust.side_by_side import Comparison, compare
    from genlabel_robust.strategies.diagnostics import Diagnostics, diagnose
    from genlabel_robust.trainers.classifier import GenLabelClassifier

__all__ = [
    "Comparison",
    "Diagnostics",
    "GenLabelClassifier",
    "Run",
    "RunConfig",
    "__version__",
    "audit",
    "compare",
    "diagnose",
    "evaluate",
    "open_run",
    "results_schema",
    "write_reports",
]

__getattr__, __dir__ = exports(
    __name__,
    {
        "Comparison": "genlabel_robust.side_by_side",
        "Diagnostics": "genlabel_robust.strategies.diagnostics",
        "GenLabelClassifier": "genlabel_robust.trainers.classifier",
        "Run": "genlabel_robust.api",
        "RunConfig": "genlabel_robust.runs.config.run_config",
        "audit": "genlabel_robust.api",
        "compare": "genlabel_robust.side_by_side",
        "diagnose": "genlabel_robust.strategies.diagnostics",
        "evaluate": "genlabel_robust.api",
        "open_run": "genlabel_robust.api",
        "results_schema": "genlabel_robust.runs.results.schema",
        "write_reports": "genlabel_robust.reports.write",
    },
)
