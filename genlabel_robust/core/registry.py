"""Registries, which map names to objects and import them only on use."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from genlabel_robust.core.admitted import Part, admitted
from genlabel_robust.core.errors import unknown_name


class Registry(Mapping[str, str]):
    """A lazy registry: name -> "module:attribute", imported only by ``load``.

    ``kind``: the noun for its members in messages. Each entry is followed by a one-line
    description, so that listing the names imports nothing heavy. ``group``: the group of entry
    points, below "genlabel_robust.", by which other distributions offer parts; ``fits``: the
    "module:function" that checks such a part. Parts that the user named are listed after those of
    the package.
    """

    def __init__(
        self,
        kind: str,
        entries: Mapping[str, tuple[str, str]],
        group: str | None = None,
        fits: str | None = None,
    ) -> None:
        self.kind = kind
        self.group = group
        self.fits = fits
        self._entries = dict(entries)

    def __getitem__(self, name: str) -> str:
        """Return the "module:attribute" of ``name``; raises ``UnknownNameError``."""
        part = self.outside(name)
        return self._entry(name)[0] if part is None else part.qualified

    def __iter__(self) -> Iterator[str]:
        yield from self._entries
        yield from self._outside()

    def __len__(self) -> int:
        return len(self._entries) + len(self._outside())

    def __contains__(self, name: object) -> bool:
        # Mapping's default calls __getitem__ and expects a KeyError
        return name in self._entries or name in self._outside()

    @property
    def built_in(self) -> tuple[str, ...]:
        """The names of the package's own parts."""
        return tuple(self._entries)

    def outside(self, name: str) -> Part | None:
        """Return the part from outside that the user named so, None if it is built in."""
        return self._outside().get(name)

    def describe(self, name: str) -> str:
        """Return the one-line description of ``name``."""
        part = self.outside(name)
        return self._entry(name)[1] if part is None else part.about or f"from {part.origin}"

    def load(self, name: str) -> Any:
        """Import and return the object named ``name``; raises ``UnknownNameError``."""
        part = self.outside(name)
        if part is not None:
            return part.target
        module, _, attribute = self._entry(name)[0].partition(":")
        return getattr(import_module(module), attribute)

    def _outside(self) -> dict[str, Part]:
        return {part.name: part for part in admitted() if part.kind == self.group}

    def _entry(self, name: str) -> tuple[str, str]:
        if name not in self._entries:
            raise self._unknown(name)
        return self._entries[name]

    def _unknown(self, name: str) -> Exception:
        """Return the error for an unknown ``name``, which says where such a part is available."""
        if self.group is not None:
            from genlabel_robust.core.parts.offers import not_named

            if (error := not_named(self, name)) is not None:
                return error
        return unknown_name(self.kind, name, self)
