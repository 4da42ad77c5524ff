"""Processes that are begun before there is work for them: each imports for some seconds."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from genlabel_robust.core.parallel import as_completed, processes_here
from genlabel_robust.runs.config.attack_config import AttackConfig

#: How many were begun already.
_begun: set[int] = set()


def begin_processes(config: AttackConfig) -> None:
    """Have as many processes as ``config`` names import what an assessment needs, meanwhile.

    They are those that the next calls go to, if that is on this host. Nothing waits for them, and
    what goes wrong here goes wrong there, too, and is said there.
    """
    jobs = config.jobs
    if jobs is None or config.cluster is not None or config.device != "cpu":
        return
    count = processes_here(jobs)
    if count > 1 and count not in _begun:
        _begun.add(count)
        # here, as two threads that import the same at once may see it half made
        import joblib.externals.loky.process_executor  # noqa: F401

        threading.Thread(target=_begin, args=(jobs, count), daemon=True).start()


@contextmanager
def processes_begun(config: AttackConfig) -> Iterator[None]:
    """Have processes begin as ``begin_processes`` does, and end where an exception goes out."""
    begin_processes(config)
    try:
        yield
    except BaseException:
        if _begun:  # nobody waits for what they still import
            end_processes()
        raise


def end_processes() -> None:
    """End the processes of this host that wait for calls; the next calls begin others."""
    from joblib.externals.loky import get_reusable_executor

    _begun.clear()
    get_reusable_executor().shutdown(wait=False, kill_workers=True)


def _begin(jobs: int, count: int) -> None:
    with suppress(Exception):
        for _ in as_completed(_imported, dict.fromkeys(range(count)), jobs):
            pass


def _imported(_: None) -> None:
    import genlabel_robust.attacks.art.adapter
    import genlabel_robust.runs.execute.spread  # noqa: F401
