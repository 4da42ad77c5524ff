"""The only place that parses JSON and TOML, within limits."""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from genlabel_robust.core.errors import ConfigurationError, InputError, UsageError
from genlabel_robust.core.files.opening import file_bytes

_T = TypeVar("_T")

#: The deepest nesting that is accepted: recursive functions walk the values.
DEEPEST = 64
#: The largest integer, as in numpy, and its number of digits.
LARGEST_WHOLE = 2**63 - 1
_DIGITS = len(str(LARGEST_WHOLE))
_BEYOND = "beyond 64 bits"
#: The largest JSON and TOML files, in bytes; TOML takes a second for a megabyte.
_LARGEST_JSON, _LARGEST_TOML = 64 << 20, 4 << 20
#: The most tables and lists in a JSON text: each takes a hundred bytes or more of memory.
_MOST_PARTS = 3 * 10**6
#: A lone half of a UTF-16 surrogate pair: a character that cannot be written to a file.
_HALF = re.compile(r"\\u[dD][89a-fA-F]")


class _RefusedError(ValueError):
    """The reason why a text is refused, as half a sentence that follows its name."""


def read_json(path: Path, *, name: str | None = None, error: type[UsageError] = InputError) -> Any:
    """Return the value in the JSON file at ``path``; for arguments and errors see ``opened``."""
    content = file_bytes(path, most=_LARGEST_JSON, name=name, error=error)
    return parsed_json(content, name or str(path), error=error)


def parsed_json(content: bytes, name: str, *, error: type[UsageError] = InputError) -> Any:
    """Parse ``content`` as JSON; ``name``: its name in messages.

    Raises ``error``, in one sentence, for invalid JSON, NaN and infinite numbers, integers beyond
    64 bits, a duplicate key, and nesting deeper than ``DEEPEST``.
    """
    return _guarded(lambda: _json(content), "JSON", name, error)


def read_toml(
    path: Path, *, name: str | None = None, error: type[UsageError] = InputError
) -> dict[str, Any]:
    """Return the document in the TOML file at ``path``; for arguments and errors see ``opened``."""
    content = file_bytes(path, most=_LARGEST_TOML, name=name, error=error)
    return _guarded(lambda: _toml(content.decode("utf-8")), "TOML", name or str(path), error)


def parsed_toml(text: str, name: str, *, error: type[UsageError] = InputError) -> dict[str, Any]:
    """Parse ``text`` as TOML; ``name``: its name in messages.

    Raises ``error``, in one sentence, for invalid TOML, integers beyond 64 bits, and nesting deeper
    than ``DEEPEST``.
    """
    return _guarded(lambda: _toml(text), "TOML", name, error)


def parsed_toml_or_none(text: str, name: str) -> dict[str, Any] | None:
    """Parse ``text`` as ``parsed_toml`` does; return None if it is not TOML at all.

    Raises ``ConfigurationError`` for TOML that is refused.
    """
    try:
        return _guarded(lambda: _toml(text), "TOML", name, ConfigurationError)
    except ConfigurationError as error:
        if isinstance(error.__cause__, tomllib.TOMLDecodeError):
            return None
        raise


def refuse_nested(value: Any) -> None:
    """Raise ``ValueError``, half a sentence, if ``value`` is nested deeper than ``DEEPEST``."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(DEEPEST):
        level = [part for part in _parts(level) if isinstance(part, dict | list)]
        if not level:
            return
    raise _RefusedError(f"is nested deeper than {DEEPEST} levels")


def _parts(level: list[Any]) -> Iterator[Any]:
    """Yield the entries of the tables and lists in ``level``."""
    for whole in level:
        yield from whole.values() if isinstance(whole, dict) else whole


def _guarded(parse: Callable[[], _T], kind: str, name: str, error: type[UsageError]) -> _T:
    try:
        return parse()
    except _RefusedError as problem:
        raise error(f"{name} {problem}") from problem
    except RecursionError as problem:
        raise error(f"{name} is nested deeper than {DEEPEST} levels") from problem
    except MemoryError as problem:
        raise error(f"{name} needs more memory than this machine has") from problem
    except UnicodeDecodeError as problem:
        reason = f"it is not UTF-8 text (byte {problem.start})"
        raise error(f"{name} is not valid {kind}: {reason}") from problem
    except ValueError as problem:
        raise error(f"{name} is not valid {kind}: {problem}") from problem


def _json(content: bytes) -> Any:
    if content.count(b"{") + content.count(b"[") > _MOST_PARTS:
        raise _RefusedError(f"has more than {_MOST_PARTS:,} tables and lists")
    text = content.decode("utf-8")
    value = json.loads(
        text,
        object_pairs_hook=_once,
        parse_constant=_no_number,
        parse_float=_finite,
        parse_int=_whole,
    )
    refuse_nested(value)
    if _HALF.search(text):
        _refuse_halves(value)
    return value


def _toml(text: str) -> dict[str, Any]:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except ValueError as problem:  # Python's limit on digits; its message is about its settings
        if "integer string conversion" not in str(problem):
            raise
        raise _RefusedError(f"holds a whole number {_BEYOND}") from problem
    refuse_nested(document)
    _refuse_large(document)
    return document


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(name for name, n in Counter(name for name, _ in pairs).items() if n > 1)
        raise _RefusedError(f"has the key {twice[:60]!r} twice in one table")
    return found


def _no_number(text: str) -> Any:
    raise _RefusedError(f"contains {text}, which is not a number in JSON")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise _RefusedError(f"holds the number {_short(text)}, which is too large")
    return number


def _whole(text: str) -> int:
    if len(text.lstrip("-")) <= _DIGITS and abs(number := int(text)) <= LARGEST_WHOLE:
        return number
    raise _RefusedError(f"holds the whole number {_short(text)}, {_BEYOND}")


def _refuse_large(document: Any) -> None:
    level = [document]
    while level:
        parts = list(_parts(level))
        for part in parts:
            if isinstance(part, int) and abs(part) > LARGEST_WHOLE:
                raise _RefusedError(f"holds a whole number {_BEYOND}")
        level = [part for part in parts if isinstance(part, dict | list)]


def _refuse_halves(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as problem:
        raise _RefusedError("holds half of a character (a lone surrogate)") from problem


def _short(text: str) -> str:
    return text if len(text) <= 24 else f"{text[:12]}... of {len(text):,} digits"
