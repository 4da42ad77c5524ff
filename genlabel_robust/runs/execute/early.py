"""Processes that are begun before there is work for them: each imports for some seconds."""

from __future__ import annotations

import threading
from contextlib import suppress

from genlabel_robust.core.parallel import as_completed, processes_here


def begin_processes(jobs: int | None) -> None:
    """Have as many processes as ``jobs`` says import what an assessment needs, meanwhile.

    They are those that the next calls go to, if that is on this host. Nothing waits for them, and
    what goes wrong here goes wrong there, too, and is said there.
    """
    count = processes_here(jobs)
    if count > 1:
        threading.Thread(target=_begin, args=(jobs, count), daemon=True).start()


def _begin(jobs: int | None, count: int) -> None:
    with suppress(Exception):
        for _ in as_completed(_imported, dict.fromkeys(range(count)), jobs):
            pass


def _imported(_: None) -> None:
    import genlabel_robust.attacks.art.adapter
    import genlabel_robust.runs.execute.spread  # noqa: F401
