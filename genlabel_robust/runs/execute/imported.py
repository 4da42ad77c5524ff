"""The imports that a process needs to compute a cell or a piece of one.

If an import fails here, it also fails where the work is done, and is reported there.
"""

import threading
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

with suppress(Exception):
    # ART's attacks use tqdm, which holds a lock of the operating system: a process that is killed
    # would leave it behind, with a warning on stderr
    import_module("tqdm").tqdm.set_lock(threading.RLock())
