"""How to name a part of an earlier run again on the command line."""

from collections.abc import Mapping
from typing import Any

#: Prefix for an object that was passed in Python and cannot be reached by a module's name.
OBJECT = "an object of "
#: Kinds whose parts have their own name, and a type from which the kind follows.
_TELLING = ("strategies", "attacks")


def part_option(record: Mapping[str, Any]) -> str | None:
    """Return the value of ``--part`` for the part of ``record``, as ``Part.record`` returns it.

    None for an object that can only be passed in Python: one from a script or a notebook, one
    created inside a function, or one that cannot be reached by a module's name.
    """
    kind, name, where = (str(record.get(key)) for key in ("kind", "name", "object"))
    module, _, path = where.partition(":")
    steps = (*module.split("."), *path.split("."))
    if module == "__main__" or not all(step.isidentifier() for step in steps):
        return None
    return where if kind in _TELLING else f"{kind}.{name}={where}"
