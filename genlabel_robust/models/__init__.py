"""Architectures, and trained models as all rooms above use them."""

from typing import TYPE_CHECKING

from genlabel_robust.core.exports import exports
from genlabel_robust.core.registry import Registry

if TYPE_CHECKING:
    from genlabel_robust.models.model import Model, TorchModel
    from genlabel_robust.models.nets.chain import LINEAR3, LOGISTIC, MLP

ARCHITECTURES = Registry(
    "architecture",
    {
        "logistic": (
            "genlabel_robust.models.nets.chain:LOGISTIC",
            "logistic regression: a softmax over one linear layer; affine",
        ),
        "linear3": (
            "genlabel_robust.models.nets.chain:LINEAR3",
            "three linear layers, d-128-128-k, nothing between them (the paper's code); affine",
        ),
        "mlp": (
            "genlabel_robust.models.nets.chain:MLP",
            "fully connected ReLU net, d-128-128-k (the paper's text)",
        ),
    },
    group="architectures",
    fits="genlabel_robust.models.nets.outside:fit_architecture",
)

#: The architecture that a run trains by default.
DEFAULT_ARCHITECTURES = ("mlp",)

__all__ = [
    "ARCHITECTURES",
    "DEFAULT_ARCHITECTURES",
    "LINEAR3",
    "LOGISTIC",
    "MLP",
    "Model",
    "TorchModel",
]

__getattr__, __dir__ = exports(
    __name__,
    {
        "LINEAR3": "genlabel_robust.models.nets.chain",
        "LOGISTIC": "genlabel_robust.models.nets.chain",
        "MLP": "genlabel_robust.models.nets.chain",
        "Model": "genlabel_robust.models.model",
        "TorchModel": "genlabel_robust.models.model",
    },
)
