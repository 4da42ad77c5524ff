"""Train many fits of one architecture as one."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from genlabel_robust.core.errors import GenlabelRobustError
from genlabel_robust.core.threads import one_thread
from genlabel_robust.models.architecture import Layer
from genlabel_robust.strategies.soft_batch import SoftBatch
from genlabel_robust.trainers.config import TrainConfig
from genlabel_robust.trainers.stacked_adam import StackedAdam
from genlabel_robust.trainers.stacked_logistic import StackedLogistic
from genlabel_robust.trainers.stacked_net import StackedNet
from genlabel_robust.trainers.stacked_sgd import StackedSGD, clip_norms
from genlabel_robust.trainers.stream import Stream, read

#: Models computed at once: what they touch in one step stays in the processor's cache.
CHUNK = 12
#: The same for models without a hidden layer.
LOGISTIC_CHUNK = 128
#: Products over a multiple of so many models give each the same bits, in any company.
_PAD = 16


@dataclass(frozen=True, eq=False)
class StackedFit:
    """One model of a stack: where it starts, how fast it learns, and on what.

    ``parts``: (stream, share) pairs whose shares sum to 1: its targets are that
    convex combination of the streams' targets. The streams of one fit must agree
    in features and weights; those of the first are used.
    """

    layers: tuple[Layer, ...]
    learning_rate: float
    parts: tuple[tuple[int, float], ...]


@one_thread()
def train_stack(
    fits: Sequence[StackedFit],
    streams: Sequence[Stream],
    relu: bool,
    config: TrainConfig,
    device: str = "cpu",
) -> list[tuple[Layer, ...]]:
    """Return the trained layers of each fit.

    Points that several streams share are mixed once, and each stream labels them once,
    for all models that see them. A step in which all of a model's rows have weight 0 is
    no step for that model: neither its parameters nor its optimizer's moments change.
    Only fits on the same points are computed at once, so that nothing is padded, and one
    torch thread is used, so that a fit does not depend on its company: the test holds it
    to 1e-6 of a layer's largest weight. Raises ``GenlabelRobustError`` if the streams of
    a fit disagree.
    """
    trained: dict[int, tuple[Layer, ...]] = {}
    by_length: dict[int, list[int]] = {}
    for index, fit in enumerate(fits):
        by_length.setdefault(len(streams[fit.parts[0][0]].x), []).append(index)
    for members in by_length.values():
        used = sorted({stream for index in members for stream, _ in fits[index].parts})
        chunks = [
            (some, _Chunk([fits[i] for i in some], used, relu, config, device))
            for some in _computed_at_once(members, fits, streams)
        ]
        blocks = read([streams[i] for i in used], config.epochs, config.batch_size, config.shuffle)
        for soft, steps in blocks:
            for _, chunk in chunks:
                chunk.train(soft, steps)
        for some, chunk in chunks:
            trained.update((index, chunk.net.layers(place)) for place, index in enumerate(some))
    return [trained[index] for index in range(len(fits))]


def stacked_optimizer(
    config: TrainConfig, parameters: Sequence[Tensor], rates: Sequence[float]
) -> StackedAdam | StackedSGD:
    """Return the optimizer of ``config`` for ``parameters`` (S, ., .), with S learning rates."""
    if config.optimizer == "adam":
        return StackedAdam(parameters, rates, config.weight_decay)
    return StackedSGD(parameters, rates, config.weight_decay, config.momentum)


def _computed_at_once(
    members: Sequence[int], fits: Sequence[StackedFit], streams: Sequence[Stream]
) -> Iterator[list[int]]:
    """Yield the fits of each chunk: they see the same points."""
    by_source: dict[Hashable, list[int]] = {}
    for index in members:
        by_source.setdefault(streams[fits[index].parts[0][0]].source, []).append(index)
    size = CHUNK if len(fits[members[0]].layers) > 1 else LOGISTIC_CHUNK
    for found in by_source.values():
        yield from (found[start : start + size] for start in range(0, len(found), size))


class _Chunk:
    """A few models that see the same points, their optimizer, and which streams they read."""

    def __init__(
        self,
        fits: Sequence[StackedFit],
        used: Sequence[int],
        relu: bool,
        config: TrainConfig,
        device: str,
    ) -> None:
        n_padded = -(-len(fits) // _PAD) * _PAD
        if len(fits[0].layers) == 1:
            fits = [*fits, *[fits[0]] * (n_padded - len(fits))]
        nets = [fit.layers for fit in fits]
        self.net: StackedNet | StackedLogistic
        if len(nets[0]) > 1:
            self.net = StackedNet(nets, relu, device)
        else:
            self.net = StackedLogistic(nets, device)
        rates = [fit.learning_rate for fit in fits]
        self._optimizer = stacked_optimizer(config, self.net.parameters, rates)
        self._clip_norm = config.clip_norm
        streams = sorted({stream for fit in fits for stream, _ in fit.parts})
        shares = np.zeros((len(streams), n_padded), dtype=np.float32)
        for model, fit in enumerate(fits):
            for stream, share in fit.parts:
                shares[streams.index(stream), model] = share
        self._shares = torch.from_numpy(shares).to(device)
        self._streams = [used.index(stream) for stream in streams]
        parts = [[streams.index(stream) for stream, _ in fit.parts] for fit in fits]
        self._first = [first for first, *_ in parts]
        self._agree = {(first, other) for first, *others in parts for other in others}

    def train(self, soft: Sequence[SoftBatch], steps: Sequence[slice]) -> None:
        """Train every model on its share of each batch of ``soft``; ``steps``: where they are."""
        mine = [soft[i] for i in self._streams]
        x, weight = mine[0].x, self._weight(mine)
        k, s = mine[0].target.shape[1], len(self._first)
        targets = torch.stack([one.target for one in mine], dim=2).flatten(0, 1)
        active = np.ones(s, dtype=bool)
        for step in steps:
            target = (targets[k * step.start : k * step.stop] @ self._shares)[:, :s]
            kept = None if weight is None else weight[step].T
            self.net.differentiate(x[step], target.reshape(-1, k, s).permute(2, 0, 1), kept)
            if self._clip_norm is not None:
                clip_norms(self.net.gradients, self._clip_norm)
            if kept is not None:
                active = (kept.sum(dim=1) > 0).cpu().numpy()
            self._optimizer.step(self.net.gradients, active)

    def _weight(self, mine: Sequence[SoftBatch]) -> Tensor | None:
        """Return each model's weights (rows, S), None if all are 1; refuse what disagrees."""
        same = all(one.x is mine[0].x or torch.equal(one.x, mine[0].x) for one in mine)
        weight = torch.stack([one.weight for one in mine], dim=1)
        if not (same and all(torch.equal(weight[:, i], weight[:, j]) for i, j in self._agree)):
            raise GenlabelRobustError(
                "the streams of one stacked fit differ in features or weights; give them "
                "equally seeded generators, and strategies that draw alike"
            )
        return None if bool((weight == 1.0).all()) else weight[:, self._first]
