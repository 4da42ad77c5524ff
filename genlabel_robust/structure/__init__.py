"""The inside of models as plain arrays, on the raw features that attacks change."""

from typing import TYPE_CHECKING

from genlabel_robust.core.exports import exports

if TYPE_CHECKING:
    from genlabel_robust.structure.affine import Affine
    from genlabel_robust.structure.columns import Front
    from genlabel_robust.structure.relu_net import ReluNet
    from genlabel_robust.structure.rounding import FLOAT32, FLOAT64
    from genlabel_robust.structure.structure import NoStructure, Structure, UnreadError
    from genlabel_robust.structure.trees import TreeEnsemble
    from genlabel_robust.structure.vote import Member, Vote

__all__ = [
    "FLOAT32",
    "FLOAT64",
    "Affine",
    "Front",
    "Member",
    "NoStructure",
    "ReluNet",
    "Structure",
    "TreeEnsemble",
    "UnreadError",
    "Vote",
]

_NAMES = {
    "affine": ("Affine",),
    "columns": ("Front",),
    "relu_net": ("ReluNet",),
    "rounding": (
        "FLOAT32",
        "FLOAT64",
    ),
    "structure": (
        "NoStructure",
        "Structure",
        "UnreadError",
    ),
    "trees": ("TreeEnsemble",),
    "vote": (
        "Member",
        "Vote",
    ),
}

__getattr__, __dir__ = exports(
    __name__, {name: f"{__name__}.{module}" for module, names in _NAMES.items() for name in names}
)
