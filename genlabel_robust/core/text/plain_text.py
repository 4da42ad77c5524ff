"""The only place that makes text from outside safe to print.

A name in a file can contain a line break, and a line that begins with "::" is a command to GitHub's
runner; an escape sequence can repaint a terminal, and a direction mark can reverse the text around
it.
"""

from collections.abc import Mapping
from typing import Any

#: The replacement for an unprintable character.
MARK = "\ufffd"

#: The longest value that a message quotes in full.
_LONGEST = 80


def shown(value: object) -> str:
    """Return ``value`` as Python's ``repr``, shortened if it is long: messages are one sentence."""
    if isinstance(value, int) and value.bit_length() > _LONGEST * 3:
        return f"a whole number of {value.bit_length():,} bits"
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # a number that is too long, or lists nested too deeply
        return f"a {type(value).__name__}"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def plain(text: str) -> str:
    """Return ``text`` as one line of printable characters and blanks, without cursor control."""
    return "".join(sign if sign.isprintable() else MARK for sign in text)


def plain_lines(text: str) -> str:
    """Make our own text of several lines safe against control characters and runner commands.

    Line breaks and tabs stay. A line that begins like a command of GitHub's runner gets a mark.
    """
    return "\n".join(
        "\t".join(plain(part) for part in plain_start(line).split("\t"))
        for line in text.split("\n")
    )


def plain_line(text: str) -> str:
    """Return ``text`` as ``plain`` does, and never as a command of GitHub's runner."""
    return plain_start(plain(text))


def plain_start(line: str) -> str:
    """Return ``line``, with a mark before it if it begins like a command of GitHub's runner."""
    return MARK + line if line.lstrip().startswith("::") else line


def plain_values(value: Any) -> Any:
    """Return the JSON-like ``value`` with every text replaced by its ``plain_line``."""
    if isinstance(value, str):
        return plain_line(value)
    if isinstance(value, Mapping):
        return {plain_line(str(name)): plain_values(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain_values(entry) for entry in value]
    return value


def plain_json(text: str) -> str:
    """Return JSON ``text`` of several lines with unprintable characters as JSON escapes.

    Such characters occur only in strings, so the value stays the same.
    """
    return "".join(
        sign if sign.isprintable() or sign in "\n\t" else _escaped(sign) for sign in text
    )


def _escaped(sign: str) -> str:
    import json  # imported late: few texts have such a character, and --help prints text

    return json.dumps(sign)[1:-1]
