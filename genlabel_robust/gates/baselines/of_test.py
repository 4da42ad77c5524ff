"""The baseline of a test: its file, the command that makes it, and how a moved test keeps it."""

import hashlib
import os
import re
import shlex
import shutil
from dataclasses import replace
from pathlib import Path

from genlabel_robust.core import ConfigurationError
from genlabel_robust.gates.baselines.baseline import alone, read_baseline, write_baseline
from genlabel_robust.gates.baselines.record import HistoryEntry

#: Names that Windows keeps for devices, whatever suffix follows.
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)")


def update_command(test: str, file: Path, called: Path, folder: Path | None) -> str:
    """Return what makes the baseline of ``test``, a node id, from the folder ``called``.

    ``file``: that of the test; ``folder``: of the baselines, None for the usual one.
    """
    inside = test.partition("::")[2]
    words = [f"{_relative(file, called)}::{inside}", "--robustness-update"]
    if folder is not None:
        words += ["--robustness-baseline", _relative(folder, called)]
    return shlex.join(["pytest", *words])


def file_name(text: str) -> str:
    """Return a file's name for ``text`` on every system; different texts get different ones.

    A text that is one already is kept; the others get a digest, and so does one with
    capitals, which some systems do not tell apart, and the name of a device (``aux.zip`` cannot
    be checked out on Windows).
    """
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", text).strip("._-")[:80]
    if plain == text and plain == plain.lower() and not _DEVICES.match(plain):
        return plain
    if _DEVICES.match(plain.lower()):
        plain = f"_{plain}"
    return f"{plain}-{hashlib.sha256(text.encode()).hexdigest()[:10]}"


def _relative(path: Path, folder: Path) -> str:
    try:
        return os.path.relpath(path, folder)
    except ValueError:  # on another drive
        return str(path)


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
