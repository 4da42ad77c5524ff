"""The contract of architectures."""

from typing import Any

import numpy as np
import torch

from genlabel_robust.core import generator
from genlabel_robust.core.parts.naming import part_of
from genlabel_robust.models import ARCHITECTURES
from genlabel_robust.models.nets.architecture import Architecture
from genlabel_robust.parts.contracts.promise import nothing_global_moves, promise
from genlabel_robust.parts.contracts.rows import three_classes
from genlabel_robust.trainers.config import TrainConfig
from genlabel_robust.trainers.torch_trainer import accuracy, train


def check_architecture(architecture: Any) -> None:
    """Check that an architecture, a function, class or instance, keeps its contract.

    Raises ``ConfigurationError`` if it does not.
    """
    made: Architecture = part_of(ARCHITECTURES, architecture).target
    the_generator_draws_the_weights(made)
    logits_are_a_rows_own(made)
    weights_are_restored(made)
    nets_learn(made)


def the_generator_draws_the_weights(architecture: Architecture) -> None:
    """Check that the generator alone determines the weights, and no global state changes."""
    with nothing_global_moves(f"architecture {architecture.name!r}"):
        first, again, other = (
            architecture.draw(4, 3, generator(seed, "contract")) for seed in (0, 0, 1)
        )
    same = _equal(first.state_dict(), again.state_dict())
    promise(same, f"equal generators draw equal nets {architecture.name!r}")
    promise(
        not _equal(first.state_dict(), other.state_dict()),
        f"other generators draw other nets {architecture.name!r}",
    )
    promise(not first.training, f"a net {architecture.name!r} is drawn in eval mode")


def logits_are_a_rows_own(architecture: Architecture) -> None:
    """Check shape and type of the logits, and that those of a row do not depend on other rows."""
    net = architecture.draw(4, 3, generator(0, "contract"))
    rows = torch.tensor(three_classes(30)[0])
    with torch.no_grad():
        logits, alone = net(rows), torch.cat([net(row[None]) for row in rows])
    tensor = isinstance(logits, torch.Tensor)
    promise(tensor, f"a net {architecture.name!r} returns a tensor of logits")
    promise(logits.shape == (30, 3), f"logits of {architecture.name!r} are of shape (n, classes)")
    promise(logits.dtype == torch.float32, f"logits of {architecture.name!r} are of float32")
    promise(
        torch.allclose(logits, alone, rtol=1e-4, atol=1e-5),
        f"a row's logits of {architecture.name!r} do not depend on the other rows",
    )


def weights_are_restored(architecture: Architecture) -> None:
    """Check that ``restore`` rebuilds a net from its state dict."""
    net = architecture.draw(4, 3, generator(0, "contract"))
    tensors = {name: value.numpy() for name, value in net.state_dict().items()}
    rows = torch.tensor(three_classes(9)[0])
    with torch.no_grad():
        again = architecture.restore(tensors, 4, 3)(rows)
        promise(
            torch.equal(again, net(rows)),
            f"the weights of a net {architecture.name!r} give the same net again",
        )


def nets_learn(architecture: Architecture) -> None:
    """Check that nets learn easily separable rows, and that training is reproducible."""
    x, y = three_classes()
    config = TrainConfig(epochs=40, batch_size=50)
    with nothing_global_moves(f"training {architecture.name!r}"):
        first, again = (
            train(x, y, 3, architecture, "vanilla", {}, config, 0).module for _ in range(2)
        )
    share = accuracy(first, x, y)
    promise(share > 0.8, f"a net {architecture.name!r} is right on {share:.0%} of easy rows")
    with torch.no_grad():
        same = torch.equal(first(torch.tensor(x)), again(torch.tensor(x)))
    promise(same, f"training {architecture.name!r} gives the same net again")


def _equal(one: Any, other: Any) -> bool:
    return set(one) == set(other) and all(np.array_equal(one[k], other[k]) for k in one)
