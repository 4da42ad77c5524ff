"""Parts from outside the package that the user named, and where they may be used."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, eq=False)
class Part:
    """A strategy, an attack or another part that somebody else wrote.

    ``kind``: the group that it belongs to, such as "strategies"; ``target``: what a registry
    loads. ``qualified``: where it was defined, "my_package.noise:Noise". ``distribution`` and
    ``version``: what installed it, None for a module of no distribution. ``source``: a digest of
    its source and of what it holds, None where that is not known; then ``unique`` tells this use
    of it from all others. ``settings``: those of an instance that differ from the class's;
    ``about``: a line about it.
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
        """What is stored of it, and what tells it from others, as plain JSON values."""
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
        """Where it comes from, as a person reads it: "noise-package 1.0 (noise.strategy:Noise)"."""
        if self.distribution is None:
            return self.qualified
        return f"{self.distribution} {self.version} ({self.qualified})"


_admitted: ContextVar[tuple[Part, ...]] = ContextVar("admitted", default=())


def admitted() -> tuple[Part, ...]:
    """Return the parts from outside that can be used here, in the order they were named."""
    return _admitted.get()


@contextmanager
def admitting(parts: Iterable[Part]) -> Iterator[None]:
    """Let every registry know ``parts`` inside, besides those that it knows already.

    A part takes the place of one of the same kind and name that was admitted outside.
    """
    own = tuple(parts)
    names = {(part.kind, part.name) for part in own}
    before = tuple(part for part in _admitted.get() if (part.kind, part.name) not in names)
    with admitting_only((*before, *own)):
        yield


@contextmanager
def admitting_only(parts: Iterable[Part]) -> Iterator[None]:
    """Let every registry know ``parts`` inside, and no others from outside."""
    token = _admitted.set(tuple(parts))
    try:
        yield
    finally:
        _admitted.reset(token)
