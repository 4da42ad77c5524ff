"""Memory that libraries keep for later, given back to the system before other processes begin."""

import ctypes
import sys
from contextlib import suppress


def release_unused() -> None:
    """Give back what pyarrow and the C library keep of what was read, where they can."""
    arrow = sys.modules.get("pyarrow")
    if arrow is not None:
        arrow.default_memory_pool().release_unused()
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library than GNU's
            ctypes.CDLL("libc.so.6").malloc_trim(0)
