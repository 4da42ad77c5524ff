"""Any structure, or the reason why a model has none that is known."""

from dataclasses import dataclass
from typing import TypeAlias

from genlabel_robust.structure.affine import Affine
from genlabel_robust.structure.relu_net import ReluNet
from genlabel_robust.structure.trees import TreeEnsemble
from genlabel_robust.structure.vote import Vote

Structure: TypeAlias = Affine | TreeEnsemble | ReluNet | Vote


@dataclass(frozen=True)
class NoStructure:
    """``reason``: why nothing is known of what is inside a model, a sentence."""

    reason: str


class UnreadError(Exception):
    """Why a reader finds no structure, a sentence without its full stop.

    It never leaves ``structure_of``, which makes a ``NoStructure`` of it.
    """
