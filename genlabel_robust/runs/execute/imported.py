"""What a process needs to compute a cell or a piece of one, imported.

An error here is one there, too, and is said there.
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
    # ART's attacks use tqdm, whose own lock is one of the system's: a process that is killed
    # would leave it, with a warning on stderr
    import_module("tqdm").tqdm.set_lock(threading.RLock())
