"""A baseline whose test was moved or renamed passes to the test that it is now."""

import shutil
from dataclasses import replace
from pathlib import Path

from genlabel_robust.core import ConfigurationError
from genlabel_robust.gates.baselines.baseline import (
    alone,
    read_baseline,
    write_baseline,
)
from genlabel_robust.gates.baselines.record import HistoryEntry


def take_over(old: Path, new: Path, before: str, test: str) -> None:
    """Make the baseline in ``old``, of the test ``before``, the one of ``test``, in ``new``.

    The two paths may be one; where they differ, ``old`` is gone afterwards. Nothing of what was
    measured changes. Does nothing where ``new`` belongs to ``test`` already. Raises
    ``ConfigurationError`` if ``old`` is missing or of another test, or if ``new`` is somebody's.
    """
    with alone(new):
        if new.exists():
            with read_baseline(new) as known:
                owner = known.about.test
            if owner == test:
                return
            if new != old:
                raise ConfigurationError(
                    f"{test} has a baseline already, {new.name}; that of {before} cannot take its "
                    "place: remove one of them"
                )
        if not old.exists():
            raise ConfigurationError(
                f"there is no baseline of {before} to take over: {old.name} is not in {old.parent}"
            )
        with read_baseline(old) as known:
            owner = known.about.test
            if owner not in (None, before):
                raise ConfigurationError(
                    f"the baseline {old.name} belongs to the test {owner}, not to {before}; name "
                    "the test that it belongs to"
                )
            entry = HistoryEntry.now("moved", f"from {before} to {test}", known.digest)
            about = replace(known.about, test=test, history=(*known.about.history, entry))
            write_baseline(new, about, known.run.path)
    if new != old:
        shutil.rmtree(old) if old.is_dir() else old.unlink()
