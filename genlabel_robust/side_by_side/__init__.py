"""Comparison of finished runs: the settings, the numbers and the rows that differ."""

from typing import TYPE_CHECKING

from genlabel_robust.core.exports import exports

if TYPE_CHECKING:
    from genlabel_robust.side_by_side.compare_runs import Comparison, compare
    from genlabel_robust.side_by_side.of_one_run import strategy_differences

__all__ = ["Comparison", "compare", "strategy_differences"]

__getattr__, __dir__ = exports(
    __name__,
    {
        "Comparison": "genlabel_robust.side_by_side.compare_runs",
        "compare": "genlabel_robust.side_by_side.compare_runs",
        "strategy_differences": "genlabel_robust.side_by_side.of_one_run",
    },
)
