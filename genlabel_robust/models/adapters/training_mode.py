"""The mode of a program that torch exported: it is fixed, and must be evaluation mode."""

import torch
from torch import fx, nn

from genlabel_robust.core import ConfigurationError

#: Arguments of torch's operators that are true only in training.
_TRAINING = frozenset({"train", "training", "use_input_stats"})


def refuse_training_mode(module: nn.Module) -> None:
    """Raise ``ConfigurationError`` if ``module`` contains a graph in training mode.

    In that mode dropout is random and batch norm depends on the batch: no prediction is reliable.
    """
    for part in module.modules():
        if isinstance(part, fx.GraphModule) and any(_trains(node) for node in part.graph.nodes):
            raise ConfigurationError(
                "the program was exported in training mode, in which its predictions depend on "
                "chance or on the other rows; export it again after module.eval()"
            )


def _trains(node: fx.Node) -> bool:
    if not isinstance(node.target, torch._ops.OpOverload):
        return False
    arguments = node.target._schema.arguments
    values = {argument.name: value for argument, value in zip(arguments, node.args, strict=False)}
    values.update(node.kwargs)
    return any(values.get(name) is True for name in _TRAINING)
