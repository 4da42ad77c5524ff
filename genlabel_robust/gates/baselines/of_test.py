"""The baseline of a test: its file name, the command to create it, and its move to a new test."""

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

#: Names that Windows reserves for devices, with any suffix.
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)")


def update_command(test: str, file: Path, called: Path, folder: Path | None) -> str:
    """Return the command that creates the baseline of ``test``, a pytest node id.

    ``file``: the path of the test's file. ``called``: the working directory of the command.
    ``folder``: the folder of the baselines, None for the default.
    """
    inside = test.partition("::")[2]
    words = [f"{_relative(file, called)}::{inside}", "--robustness-update"]
    if folder is not None:
        words += ["--robustness-baseline", _relative(folder, called)]
    return shlex.join(["pytest", *words])


def file_name(text: str) -> str:
    """Return a file name for ``text`` that is valid everywhere, and unique for each text.

    A text that is already a valid name is kept. Others get a digest at the end, and so do texts
    with capitals, as some systems ignore case, and names of devices, as Windows cannot check out
    ``aux.zip``.
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
    except ValueError:  # the paths are on different drives
        return str(path)


def take_over(old: Path, new: Path, before: str, test: str) -> None:
    """Move the baseline in ``old`` from the test ``before`` to the test ``test``, in ``new``.

    The two paths may be the same; otherwise ``old`` is deleted. The measurements do not change.
    Does nothing if ``new`` already belongs to ``test``. Raises ``ConfigurationError`` if ``old``
    is missing or belongs to another test, or if ``new`` exists.
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
