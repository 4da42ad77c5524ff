"""Data-augmentation strategies, which turn a batch into features and soft labels."""

from typing import TYPE_CHECKING

from genlabel_robust.core.exports import exports
from genlabel_robust.core.registry import Registry

if TYPE_CHECKING:
    from genlabel_robust.strategies.adamixup import AdaMixup, AdaMixupFixedPolicy
    from genlabel_robust.strategies.adversarial import Adversarial
    from genlabel_robust.strategies.genlabel_cv import GenLabelCV
    from genlabel_robust.strategies.genlabel_gm import GenLabelGM
    from genlabel_robust.strategies.genlabel_kde import GenLabelKDE
    from genlabel_robust.strategies.genlabel_latent import GenLabelGMLatent, GenLabelKDELatent
    from genlabel_robust.strategies.genlabel_nn import GenLabelNN
    from genlabel_robust.strategies.mixup import Mixup
    from genlabel_robust.strategies.mixup_exclude_mi import MixupExcludeMI
    from genlabel_robust.strategies.vanilla import Vanilla

_HERE = "genlabel_robust.strategies"

STRATEGIES = Registry(
    "strategy",
    {
        "vanilla": (f"{_HERE}.vanilla:Vanilla", "cross-entropy on the data as they are"),
        "mixup": (f"{_HERE}.mixup:Mixup", "mixed points with mixed labels"),
        "adamixup": (
            f"{_HERE}.adamixup:AdaMixup",
            "mixing ratios from a policy net, with an intrusion discriminator",
        ),
        "mixup-exclude-mi": (
            f"{_HERE}.mixup_exclude_mi:MixupExcludeMI",
            "mixup without the points that intrude on a third class",
        ),
        "genlabel-gm": (
            f"{_HERE}.genlabel_gm:GenLabelGM",
            "mixed points, relabelled by one Gaussian per class",
        ),
        "genlabel-kde": (
            f"{_HERE}.genlabel_kde:GenLabelKDE",
            "mixed points, relabelled by a kernel density per class",
        ),
        "genlabel-nn": (
            f"{_HERE}.genlabel_nn:GenLabelNN",
            "mixed points, labelled by the nearest training point",
        ),
        "genlabel-cv": (
            f"{_HERE}.genlabel_cv:GenLabelCV",
            "density, γ and learning rate of GenLabel chosen by cross-validation",
        ),
        "genlabel-gm-latent": (
            f"{_HERE}.genlabel_latent:GenLabelGMLatent",
            "genlabel-gm with the densities on a net's penultimate features",
        ),
        "genlabel-kde-latent": (
            f"{_HERE}.genlabel_latent:GenLabelKDELatent",
            "genlabel-kde with the densities on a net's penultimate features",
        ),
        "adamixup-fixed-policy": (
            f"{_HERE}.adamixup:AdaMixupFixedPolicy",
            "adamixup whose policy and discriminator keep their random start",
        ),
        "adversarial": (
            f"{_HERE}.adversarial:Adversarial",
            "cross-entropy on attacked points (adversarial training)",
        ),
    },
    group="strategies",
    fits=f"{_HERE}.outside:fit_strategy",
)

#: The strategies in the paper's tables, in the paper's order.
DEFAULT_STRATEGIES = (
    "vanilla",
    "mixup",
    "adamixup",
    "mixup-exclude-mi",
    "genlabel-gm",
    "genlabel-kde",
    "genlabel-nn",
    "genlabel-cv",
)

__all__ = [
    "DEFAULT_STRATEGIES",
    "STRATEGIES",
    "AdaMixup",
    "AdaMixupFixedPolicy",
    "Adversarial",
    "GenLabelCV",
    "GenLabelGM",
    "GenLabelGMLatent",
    "GenLabelKDE",
    "GenLabelKDELatent",
    "GenLabelNN",
    "Mixup",
    "MixupExcludeMI",
    "Vanilla",
]

__getattr__, __dir__ = exports(
    __name__,
    {
        "AdaMixup": "genlabel_robust.strategies.adamixup",
        "AdaMixupFixedPolicy": "genlabel_robust.strategies.adamixup",
        "Adversarial": "genlabel_robust.strategies.adversarial",
        "GenLabelCV": "genlabel_robust.strategies.genlabel_cv",
        "GenLabelGM": "genlabel_robust.strategies.genlabel_gm",
        "GenLabelGMLatent": "genlabel_robust.strategies.genlabel_latent",
        "GenLabelKDE": "genlabel_robust.strategies.genlabel_kde",
        "GenLabelKDELatent": "genlabel_robust.strategies.genlabel_latent",
        "GenLabelNN": "genlabel_robust.strategies.genlabel_nn",
        "Mixup": "genlabel_robust.strategies.mixup",
        "MixupExcludeMI": "genlabel_robust.strategies.mixup_exclude_mi",
        "Vanilla": "genlabel_robust.strategies.vanilla",
    },
)
