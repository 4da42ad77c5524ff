"""Train many fits of one architecture as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from genlabel_robust.core.errors import GenlabelRobustError
from genlabel_robust.core.threads import one_thread
from genlabel_robust.models.architecture import Layer
from genlabel_robust.strategies.soft_batch import SoftBatch
from genlabel_robust.trainers.config import TrainConfig
from genlabel_robust.trainers.stacked_adam import StackedAdam
from genlabel_robust.trainers.stacked_net import StackedNet
from genlabel_robust.trainers.stream import Stream

#: Models computed at once: what they touch in one step stays in the processor's cache.
CHUNK = 12


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

    Each step computes every stream's soft batch once. A step in which all of a
    model's rows have weight 0 is no step for that model: neither its parameters
    nor its Adam moments change. Only fits on equally many rows are stacked, so that
    nothing is padded, and one torch thread is used, so that a fit does not depend on
    its company: the test holds it to 1e-6 of a layer's largest weight. Raises
    ``GenlabelRobustError`` if the streams of a fit disagree.
    """
    trained: dict[int, tuple[Layer, ...]] = {}
    by_length: dict[int, list[int]] = {}
    for index, fit in enumerate(fits):
        by_length.setdefault(len(streams[fit.parts[0][0]].x), []).append(index)
    for members in by_length.values():
        used = sorted({stream for index in members for stream, _ in fits[index].parts})
        chunks = [
            _Chunk([fits[i] for i in members[start : start + CHUNK]], used, relu, config, device)
            for start in range(0, len(members), CHUNK)
        ]
        sources = (
            streams[i].batches(config.epochs, config.batch_size, config.shuffle) for i in used
        )
        for batches in zip(*sources, strict=True):
            for chunk in chunks:
                chunk.step(batches)
        nets = [chunk.net.layers(i) for chunk in chunks for i in range(chunk.size)]
        trained.update(zip(members, nets, strict=True))
    return [trained[index] for index in range(len(fits))]


class _Chunk:
    """A few models, their optimiser, and which streams they read."""

    def __init__(
        self,
        fits: Sequence[StackedFit],
        used: Sequence[int],
        relu: bool,
        config: TrainConfig,
        device: str,
    ) -> None:
        self.size = len(fits)
        self.net = StackedNet([fit.layers for fit in fits], relu, device)
        rates = [fit.learning_rate for fit in fits]
        self._adam = StackedAdam(self.net.parameters, rates, config.weight_decay)
        self._parts = [[(used.index(s), share) for s, share in fit.parts] for fit in fits]
        self._checked = False

    def step(self, batches: Sequence[SoftBatch]) -> None:
        """Train every model of the chunk on its share of ``batches``."""
        if not self._checked:
            self._check(batches)
        first = [parts[0][0] for parts in self._parts]
        x = torch.stack([batches[i].x for i in first])
        weight = torch.stack([batches[i].weight for i in first])
        target = torch.stack([_combine(batches, parts) for parts in self._parts])
        self.net.differentiate(x, target, weight)
        active = (weight.sum(dim=1) > 0).cpu().numpy()
        self._adam.step(self.net.gradients, active)

    def _check(self, batches: Sequence[SoftBatch]) -> None:
        for parts in self._parts:
            head = batches[parts[0][0]]
            for stream, _ in parts[1:]:
                same = torch.equal(head.x, batches[stream].x)
                if not (same and torch.equal(head.weight, batches[stream].weight)):
                    raise GenlabelRobustError(
                        "the streams of one stacked fit differ in features or weights; give them "
                        "equally seeded generators, and strategies that draw alike"
                    )
        self._checked = True


def _combine(batches: Sequence[SoftBatch], parts: Sequence[tuple[int, float]]) -> Tensor:
    stream, share = parts[0]
    target = batches[stream].target
    if share != 1.0:
        target = share * target
    for stream, share in parts[1:]:
        target = target.add(batches[stream].target, alpha=share)
    return target
