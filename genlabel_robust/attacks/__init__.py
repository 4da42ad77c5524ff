"""Attacks, their results, and the suites that group them."""

from typing import TYPE_CHECKING

from genlabel_robust.core.exports import exports
from genlabel_robust.core.registry import Registry

if TYPE_CHECKING:
    from genlabel_robust.attacks.art.adapter import as_art_attack
    from genlabel_robust.attacks.attack import Attack, AttackResult
    from genlabel_robust.attacks.suite import build_attack

ATTACKS = Registry(
    "attack",
    {
        "noise": (
            "genlabel_robust.attacks.noise:Noise",
            "random points of the ball; needs decisions only",
        ),
        "fgsm": (
            "genlabel_robust.attacks.art.fgsm:FGSM",
            "one gradient step (Goodfellow et al. 2015); needs gradients",
        ),
        "pgd": (
            "genlabel_robust.attacks.art.pgd:PGD",
            "projected gradient descent with restarts, cross-entropy and margin loss "
            "(Madry et al. 2018); needs gradients",
        ),
        "apgd": (
            "genlabel_robust.attacks.apgd:APGD",
            "PGD whose steps adapt (Croce & Hein 2020); needs gradients",
        ),
        "fab": (
            "genlabel_robust.attacks.fab:FAB",
            "the nearest point across the linearised boundary, again and again (Croce & Hein "
            "2020); needs gradients",
        ),
        "sign-bisect": (
            "genlabel_robust.attacks.sign_bisect:SignBisect",
            "the vertex of the smallest L∞ cube across the boundary; needs decisions only",
        ),
        "boundary-normal": (
            "genlabel_robust.attacks.boundary_normal:BoundaryNormal",
            "L2 descent along normals read off feature by feature; needs decisions only",
        ),
        "finite-differences": (
            "genlabel_robust.attacks.finite_differences:FiniteDifferences",
            "PGD with gradients from differences of scores; needs scores",
        ),
        "square": (
            "genlabel_robust.attacks.square:Square",
            "random search (Andriushchenko et al. 2020), for tables; needs scores",
        ),
        "hopskipjump": (
            "genlabel_robust.attacks.hopskipjump:HopSkipJump",
            "boundary walk with estimated normals (Chen et al. 2020); needs decisions only",
        ),
        "boundary": (
            "genlabel_robust.attacks.boundary:Boundary",
            "random walk along the boundary, L2 (Brendel et al. 2018); needs decisions only",
        ),
        "evolutionary": (
            "genlabel_robust.attacks.evolutionary:Evolutionary",
            "bred points, feature by feature, for trees (after Dong et al. 2019); decisions only",
        ),
        "lattice-search": (
            "genlabel_robust.attacks.lattice_search:LatticeSearch",
            "greedy moves of single features, for whole numbers and categories; needs scores",
        ),
        "few-features": (
            "genlabel_robust.attacks.few_features:FewFeatures",
            "the fewest features, L0: single ones, more, and back again; needs decisions only",
        ),
    },
    group="attacks",
    fits="genlabel_robust.attacks.outside:fit_attack",
)

__all__ = ["ATTACKS", "Attack", "AttackResult", "as_art_attack", "build_attack"]

__getattr__, __dir__ = exports(
    __name__,
    {
        "Attack": "genlabel_robust.attacks.attack",
        "AttackResult": "genlabel_robust.attacks.attack",
        "as_art_attack": "genlabel_robust.attacks.art.adapter",
        "build_attack": "genlabel_robust.attacks.suite",
    },
)
