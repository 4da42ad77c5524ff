"""Dispatch from the object inside a model to its reader."""

from typing import Any

from genlabel_robust.structure import Front, NoStructure, Structure, UnreadError
from genlabel_robust.structure.readers import READERS, reader_name


def read_inside(inside: Any, front: Front) -> Structure | NoStructure:
    """Return the structure of ``inside``, whose input ``front`` computes from raw features.

    The scores are in the order of ``inside``. Raises ``UnreadError`` if there is no reader for it.
    """
    name = reader_name(inside)
    if name not in READERS:
        raise UnreadError(f"nothing is known of the inside of {type(inside).__name__}")
    found: Structure | NoStructure = READERS.load(name)(inside, front)
    return found
