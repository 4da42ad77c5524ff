"""Settings with which scikit-learn's estimators read files, or exhaust time or memory.

They are not code, so files without code can contain them. Among them are the regular expressions
with which text vectorizers find words: Python tries every way in which a pattern could match, and
``(?:a|a)*c`` takes 2ⁿ steps for n letters.
"""

import functools
import math
import re
from typing import Any

import numpy as np

from genlabel_robust.core import an, shown
from genlabel_robust.model_files.checked_values import UnfitError
from genlabel_robust.model_files.object_graph import objects_in, path_count, settings_of
from genlabel_robust.model_files.skops.trusted_types import BOUND, PARTIAL

#: The maximum number of columns that a transformer makes from a row: those of 1000 rows take
#: 0.8 GB.
_MOST_MADE = 10**5
#: Settings that determine the number of columns and that no stored array has to match -> their
#: maximum.
_COUNTS = {
    "_n_out_full": _MOST_MADE,
    "n_components": _MOST_MADE,
    "sample_steps": 1000,
    "degree": 1000,
    "_max_degree": 1000,
}
#: Iteration limits of decompositions, which iterate anew for every row that they transform.
_ROUNDS = ("max_iter", "transform_max_iter", "max_doc_update_iter")
_MOST_ROUNDS = 10**5
#: Settings that are regular expressions.
_PATTERNS = ("token_pattern", "pattern")
#: The maximum number of calls of shared objects, on top of ten for each object.
_SHARED = 10**6
#: The maximum length of a pattern, and its maximum number of repetitions: with one, a text of n
#: characters takes at most n² steps.
_LONGEST, _MOST_REPEATED = 200, 1
_FLAGS = re.compile(r"\(\?[aiu]{1,3}\)")
#: One character or character class, with its repetition; no groups and no alternatives.
_TOKEN = re.compile(
    r"(?P<one>\\[^\W\d_]|\\\W|\[\^?(?:\\.|[^\]\\\[])+\]|[^\\\[\](){}*+?|])"
    r"(?P<times>[*+?]|\{\d{0,3}(?:,\d{0,3})?\})?"
)


def check_reaching(root: Any) -> None:
    """Raise ``UnfitError`` if an object in ``root`` would read files, or compute for too long."""
    objects = list(objects_in(root))
    for value in objects:
        _check_settings(value, settings_of(value))
    times = path_count(root)
    if times > _SHARED + 10 * len(objects):
        raise UnfitError(
            f"a prediction would call an object in it {times:.1e} times, because it contains it "
            "that often"
        )


def check_bound(root: Any) -> None:
    """Raise ``UnfitError`` if ``root`` binds arguments to a function that is not in ``BOUND``.

    A trusted function and trusted arguments can be harmful together.
    """
    for value in objects_in(root):
        if isinstance(value, functools.partial):
            name = f"{value.func.__module__}.{value.func.__qualname__}"
            if name not in BOUND:
                raise UnfitError(
                    f"it binds arguments to {name}; if you trust this, name {PARTIAL} with "
                    "--trust-type"
                )


def _check_settings(value: Any, settings: dict[str, Any]) -> None:
    part = f"{an(type(value).__name__)} in it"
    # text vectorizers would open the files that the rows, or a fill constant, name
    if settings.get("input", "content") != "content":
        raise UnfitError(f"{part} reads files: its input is {str(settings['input'])[:40]!r}")
    for name in _PATTERNS:
        if (pattern := settings.get(name)) is not None and not is_simple(pattern):
            raise UnfitError(
                f"{part} has {name}={shown(pattern)}, which may take very long on some texts; a "
                "pattern may have only one repetition, and no groups or alternatives"
            )
    limits = _COUNTS | (dict.fromkeys(_ROUNDS, _MOST_ROUNDS) if "components_" in settings else {})
    for name, most in limits.items():
        number = settings.get(name)
        if isinstance(number, int | float | np.number) and not number <= most:
            raise UnfitError(f"{part} has {name}={number:.3g}; at most {most:,} is allowed")
    # here a function would start processes; ``make_calm`` handles those of estimators
    for keywords in (settings.get("kw_args"), settings.get("inv_kw_args")):
        if isinstance(keywords, dict) and "n_jobs" in keywords:
            raise UnfitError(f"{part} passes n_jobs to a function; remove it from kw_args")
    made = 0
    if type(value).__name__ == "PolynomialFeatures":
        width, degree = settings.get("n_features_in_", 0), settings.get("_max_degree", 0)
        made = sum(
            math.comb(width, i)
            if settings.get("interaction_only")
            else math.comb(max(width - 1, 0) + i, i)
            for i in range(degree + 1)
        )
    elif type(value).__name__ == "PolynomialCountSketch":
        made = settings.get("n_components", 0) * settings.get("degree", 0)
    if made > _MOST_MADE:
        raise UnfitError(
            f"{part} makes {made:.3g} numbers from a row; at most {_MOST_MADE:,} are allowed"
        )


def is_simple(pattern: object) -> bool:
    """Return whether ``pattern`` cannot backtrack much: short, one repetition, no groups."""
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
