"""What many calls have in common, as bytes that are sent once and read once in each process."""

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
    """An object as ``payload`` (bytes,) uint8, an array so that joblib and dask ship it once.

    ``token``: the group of calls that it was packed for, and its number in it.
    """

    token: tuple[str, int]
    payload: NDArray[np.uint8]

    def __sizeof__(self) -> int:
        # dask asks for it, and sends what is large by itself
        return object.__sizeof__(self) + self.payload.nbytes


@dataclass(frozen=True, eq=False)
class WithParts:
    """What calls have in common where the user named parts from outside, and these parts."""

    value: Any
    parts: tuple[Part, ...]


def new_group() -> str:
    """Return a token of a new group of calls."""
    return uuid.uuid4().hex


def packed(value: Any, group: str, number: int) -> Packed:
    """Return ``value`` as bytes; what is defined in ``__main__`` goes along."""
    return Packed((group, number), np.frombuffer(pickled(value), dtype=np.uint8))


def pickled(value: Any) -> bytes:
    """Return ``value`` as bytes for another process of the user's own."""
    import cloudpickle

    content: bytes = cloudpickle.dumps(value)
    return content


def pickled_here(value: Any) -> bytes:
    """Return ``value`` as bytes for another process of this host: arrays in files by their paths.

    The files have to be there as long as the bytes are read.
    """
    import cloudpickle

    class ByPath(cloudpickle.Pickler):  # type: ignore[misc]
        def reducer_override(self, of: Any) -> Any:
            file = of_file(of) if isinstance(of, np.ndarray) else None
            return super().reducer_override(of) if file is None else (opened_file, file)

    content = io.BytesIO()
    ByPath(content).dump(value)
    return content.getvalue()


#: What this process has read, of one group of calls at a time.
_read: dict[tuple[str, int], Any] = {}


def unpacked(about: Packed) -> Any:
    """Return the object, the same one each time in one process."""
    import pickle

    if about.token not in _read:
        forget(but=about.token[0])
        # it comes from this process's own parent, or from the driver that the worker serves
        _read[about.token] = pickle.loads(about.payload.tobytes())  # noqa: S301
    return _read[about.token]


def forget(*, but: str | None = None) -> None:
    """Let go of what was read, except for the group ``but``."""
    for token in [token for token in _read if token[0] != but]:
        _read.pop(token, None)
