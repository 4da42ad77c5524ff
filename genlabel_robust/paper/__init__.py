"""Reproduction of the paper's numbers and figures: one module per part, listed in ``PARTS``."""

from genlabel_robust.core.registry import Registry

PARTS = Registry(
    "part of the paper",
    {
        "accuracy": ("genlabel_robust.paper.tables.accuracy:PART", "the accuracies, cell by cell"),
        "robustness": (
            "genlabel_robust.paper.tables.robustness:PART",
            "the robust accuracies: as published, by stronger attacks, and exactly",
        ),
        "linear3": (
            "genlabel_robust.paper.tables.linear3:PART",
            "the accuracies of the affine three-layer net, with latent GenLabel",
        ),
        "toy": ("genlabel_robust.paper.toy:PART", "three points on a line, and their labels"),
        "margin": (
            "genlabel_robust.paper.margins.figure:PART",
            "boundaries and margins in the plane",
        ),
        "theorem": ("genlabel_robust.paper.theorem.theorem:PART", "the order of the three losses"),
    },
)
