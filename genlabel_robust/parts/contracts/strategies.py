"""The contract of strategies."""

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from genlabel_robust.core import ConfigurationError, an, generator
from genlabel_robust.core.admitted import Part, admitting
from genlabel_robust.core.parts.naming import part_of
from genlabel_robust.models import LOGISTIC, MLP
from genlabel_robust.parts.contracts.promise import nothing_global_moves, promise, refuses
from genlabel_robust.parts.contracts.rows import three_classes
from genlabel_robust.strategies import STRATEGIES
from genlabel_robust.strategies.repeatable import unrepeatable
from genlabel_robust.strategies.strategy import BatchStrategy, LossStrategy, Strategy
from genlabel_robust.trainers.config import TrainConfig
from genlabel_robust.trainers.torch_trainer import accuracy, train


def check_strategy(strategy: Any) -> None:
    """Check that a strategy, a class or an instance, keeps its contract.

    Raises ``ConfigurationError`` if it does not.
    """
    part = part_of(STRATEGIES, strategy)
    made = part.target(**part.settings)
    x, y = three_classes()
    if isinstance(made, BatchStrategy):
        refuses_use_before_fit(part.target(**part.settings))
        fitted = made.fit(x, y, 3)
        soft_batches_are_distributions(fitted, x, y)
        the_generator_decides(fitted, x, y)
    if isinstance(made, LossStrategy):
        refuses_use_before_fit(part.target(**part.settings))
        has_a_loss_with_a_slope(made.fit(x, y, 3), x, y)
    if not made.attacked:
        learns(part)


def refuses_use_before_fit(strategy: Strategy) -> None:
    """Check that a strategy raises ``ConfigurationError`` when it is used before ``fit``."""
    x, y = map(torch.tensor, three_classes(12))
    net = LOGISTIC.draw(4, 3, generator(0, "contract"))

    def use() -> Any:
        rng = np.random.default_rng(0)
        if isinstance(strategy, LossStrategy):
            return strategy.loss(net, x, y, rng)
        return strategy(x, y, rng) if isinstance(strategy, BatchStrategy) else None

    refuses(
        use,
        f"strategy {strategy.name!r} must raise ConfigurationError when it is used before fit: a "
        "loss calls self._check_fitted() first",
        ConfigurationError,
    )


def soft_batches_are_distributions(strategy: BatchStrategy, x: Any, y: Any) -> None:
    """Check shapes, types and values of a soft batch; ``strategy``: fitted on three classes."""
    rows, labels = torch.tensor(x), torch.tensor(y)
    batch = strategy(rows, labels, np.random.default_rng(0))
    name = f"a soft batch of strategy {strategy.name!r}"
    promise(batch.x.shape == rows.shape, f"{name} has features of shape {tuple(batch.x.shape)}")
    promise(batch.target.shape == (len(rows), 3), f"{name} has a target per class")
    promise(batch.weight.shape == (len(rows),), f"{name} has a weight per row")
    dtypes = {batch.target.dtype, batch.x.dtype, batch.weight.dtype}
    promise(dtypes == {rows.dtype}, f"{name} is of the type of the rows, and not of {dtypes}")
    sums = batch.target.sum(dim=1)
    promise(torch.allclose(sums, torch.ones_like(sums), atol=1e-5), f"{name} has targets of sum 1")
    promise(bool((batch.target >= 0).all()), f"{name} has targets of at least 0")
    promise(bool((batch.weight >= 0).all()), f"{name} has weights of at least 0")
    promise(bool(batch.x.isfinite().all()), f"{name} has finite features")


def the_generator_decides(strategy: BatchStrategy, x: Any, y: Any) -> None:
    """Check that a batch depends on rows and generator alone, and that the rows do not change."""
    tensors = [torch.tensor(x), torch.tensor(y)]
    copies = [tensor.clone() for tensor in tensors]
    reason = unrepeatable(strategy, *tensors)
    promise(reason is None, reason)
    unchanged = all(torch.equal(one, other) for one, other in zip(tensors, copies, strict=True))
    promise(unchanged, f"strategy {strategy.name!r} leaves the rows as they are")


def has_a_loss_with_a_slope(strategy: LossStrategy, x: Any, y: Any) -> None:
    """Check that the loss is a finite scalar with a gradient in the net's weights."""
    net = MLP.with_widths((8,)).draw(4, 3, generator(0, "contract"))
    with nothing_global_moves(f"the loss of strategy {strategy.name!r}"):
        loss = strategy.loss(net, torch.tensor(x), torch.tensor(y), np.random.default_rng(0))
    tensor = isinstance(loss, Tensor)
    promise(tensor, f"the loss is a tensor, and not {an(type(loss).__name__)}")
    promise(loss.shape == () and bool(loss.isfinite()), "the loss is one finite number")
    promise(loss.requires_grad, "the loss has a gradient in the weights of the net")


def learns(part: Part) -> None:
    """Check that nets learn easily separable rows with the strategy, and reproducibly."""
    x, y = three_classes()
    config = TrainConfig(epochs=40, batch_size=50, learning_rate=0.05)
    with admitting([part]), nothing_global_moves(f"training by {part.name!r}"):
        arguments = (x, y, 3, MLP.with_widths((8, 8)), part.name, part.settings, config, 0)
        first, again = (train(*arguments, attack_step=sign_step).module for _ in range(2))
    share = accuracy(first, x, y)
    promise(share > 0.8, f"a net trained by {part.name!r} is right on {share:.0%} of easy rows")
    rows = torch.tensor(x)
    promise(
        torch.equal(first(rows), again(rows)), f"training by {part.name!r} gives the same net again"
    )


def sign_step(net: Any, x: Tensor, y: Tensor, rng: np.random.Generator) -> Tensor:
    """Return the rows ``x`` after one signed gradient step that increases the net's loss."""
    moved = x.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(functional.cross_entropy(net(moved), y), moved)
    return moved.detach() + 0.05 * slope.sign()
