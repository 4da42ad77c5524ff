"""Processes that end with the one that began them, however that ended."""

import os
import threading
import time

#: Seconds between two looks at whether the process that began this one is still there.
_EVERY = 1.0

_watched = threading.Event()


def end_with(parent: int) -> None:
    """End this process soon after the process ``parent``, which began it, has ended.

    A process that was killed takes none with it, and what they still compute nobody reads. Where
    the system does not name ``parent`` as the one that began this process, nothing is done.
    """
    if os.getppid() == parent and not _watched.is_set():
        _watched.set()
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_EVERY)
    os._exit(1)
