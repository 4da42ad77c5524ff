"""What is inside a model, as plain arrays on the raw features that attacks move."""

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
