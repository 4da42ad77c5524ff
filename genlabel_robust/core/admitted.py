"""Parts from outside the package that the user named, and the context in which they are known."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, eq=False)
class Part:
    """A strategy, attack or other part that is defined outside the package.

    ``kind``: its group, such as "strategies"; ``target``: the object that a registry loads.
    ``qualified``: where it is defined, "my_package.noise:Noise". ``distribution`` and ``version``:
    the distribution that installed it, None if none did. ``source``: a digest of its source and
    state, None if there is no digest; ``unique`` then distinguishes this use of the part from all
    others. ``settings``: the settings of an instance that differ from the defaults of its class;
    ``about``: a one-line description.
    """

    kind: str
    name: str
    target: Any
    qualified: str
    distribution: str | None = None
    version: str | None = None
    source: str | None = None
    unique: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    about: str = ""

    @property
    def record(self) -> dict[str, Any]:
        """The stored description, which distinguishes it from other parts, as plain JSON values."""
        about = {
            "kind": self.kind,
            "name": self.name,
            "object": self.qualified,
            "distribution": self.distribution,
            "version": self.version,
            "source": self.source,
        }
        return about if self.unique is None else about | {"unique": self.unique}

    @property
    def origin(self) -> str:
        """The origin in words, such as "noise-package 1.0 (noise.strategy:Noise)"."""
        if self.distribution is None:
            return self.qualified
        return f"{self.distribution} {self.version} ({self.qualified})"


_admitted: ContextVar[tuple[Part, ...]] = ContextVar("admitted", default=())


def admitted() -> tuple[Part, ...]:
    """Return the parts from outside that can be used here, in the order of their naming."""
    return _admitted.get()


@contextmanager
def admitting(parts: Iterable[Part]) -> Iterator[None]:
    """Add ``parts`` to every registry for the duration of the context.

    A part replaces another one of the same kind and name that was already admitted.
    """
    own = tuple(parts)
    names = {(part.kind, part.name) for part in own}
    before = tuple(part for part in _admitted.get() if (part.kind, part.name) not in names)
    with admitting_only((*before, *own)):
        yield


@contextmanager
def admitting_only(parts: Iterable[Part]) -> Iterator[None]:
    """Replace all parts from outside by ``parts`` for the duration of the context."""
    token = _admitted.set(tuple(parts))
    try:
        yield
    finally:
        _admitted.reset(token)
