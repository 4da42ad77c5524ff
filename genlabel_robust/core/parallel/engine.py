"""What carries out calls, wherever that is."""

import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any, NamedTuple, Protocol

from genlabel_robust.core.admitted import admitting
from genlabel_robust.core.machine.threads import one_thread, stay_on_one_thread
from genlabel_robust.core.parallel.packing import Packed, WithParts, unpacked


class Call(NamedTuple):
    """``work(argument, data)``; ``key`` comes back with its result."""

    work: Callable[[Any, Any], Any]
    key: Any
    argument: Any
    data: Packed


class Engine(Protocol):
    """Carries out calls in several places at once."""

    def workers(self) -> int:
        """Return how many calls are carried out at the same time."""

    def carry_out(self, calls: Iterator[Call]) -> Iterator[tuple[Any, Any]]:
        """Yield the key and the result of each call, as they end.

        The next call is taken from ``calls`` when it is about to be begun. An exception, Ctrl-C
        among them, ends all of them.
        """


#: Whether this is one of several calls at once, so that there is no core left for more.
_one_of_several: ContextVar[bool] = ContextVar("one_of_several", default=False)


def one_of_several() -> bool:
    """Say whether this runs in a call that an engine carries out beside others."""
    return _one_of_several.get()


def carried_out(call: Call) -> tuple[Any, Any]:
    """Carry out ``call`` on one thread, and return its key and its result."""
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
