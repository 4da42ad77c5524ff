"""Names to objects, without importing what is not asked for."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from genlabel_robust.core.errors import unknown_name


class Registry(Mapping[str, str]):
    """A lazy registry: name -> "module:attribute", imported only by ``load``.

    ``kind`` is the word for its members in messages. Each entry is followed by
    one line of description, so that listing the names imports nothing heavy.
    """

    def __init__(self, kind: str, entries: Mapping[str, tuple[str, str]]) -> None:
        self.kind = kind
        self._entries = dict(entries)

    def __getitem__(self, name: str) -> str:
        """Return the "module:attribute" of ``name``; raises ``UnknownNameError``."""
        return self._entry(name)[0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, name: object) -> bool:
        # Mapping's own asks __getitem__ and expects a KeyError
        return name in self._entries

    def describe(self, name: str) -> str:
        """Return the one-line description of ``name``."""
        return self._entry(name)[1]

    def load(self, name: str) -> Any:
        """Import and return what ``name`` stands for; raises ``UnknownNameError``."""
        module, _, attribute = self[name].partition(":")
        return getattr(import_module(module), attribute)

    def _entry(self, name: str) -> tuple[str, str]:
        if name not in self._entries:
            raise unknown_name(self.kind, name, self._entries)
        return self._entries[name]
