"""Universal Binary JSON, as far as XGBoost writes it."""

from typing import Any

import numpy as np

from genlabel_robust.model_files.checked_values import MOST_VALUES, UnfitError

#: Marker -> type of a number, as big-endian bytes.
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
#: A model's file goes down by eight or so.
_DEEPEST = 40


def decode(content: bytes) -> Any:
    """Return what ``content`` says; lists of one type of number are arrays.

    Raises ``UnfitError`` for anything else than one whole value, and for a key that an object
    has twice: readers differ in which one they believe.
    """
    reader = _Reader(content)
    value = reader.value(reader.take(1), 0)
    if reader.at != len(content):
        raise UnfitError(f"it has {len(content) - reader.at} bytes after its end")
    return value


class _Reader:
    """A place in the file, and what follows there."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.at = 0
        self.made = 0

    def take(self, n: int) -> bytes:
        """Return the next ``n`` bytes."""
        if not 0 <= n <= len(self.content) - self.at:
            raise UnfitError(f"it ends too early, at byte {len(self.content)}")
        self.at += n
        return self.content[self.at - n : self.at]

    def peek(self) -> bytes:
        """Return the next byte, and stay before it."""
        return self.content[self.at : self.at + 1]

    def number(self, marker: bytes) -> Any:
        """Return one number of a type."""
        kind = np.dtype(_NUMBERS[marker])
        return np.frombuffer(self.take(kind.itemsize), kind)[0].item()

    def length(self) -> int:
        """Return a whole number, with its marker."""
        marker = self.take(1)
        if marker not in (b"i", b"U", b"I", b"l", b"L"):
            raise UnfitError(f"a length should begin at byte {self.at - 1}, which is {marker!r}")
        return int(self.number(marker))

    def text(self) -> str:
        """Return a text without its marker."""
        try:
            return self.take(self.length()).decode()
        except UnicodeDecodeError as error:
            raise UnfitError("one of its strings is not UTF-8") from error

    def value(self, marker: bytes, depth: int) -> Any:
        """Return the value that ``marker`` begins."""
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
        """Return a list: of one type and counted, counted, or up to its end."""
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
            # each takes a byte at the least: a false count ends with the file
            return [self.value(self.take(1), depth + 1) for _ in range(self.length())]
        found = []
        while (marker := self.take(1)) != b"]":
            found.append(self.value(marker, depth + 1))
        return found

    def fields(self, depth: int) -> dict[str, Any]:
        """Return an object up to its end."""
        found: dict[str, Any] = {}
        while self.peek() != b"}":
            key = self.text()
            if key in found:
                raise UnfitError(f"it has {key!r} twice in one object")
            found[key] = self.value(self.take(1), depth + 1)
        self.take(1)
        return found
