"""The protocol of engines, which run calls somewhere."""

import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any, NamedTuple, Protocol

from genlabel_robust.core.admitted import admitting
from genlabel_robust.core.machine.threads import one_thread, stay_on_one_thread
from genlabel_robust.core.parallel.packing import Packed, WithParts, unpacked


class Call(NamedTuple):
    """A call of ``work(argument, data)``; ``key`` is returned with its result."""

    work: Callable[[Any, Any], Any]
    key: Any
    argument: Any
    data: Packed


class Engine(Protocol):
    """Runs several calls at once."""

    def workers(self) -> int:
        """Return how many calls run at the same time."""

    def carry_out(self, calls: Iterator[Call]) -> Iterator[tuple[Any, Any]]:
        """Yield the key and the result of each call, as they finish.

        The next call is taken from ``calls`` just before it starts. An exception, including Ctrl-C,
        ends all of them.
        """


#: Whether this code runs in one of several concurrent calls, so that no core is left.
_one_of_several: ContextVar[bool] = ContextVar("one_of_several", default=False)


def one_of_several() -> bool:
    """Return whether this code runs in a call that an engine runs beside others."""
    return _one_of_several.get()


def carried_out(call: Call) -> tuple[Any, Any]:
    """Run ``call`` on one thread, and return its key and its result."""
    token = _one_of_several.set(True)
    if threading.current_thread() is not threading.main_thread():
        stay_on_one_thread()
    try:
        with one_thread():
            data = unpacked(call.data)
            if isinstance(data, WithParts):
                with admitting(data.parts):
                    return call.key, call.work(call.argument, data.value)
            return call.key, call.work(call.argument, data)
    finally:
        _one_of_several.reset(token)
