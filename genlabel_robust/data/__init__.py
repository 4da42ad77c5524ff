"""Tasks to evaluate on: tables, their splits, their scaling.

A data set is named by a spec: a registered name (``DATASETS``), ``openml:ID``,
``path.csv#target`` or ``path.parquet#target``. Importing this room imports
neither pandas nor scikit-learn: that happens when a table is loaded.
"""

from genlabel_robust.data.load import load_table, load_task
from genlabel_robust.data.scaling import SCALINGS, fit_scaling
from genlabel_robust.data.sources.catalogue import DATASETS
from genlabel_robust.data.splits import SPLIT_KINDS, SplitConfig
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
