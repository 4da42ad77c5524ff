"""The structure of a model, or the reason why none is known."""

from dataclasses import dataclass
from typing import TypeAlias

from genlabel_robust.structure.affine import Affine
from genlabel_robust.structure.relu_net import ReluNet
from genlabel_robust.structure.trees import TreeEnsemble
from genlabel_robust.structure.vote import Vote

Structure: TypeAlias = Affine | TreeEnsemble | ReluNet | Vote


@dataclass(frozen=True)
class NoStructure:
    """The absence of a structure; ``reason``: a sentence that explains it."""

    reason: str


class UnreadError(Exception):
    """The reason why a reader returns no structure, a sentence without its full stop.

    It never leaves ``structure_of``, which turns it into a ``NoStructure``.
    """
