"""What a process needs to compute a cell or a piece of one, imported.

An error here is one there, too, and is said there.
"""

from contextlib import suppress
from importlib import import_module

for _name in (
    "scipy.stats",
    "sklearn.pipeline",
    "genlabel_robust.attacks.art.adapter",
    "genlabel_robust.runs.execute.cell_work",
    "genlabel_robust.runs.execute.spread",
):
    with suppress(Exception):
        import_module(_name)
