"""Tasks to evaluate on: tables, their splits and their scaling.

A spec names a data set: a registered name (``DATASETS``), ``openml:ID``, ``path.csv#target`` or
``path.parquet#target``. Importing this room imports neither pandas nor scikit-learn: that happens
when a table is loaded.
"""

from typing import TYPE_CHECKING

from genlabel_robust.core.exports import exports

if TYPE_CHECKING:
    from genlabel_robust.data.load import load_table, load_task
    from genlabel_robust.data.scaling import SCALINGS, fit_scaling
    from genlabel_robust.data.sources.catalogue import DATASETS
    from genlabel_robust.data.splitting.splits import SPLIT_KINDS, SplitConfig
    from genlabel_robust.data.table import Table
    from genlabel_robust.data.task import Scaling, Task

__all__ = [
    "DATASETS",
    "SCALINGS",
    "SPLIT_KINDS",
    "Scaling",
    "SplitConfig",
    "Table",
    "Task",
    "fit_scaling",
    "load_table",
    "load_task",
]

_HERE = "genlabel_robust.data"

__getattr__, __dir__ = exports(
    __name__,
    {
        "DATASETS": f"{_HERE}.sources.catalogue",
        "SCALINGS": f"{_HERE}.scaling",
        "SPLIT_KINDS": f"{_HERE}.splitting.splits",
        "Scaling": f"{_HERE}.task",
        "SplitConfig": f"{_HERE}.splitting.splits",
        "Table": f"{_HERE}.table",
        "Task": f"{_HERE}.task",
        "fit_scaling": f"{_HERE}.scaling",
        "load_table": f"{_HERE}.load",
        "load_task": f"{_HERE}.load",
    },
)
