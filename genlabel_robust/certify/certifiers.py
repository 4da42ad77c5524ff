"""The registry of certifiers, by the kind of structure that each one certifies."""

from genlabel_robust.core import Registry

_KINDS = "genlabel_robust.certify.by_structure"

#: Maps the name of a structure's type to a function of the type ``Certifier``.
CERTIFIERS = Registry(
    "certifier",
    {
        "Affine": (f"{_KINDS}:affine", "distances in closed form, and among whole steps"),
        "TreeEnsemble": (f"{_KINDS}:trees", "branch and bound over the cells between thresholds"),
        "ReluNet": (f"{_KINDS}:relu_net", "linear bounds, branch and bound over ReLUs"),
        "Vote": (f"{_KINDS}:vote", "bounds of each member, branch and bound over boxes"),
    },
    group="certifiers",
    fits="genlabel_robust.certify.outside:fit_certifier",
)
