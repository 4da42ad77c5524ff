"""Wording of names in messages: quoted and shortened lists, counts and articles."""

import re
from collections.abc import Sequence

SHOWN = 10


def quoted(names: Sequence[str]) -> str:
    """Return ``'a', 'b' and 3 more``: at most ``SHOWN`` of ``names``, each quoted."""
    text = ", ".join(repr(name) for name in names[:SHOWN])
    return text if len(names) <= SHOWN else f"{text} and {len(names) - SHOWN} more"


def plural(count: int, noun: str) -> str:
    """Return ``1 row`` or ``2 rows``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


#: Letters whose names begin with a vowel, as in "an MLPClassifier".
_SAID_WITH_A_VOWEL = frozenset("AEFHILMNORSX")
_LETTERS = re.compile(r"[A-Z](?=[A-Z])|x(?=[^aeiouy])")
_VOWEL = re.compile(r"(?!eu|uni|us[ei]|one)[aeiou]|hour|hon(?=[eo])", re.IGNORECASE)


def an(name: str) -> str:
    """Return ``name`` with its article: "an array", "a union", "an SVC", "a Booster"."""
    letters = _LETTERS.match(name)
    vowel = name[0].upper() in _SAID_WITH_A_VOWEL if letters else bool(_VOWEL.match(name))
    return f"an {name}" if vowel else f"a {name}"
