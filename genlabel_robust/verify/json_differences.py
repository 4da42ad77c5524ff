"""The differences between two JSON values, path by path."""

from collections.abc import Iterator
from math import isclose
from typing import Any

#: The relative difference up to which two numbers count as equal.
PRECISION = 1e-9

_SHOWN = 60


def json_differences(
    stored: Any, again: Any, path: str = "", source: str | None = None
) -> Iterator[str]:
    """Yield a clause for each path where ``stored`` differs from ``again``, the recomputed value.

    ``source``: a plural noun for what ``again`` was computed from; without it, the clauses say
    what should be there.
    """
    wanted = "should be" if source is None else f"{source} give"
    if isinstance(stored, dict) and isinstance(again, dict):
        for key in sorted({*stored, *again}):
            here = f"{path}.{key}" if path else str(key)
            if key not in stored:
                yield f"{here} is missing, and {wanted} {_text_of(again[key])}"
            elif key not in again:
                yield f"{here} is {_text_of(stored[key])}, and should not be there"
            else:
                yield from json_differences(stored[key], again[key], here, source)
    elif isinstance(stored, list) and isinstance(again, list):
        if len(stored) != len(again):
            wanted = "should have" if source is None else wanted
            yield f"{path} has {len(stored)} entries, and {wanted} {len(again)}"
            return
        for index, (one, other) in enumerate(zip(stored, again, strict=True)):
            yield from json_differences(one, other, f"{path}[{index}]", source)
    elif not same_number(stored, again) and (
        stored != again or isinstance(stored, bool) != isinstance(again, bool)
    ):
        yield f"{path} is {_text_of(stored)}, and {wanted} {_text_of(again)}"


def same_number(one: Any, other: Any) -> bool:
    """Return whether both are numbers that are equal up to ``PRECISION``."""
    numbers = (isinstance(v, int | float) and not isinstance(v, bool) for v in (one, other))
    return all(numbers) and isclose(one, other, rel_tol=PRECISION, abs_tol=1e-15)


def _text_of(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
