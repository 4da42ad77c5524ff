"""Attacks: what they are told, what they return, and the suites that group them."""

from genlabel_robust.core.registry import Registry

ATTACKS = Registry(
    "attack",
    {
        "fgsm": (
            "genlabel_robust.attacks.fgsm:FGSM",
            "one gradient step (Goodfellow et al. 2015); needs gradients",
        ),
        "pgd": (
            "genlabel_robust.attacks.pgd:PGD",
            "projected gradient descent with restarts, cross-entropy and margin loss "
            "(Madry et al. 2018); needs gradients",
        ),
        "hopskipjump": (
            "genlabel_robust.attacks.hopskipjump:HopSkipJump",
            "boundary walk with estimated normals (Chen et al. 2020); needs decisions only",
        ),
        "boundary": (
            "genlabel_robust.attacks.boundary:Boundary",
            "random walk along the boundary, L2 (Brendel et al. 2018); needs decisions only",
        ),
    },
)

__all__ = ["ATTACKS"]
