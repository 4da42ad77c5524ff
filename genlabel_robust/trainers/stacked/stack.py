"""Training of many models of one architecture at once."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from genlabel_robust.core import Float32Array, GenlabelRobustError, one_thread
from genlabel_robust.core.padding import padded
from genlabel_robust.models.nets.chain import Layer
from genlabel_robust.strategies.soft_batch import SoftBatch
from genlabel_robust.trainers.config import TrainConfig
from genlabel_robust.trainers.stacked.adam import StackedAdam
from genlabel_robust.trainers.stacked.logistic import StackedLogistic
from genlabel_robust.trainers.stacked.net import StackedNet
from genlabel_robust.trainers.stacked.sgd import StackedSGD, clip_norms
from genlabel_robust.trainers.stacked.stream import Stream, read

#: Models computed at once on the CPU: the memory of one step fits into the cache.
CHUNK = 12
#: The same on another device, which waits for the CPU.
DEVICE_CHUNK = 1024
#: The same for models without a hidden layer.
LOGISTIC_CHUNK = 128
#: How many of these are computed at once, in groups.
LOGISTIC_AT_ONCE = 256
_DISAGREE = (
    "the streams of one stacked fit differ in features or weights; give them equally seeded "
    "generators, and strategies that draw alike"
)


@dataclass(frozen=True, eq=False)
class StackedFit:
    """One model of a stack: its initial layers, its learning rate, and its streams.

    ``parts``: (stream, share) pairs whose shares sum to 1: the model's targets are that
    convex combination of the streams' targets. The streams of one model must agree
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

    Points that several streams share are mixed once, and each stream labels them once for all
    models. A model skips a step in which all its rows have weight 0: neither its parameters nor
    its optimizer's moments change. Only fits on equally many points are computed at once, so that
    no rows are padded, and one torch thread is used. So a fit does not depend on the other fits: a
    test checks this to 1e-6 of a layer's largest weight. Raises ``GenlabelRobustError`` if the
    streams of a fit disagree.
    """
    trained: dict[int, tuple[Layer, ...]] = {}
    by_length: dict[int, list[int]] = {}
    for index, fit in enumerate(fits):
        by_length.setdefault(len(streams[fit.parts[0][0]].x), []).append(index)
    for members in by_length.values():
        used = sorted({stream for index in members for stream, _ in fits[index].parts})
        chunks = [
            (
                groups,
                _Chunk([[fits[i] for i in some] for some in groups], used, relu, config, device),
            )
            for groups in _computed_at_once(members, fits, streams, device)
        ]
        blocks = read([streams[i] for i in used], config.epochs, config.batch_size, config.shuffle)
        for soft, steps in blocks:
            for _, chunk in chunks:
                chunk.train(soft, steps)
        for groups, chunk in chunks:
            for group, some in enumerate(groups):
                trained.update((i, chunk.layers(group, place)) for place, i in enumerate(some))
    return [trained[index] for index in range(len(fits))]


def stacked_optimizer(
    config: TrainConfig, parameters: Sequence[Tensor], rates: Sequence[float]
) -> StackedAdam | StackedSGD:
    """Return the optimizer of ``config`` for ``parameters`` (S, ., .), with S learning rates."""
    if config.optimizer == "adam":
        return StackedAdam(parameters, rates, config.weight_decay)
    return StackedSGD(parameters, rates, config.weight_decay, config.momentum)


def _computed_at_once(
    members: Sequence[int], fits: Sequence[StackedFit], streams: Sequence[Stream], device: str
) -> Iterator[list[list[int]]]:
    """Yield chunks of fits to compute at once, in groups that see the same points.

    A chunk of nets is one group; logistic regressions are so small that several groups of the
    same size are computed at once.
    """
    by_source: dict[Hashable, list[int]] = {}
    for index in members:
        by_source.setdefault(streams[fits[index].parts[0][0]].source, []).append(index)
    logistic = len(fits[members[0]].layers) == 1
    size = LOGISTIC_CHUNK if logistic else CHUNK if device == "cpu" else DEVICE_CHUNK
    groups = [
        found[start : start + size]
        for found in by_source.values()
        for start in range(0, len(found), size)
    ]
    if not logistic:
        yield from ([group] for group in groups)
        return
    alike: dict[tuple[int, int], list[list[int]]] = {}
    for group in groups:
        n_streams = len({stream for i in group for stream, _ in fits[i].parts})
        alike.setdefault((padded(len(group)), n_streams), []).append(group)
    for (n_models, _), same in alike.items():
        at_once = max(1, LOGISTIC_AT_ONCE // n_models)
        yield from (same[start : start + at_once] for start in range(0, len(same), at_once))


class _Chunk:
    """A few groups of models, their optimizer, and the streams that they read.

    Groups (G) are padded to equally many models (S); the models of a group see the
    same points.
    """

    def __init__(
        self,
        groups: Sequence[Sequence[StackedFit]],
        used: Sequence[int],
        relu: bool,
        config: TrainConfig,
        device: str,
    ) -> None:
        n_padded = padded(max(map(len, groups)))
        self._net: StackedNet | StackedLogistic
        if len(groups[0][0].layers) > 1:
            self._net = StackedNet([fit.layers for fit in groups[0]], relu, device)
        else:
            groups = [[*fits, *[fits[0]] * (n_padded - len(fits))] for fits in groups]
            self._net = StackedLogistic([[fit.layers for fit in fits] for fits in groups], device)
        rates = [fit.learning_rate for fits in groups for fit in fits]
        self._optimizer = stacked_optimizer(config, [self._net.flat], rates)
        self._clip_norm = config.clip_norm
        self._n_models = len(groups[0])
        self._everyone = np.ones(len(rates), dtype=bool)
        self._groups = [Group([fit.parts for fit in fits], used) for fits in groups]
        shares = np.stack([group.shares(n_padded) for group in self._groups])
        self._shares = torch.from_numpy(shares).to(device)

    def train(self, soft: Sequence[SoftBatch], steps: Sequence[slice]) -> None:
        """Train every model on its share of each batch in ``soft``; ``steps``: their slices."""
        x = torch.stack([group.points(soft) for group in self._groups])
        targets = torch.stack([group.targets(soft) for group in self._groups])
        weight = _stacked([group.weights(soft) for group in self._groups])
        (g, _, _), k, s = x.shape, soft[0].target.shape[1], self._n_models
        if isinstance(self._net, StackedLogistic):
            x = self._net.with_ones(x)
        for step in steps:
            target = torch.bmm(targets[:, k * step.start : k * step.stop], self._shares)
            target = target.view(g, -1, k, target.shape[2])
            kept = None if weight is None else weight[:, step]
            if isinstance(self._net, StackedLogistic):
                self._net.differentiate(x[:, step], target, kept)
            else:
                own = None if kept is None else kept[0].T
                self._net.differentiate(x[0, step], target[0, ..., :s].permute(2, 0, 1), own)
            if self._clip_norm is not None:
                clip_norms(self._net.gradients, self._clip_norm)
            active = self._everyone
            if kept is not None:
                active = (kept.sum(dim=1) > 0).flatten().cpu().numpy()
            self._optimizer.step([self._net.flat_gradients], active)

    def layers(self, group: int, index: int) -> tuple[Layer, ...]:
        """Return copies of the layers of one model of a group."""
        if isinstance(self._net, StackedLogistic):
            return self._net.layers(group, index)
        return self._net.layers(index)


class Group:
    """The streams that the models of a group read, and each model's share of them."""

    def __init__(self, parts: Sequence[tuple[tuple[int, float], ...]], used: Sequence[int]) -> None:
        self._parts = list(parts)
        self._own = sorted({stream for parts in self._parts for stream, _ in parts})
        self._places = [used.index(stream) for stream in self._own]
        self._first = [self._own.index(parts[0][0]) for parts in self._parts]
        self._agree = {
            (self._own.index(parts[0][0]), self._own.index(other))
            for parts in self._parts
            for other, _ in parts[1:]
        }

    def shares(self, n_padded: int) -> Float32Array:
        """Return each model's share of each stream, (streams, n_padded)."""
        shares = np.zeros((len(self._own), n_padded), dtype=np.float32)
        for model, parts in enumerate(self._parts):
            for stream, share in parts:
                shares[self._own.index(stream), model] = share
        return shares

    def points(self, soft: Sequence[SoftBatch]) -> Tensor:
        """Return the points (rows, d), on which all of the streams must agree."""
        first, *others = (soft[i].x for i in self._places)
        if not all(x is first or torch.equal(x, first) for x in others):
            raise GenlabelRobustError(_DISAGREE)
        return first

    def targets(self, soft: Sequence[SoftBatch]) -> Tensor:
        """Return the targets of the streams, (rows * k, streams)."""
        return torch.stack([soft[i].target for i in self._places], dim=2).flatten(0, 1)

    def weights(self, soft: Sequence[SoftBatch]) -> Tensor | None:
        """Return each model's weights (rows, S), None if all are 1."""
        weights = [soft[i].weight for i in self._places]
        if all(bool((weight == 1.0).all()) for weight in weights):
            return None
        if not all(torch.equal(weights[i], weights[j]) for i, j in self._agree):
            raise GenlabelRobustError(_DISAGREE)
        return torch.stack([weights[i] for i in self._first], dim=1)


def _stacked(weights: Sequence[Tensor | None]) -> Tensor | None:
    """Return the groups' weights (G, rows, S), None if all are 1."""
    known = [weight for weight in weights if weight is not None]
    if not known:
        return None
    ones = torch.ones_like(known[0])
    return torch.stack([ones if weight is None else weight for weight in weights])
