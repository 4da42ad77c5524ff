"""Return of unused memory to the system before other processes start."""

import ctypes
import sys
from contextlib import suppress


def release_unused() -> None:
    """Return memory that pyarrow and the C library cache to the system, where possible."""
    arrow = sys.modules.get("pyarrow")
    if arrow is not None:
        arrow.default_memory_pool().release_unused()
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # a C library other than GNU's
            ctypes.CDLL("libc.so.6").malloc_trim(0)
