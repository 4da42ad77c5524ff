"""From what is inside a model to the reader that knows it."""

from typing import Any

from genlabel_robust.structure import Front, NoStructure, Structure, UnreadError
from genlabel_robust.structure.readers import READERS, reader_name


def read_inside(inside: Any, front: Front) -> Structure | NoStructure:
    """Return the structure of ``inside``, which is shown what ``front`` makes of raw features.

    Scores are in the order of its own; raises ``UnreadError`` where no reader knows it.
    """
    name = reader_name(inside)
    if name not in READERS:
        raise UnreadError(f"nothing is known of the inside of {type(inside).__name__}")
    found: Structure | NoStructure = READERS.load(name)(inside, front)
    return found
