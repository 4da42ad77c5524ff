"""Tokens of a relation's text."""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from genlabel_robust.core import shown
from genlabel_robust.threat.relation_text.refusal import refusal

Kind: TypeAlias = Literal["number", "text", "name", "word", "sign", "end"]

#: The longest relation that is read, in characters, and the most tokens.
LONGEST, MOST = 2_000, 300
#: Reserved words; a column with such a name must be written in backticks.
WORDS = ("and", "or", "not", "implies", "table", "true", "false")
_PIECE = re.compile(
    r"""\s*(?:
    (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))
    |`(?P<quoted>[^`]+)`
    |"(?P<double>[^"]*)"|'(?P<single>[^']*)'
    |(?P<name>[^\W\d]\w*(?:\.\w+)*)
    |(?P<sign>->|<=|>=|==|!=|[-+*/()<>])
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Token:
    """A token of a relation; ``place``: the position of the character after it."""

    kind: Kind
    value: str
    place: int


def tokens(text: str) -> list[Token]:
    """Return the tokens of the relation ``text``, with an end token.

    Raises ``RelationError`` where no token begins.
    """
    if len(text) > LONGEST:
        raise refusal(text, f"is longer than {LONGEST:,} characters")
    found: list[Token] = []
    place, end = 0, len(text.rstrip())
    while place < end:
        piece = _PIECE.match(text, place)
        if piece is None:
            raise refusal(
                text, f"cannot be read, starting at {shown(text[place:end].lstrip()[:20])}"
            )
        place = piece.end()
        found.append(_token(piece, place))
        if len(found) > MOST:
            raise refusal(text, f"has more than {MOST} words and signs")
    return [*found, Token("end", "", end)]


def _token(piece: re.Match[str], place: int) -> Token:
    group = piece.lastgroup or ""
    value = piece[group]
    if group in ("double", "single"):
        return Token("text", value, place)
    if group == "quoted":
        return Token("name", value, place)
    if group == "name" and value.lower() in WORDS:
        return Token("word", value.lower(), place)
    kind: Kind = "number" if group == "number" else "sign" if group == "sign" else "name"
    return Token(kind, value, place)
