"""How a part that a run used is named again on the command line."""

from collections.abc import Mapping
from typing import Any

#: What begins the place of an object that was given in Python, and that no module's name reaches.
OBJECT = "an object of "
#: Their parts have a name of their own, and tell their kind by their type.
_TELLING = ("strategies", "attacks")


def part_option(record: Mapping[str, Any]) -> str | None:
    """Return what ``--part`` takes for the part of ``record``, as ``Part.record`` has it.

    None for an object that was given in Python, from which alone it can be used again: one of a
    script or a notebook, one made inside a function, or one that no name of a module reaches.
    """
    kind, name, where = (str(record.get(key)) for key in ("kind", "name", "object"))
    module, _, path = where.partition(":")
    steps = (*module.split("."), *path.split("."))
    if module == "__main__" or not all(step.isidentifier() for step in steps):
        return None
    return where if kind in _TELLING else f"{kind}.{name}={where}"
