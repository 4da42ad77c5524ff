"""An object that other processes work on, sent to each of them once and not with every task."""

from __future__ import annotations

import os
import pickle
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genlabel_robust.core.errors import GenlabelRobustError
from genlabel_robust.core.files.leftovers import writing_prefix
from genlabel_robust.core.files.opening import file_bytes
from genlabel_robust.core.files.writing import sha256


class NotShippedError(GenlabelRobustError):
    """An object cannot be sent to another process, or cannot be read there."""


@dataclass(frozen=True)
class Shipped:
    """An object in a file: ``path``, and the SHA-256 ``digest`` of what was written there."""

    path: str
    digest: str

    def received(self) -> Any:
        """Return the object, which this process reads once.

        Nothing but the very bytes that were written is read. Raises ``NotShippedError``.
        """
        if self.digest not in _RECEIVED:
            _RECEIVED.clear()  # what came before is done with
            _RECEIVED[self.digest] = self._read()
        return _RECEIVED[self.digest]

    def _read(self) -> Any:
        content = file_bytes(Path(self.path))
        if sha256(content) != self.digest:
            raise NotShippedError(f"{self.path} is not what was written there")
        try:
            return pickle.loads(content)  # noqa: S301  what this very run has written
        except Exception as error:  # whatever the classes of the object raise
            raise NotShippedError(" ".join(f"{type(error).__name__}: {error}".split())) from error


#: What this process has read, by its digest: the last object.
_RECEIVED: dict[str, Any] = {}


@contextmanager
def shipped(value: Any, folder: Path | None = None) -> Iterator[Shipped]:
    """Write ``value`` to a file of ``folder``, for the processes that get what is yielded.

    Only its owner can read the file, which is removed at the end; if the process is killed before,
    by ``sweep`` of that folder. ``folder``: None for that of temporary files. Raises
    ``NotShippedError`` for an object that cannot be written.
    """
    from joblib.externals.loky.backend.reduction import dumps

    try:
        content = bytes(dumps(value))
    except Exception as error:  # whatever the classes of the object raise
        raise NotShippedError(" ".join(f"{type(error).__name__}: {error}".split())) from error
    descriptor, name = tempfile.mkstemp(prefix=writing_prefix(), dir=folder)
    path = Path(name).resolve()
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        yield Shipped(str(path), sha256(content))
    finally:
        path.unlink(missing_ok=True)
