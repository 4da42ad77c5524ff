"""Shared data of many calls, pickled: sent once and unpickled once in each process."""

import io
import uuid
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genlabel_robust.core.admitted import Part
from genlabel_robust.core.files.large_arrays import of_file, opened_file


@dataclass(frozen=True, eq=False)
class Packed:
    """A pickled object, ``payload`` (bytes,) uint8: an array, so that joblib and dask send it once.

    ``token``: its group of calls, and its number in the group.
    """

    token: tuple[str, int]
    payload: NDArray[np.uint8]

    def __sizeof__(self) -> int:
        # dask reads it, and sends large objects separately
        return object.__sizeof__(self) + self.payload.nbytes


@dataclass(frozen=True, eq=False)
class WithParts:
    """Shared data of calls together with the parts from outside that the user named."""

    value: Any
    parts: tuple[Part, ...]


def new_group() -> str:
    """Return a new token for a group of calls."""
    return uuid.uuid4().hex


def packed(value: Any, group: str, number: int) -> Packed:
    """Return ``value`` pickled, including what is defined in ``__main__``."""
    return Packed((group, number), np.frombuffer(pickled(value), dtype=np.uint8))


def pickled(value: Any) -> bytes:
    """Pickle ``value`` for another process of the same user."""
    import cloudpickle

    content: bytes = cloudpickle.dumps(value)
    return content


def pickled_here(value: Any) -> bytes:
    """Pickle ``value`` for another process of this host, with arrays in files as their paths.

    The files must exist until the bytes are unpickled.
    """
    import cloudpickle

    class ByPath(cloudpickle.Pickler):  # type: ignore[misc]
        def reducer_override(self, of: Any) -> Any:
            file = of_file(of) if isinstance(of, np.ndarray) else None
            return super().reducer_override(of) if file is None else (opened_file, file)

    content = io.BytesIO()
    ByPath(content).dump(value)
    return content.getvalue()


#: The objects that this process has unpickled, of one group of calls at a time.
_read: dict[tuple[str, int], Any] = {}


def unpacked(about: Packed) -> Any:
    """Return the unpickled object, the same one for every call in this process."""
    import pickle

    if about.token not in _read:
        forget(but=about.token[0])
        # it comes from this process's parent, or from the driver of this worker
        _read[about.token] = pickle.loads(about.payload.tobytes())  # noqa: S301
    return _read[about.token]


def forget(*, but: str | None = None) -> None:
    """Forget unpickled objects, except those of the group ``but``."""
    for token in [token for token in _read if token[0] != but]:
        _read.pop(token, None)
