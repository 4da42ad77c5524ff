"""Regular expressions in estimators, by which vectorizers of texts find words.

Python follows every way in which one could match: ``(?:a|a)*c`` takes 2ⁿ steps for n letters.
"""

from __future__ import annotations

import re

#: The longest pattern that is evaluated, and how often something in it may be repeated: with one
#: repetition a text of n characters takes n² steps at most.
_LONGEST, _MOST_REPEATED = 200, 1
_FLAGS = re.compile(r"\(\?[aiu]{1,3}\)")
#: One character, or a class of them, with how often it stands there; no groups, and no choices.
_TOKEN = re.compile(
    r"(?P<one>\\[^\W\d_]|\\\W|\[\^?(?:\\.|[^\]\\\[])+\]|[^\\\[\](){}*+?|])"
    r"(?P<times>[*+?]|\{\d{0,3}(?:,\d{0,3})?\})?"
)


def is_simple(pattern: object) -> bool:
    """Tell whether ``pattern`` finds its words in a text without trying many ways."""
    if not isinstance(pattern, str) or len(pattern) > _LONGEST:
        return False
    at, repeated = 0, 0
    flags = _FLAGS.match(pattern)
    if flags is not None:
        at = flags.end()
    while at < len(pattern):
        token = _TOKEN.match(pattern, at)
        if token is None:
            return False
        repeated += token["times"] not in (None, "?")
        at = token.end()
    return repeated <= _MOST_REPEATED
