"""A parser of the subset of Universal Binary JSON that XGBoost writes."""

from typing import Any

import numpy as np

from genlabel_robust.model_files.checked_values import MOST_VALUES, UnfitError

#: Marker -> number type, big-endian.
_NUMBERS = {
    b"i": ">i1",
    b"U": ">u1",
    b"I": ">i2",
    b"l": ">i4",
    b"L": ">i8",
    b"d": ">f4",
    b"D": ">f8",
}
_WORDS = {b"Z": None, b"T": True, b"F": False}
#: The maximum nesting depth; a model file has about eight levels.
_DEEPEST = 40


def decode(content: bytes) -> Any:
    """Return the value that ``content`` encodes; lists of one number type become arrays.

    Raises ``UnfitError`` unless ``content`` is exactly one complete value, and if an object has a
    key twice, as parsers differ in which one they use.
    """
    reader = _Reader(content)
    value = reader.value(reader.take(1), 0)
    if reader.at != len(content):
        raise UnfitError(f"it has {len(content) - reader.at} bytes after its end")
    return value


class _Reader:
    """A position in the file, and methods that parse from there and advance."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.at = 0
        self.made = 0

    def take(self, n: int) -> bytes:
        """Return the next ``n`` bytes and advance; raises ``UnfitError`` if there are fewer."""
        if not 0 <= n <= len(self.content) - self.at:
            raise UnfitError(f"it ends too early, at byte {len(self.content)}")
        self.at += n
        return self.content[self.at - n : self.at]

    def peek(self) -> bytes:
        """Return the next byte without advancing."""
        return self.content[self.at : self.at + 1]

    def number(self, marker: bytes) -> Any:
        """Return a number of the type that ``marker`` stands for."""
        kind = np.dtype(_NUMBERS[marker])
        return np.frombuffer(self.take(kind.itemsize), kind)[0].item()

    def length(self) -> int:
        """Return an integer that is preceded by its marker."""
        marker = self.take(1)
        if marker not in (b"i", b"U", b"I", b"l", b"L"):
            raise UnfitError(f"a length should begin at byte {self.at - 1}, which is {marker!r}")
        return int(self.number(marker))

    def text(self) -> str:
        """Return a text that is not preceded by a marker."""
        try:
            return self.take(self.length()).decode()
        except UnicodeDecodeError as error:
            raise UnfitError("one of its strings is not UTF-8") from error

    def value(self, marker: bytes, depth: int) -> Any:
        """Return the value after ``marker``."""
        if depth > _DEEPEST:
            raise UnfitError(f"its values are nested more than {_DEEPEST} levels deep")
        self.made += 1
        if self.made > MOST_VALUES:
            raise UnfitError(f"it contains more than {MOST_VALUES:,} values outside of typed lists")
        if marker in _NUMBERS:
            return self.number(marker)
        if marker in _WORDS:
            return _WORDS[marker]
        if marker == b"S":
            return self.text()
        if marker == b"[":
            return self.items(depth)
        if marker == b"{":
            return self.fields(depth)
        raise UnfitError(f"no value begins at byte {self.at - 1}: {marker!r}")

    def items(self, depth: int) -> Any:
        """Return a list: typed with a length, untyped with a length, or up to its end marker."""
        if self.peek() == b"$":
            self.take(1)
            marker = self.take(1)
            if marker not in _NUMBERS or self.take(1) != b"#":
                raise UnfitError(
                    f"a list of numbers of one type should begin at byte {self.at - 1}"
                )
            kind = np.dtype(_NUMBERS[marker])
            raw = self.take(self.length() * kind.itemsize)
            return np.frombuffer(raw, kind).astype(kind.newbyteorder("="))
        if self.peek() == b"#":
            self.take(1)
            # every value takes at least one byte, so a false count fails at the end of the file
            return [self.value(self.take(1), depth + 1) for _ in range(self.length())]
        found = []
        while (marker := self.take(1)) != b"]":
            found.append(self.value(marker, depth + 1))
        return found

    def fields(self, depth: int) -> dict[str, Any]:
        """Return an object, up to its end marker."""
        found: dict[str, Any] = {}
        while self.peek() != b"}":
            key = self.text()
            if key in found:
                raise UnfitError(f"it has {key!r} twice in one object")
            found[key] = self.value(self.take(1), depth + 1)
        self.take(1)
        return found
