"""The one place where text from outside is made fit to be printed.

A name in a file can hold a line break, and a line that begins with "::" is a command to GitHub's
runner; an escape sequence can repaint a terminal, and a mark of direction turns what is around it.
"""

from collections.abc import Mapping
from typing import Any

#: What stands for a character that is not printed.
MARK = "\ufffd"

#: The longest value that a message shows whole.
_LONGEST = 80


def shown(value: object) -> str:
    """Return ``value`` as Python writes it, cut where it is long: messages are one sentence."""
    if isinstance(value, int) and value.bit_length() > _LONGEST * 3:
        return f"a whole number of {value.bit_length():,} bits"
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # of a number too long, of lists in lists
        return f"a {type(value).__name__}"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def plain(text: str) -> str:
    """Return ``text`` as one line that moves no cursor: only what is printable, and blanks."""
    return "".join(sign if sign.isprintable() else MARK for sign in text)


def plain_lines(text: str) -> str:
    """Return a text of our own lines, none of which is moved by what it quotes, or is a command.

    Line breaks and tabs stay. A line that begins as a command of GitHub's runner gets a mark.
    """
    return "\n".join(
        "\t".join(plain(part) for part in plain_start(line).split("\t"))
        for line in text.split("\n")
    )


def plain_line(text: str) -> str:
    """Return ``text`` as ``plain`` does, and as no command of GitHub's runner either."""
    return plain_start(plain(text))


def plain_start(line: str) -> str:
    """Return ``line``, with a mark before it if it begins as a command of GitHub's runner."""
    return MARK + line if line.lstrip().startswith("::") else line


def plain_values(value: Any) -> Any:
    """Return ``value``, of tables and lists as in JSON, with every text as of ``plain_line``."""
    if isinstance(value, str):
        return plain_line(value)
    if isinstance(value, Mapping):
        return {plain_line(str(name)): plain_values(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain_values(entry) for entry in value]
    return value


def plain_json(text: str) -> str:
    """Return JSON ``text`` of several lines, what is not printed in it written as JSON escapes it.

    Such characters stand in strings only, and so the value stays the same.
    """
    return "".join(
        sign if sign.isprintable() or sign in "\n\t" else _escaped(sign) for sign in text
    )


def _escaped(sign: str) -> str:
    import json  # hardly any text has such a sign, and --help prints text

    return json.dumps(sign)[1:-1]
