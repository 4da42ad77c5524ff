"""Architectures, and the trained models that every room above works on."""

from genlabel_robust.core.registry import Registry

ARCHITECTURES = Registry(
    "architecture",
    {
        "logistic": (
            "genlabel_robust.models.architecture:LOGISTIC",
            "logistic regression: a softmax over one linear layer; affine",
        ),
        "linear3": (
            "genlabel_robust.models.architecture:LINEAR3",
            "three linear layers, d-128-128-k, nothing between them (the paper's code); affine",
        ),
        "mlp": (
            "genlabel_robust.models.architecture:MLP",
            "fully connected ReLU net, d-128-128-k (the paper's text)",
        ),
    },
)

__all__ = ["ARCHITECTURES"]
