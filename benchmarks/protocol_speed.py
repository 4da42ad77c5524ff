"""Print how fast the stacked search of the paper's protocol is, compared with a plain loop.

Run it on a folder of ``<id>_<name>.csv`` files::

    GENLABEL_ROBUST_OPENML_DIR=FOLDER python benchmarks/protocol_speed.py --out FOLDER

 * One cell of the table, search and final fit: five folds of 4 rates × 6 γ, 100 epochs,
   batches of 128. The loop is the protocol as written: one fit after another with layers, loss
   and Adam of torch, and scipy's densities evaluated in every batch, whose plain ratio is the
   label. Both start from the same weights and draw the same λ and partners, so they make the
   same choices, up to rounding. Both train every fit of the cell; one strategy has no fits to
   share. For ``mlp``, the loop trains only some nets, and its time is extrapolated.
 * Fits per second by the number of models in a stack; for ``mlp`` also the rate of its matrix
   products in GFLOP/s, and that of bare ``torch.bmm`` on the same shapes, in turn.

All of it uses one thread. Ratios are of elapsed time, and of CPU time, which depends less on other
load; speeds are by CPU time. The loop takes a minute or two, everything else less than two.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.stats import gaussian_kde, multivariate_normal
from torch import Tensor, nn
from torch.nn import functional

from genlabel_robust.core.files.writing import json_text, write_text
from genlabel_robust.core.machine.threads import one_thread
from genlabel_robust.core.seeds import generator
from genlabel_robust.data.task import Task
from genlabel_robust.models.nets.architecture import Architecture
from genlabel_robust.models.nets.chain import LOGISTIC, MLP
from genlabel_robust.paper.protocol import CONFIG, load_tasks
from genlabel_robust.strategies.genlabel_gm import GenLabelGM
from genlabel_robust.strategies.mixup import Mixup
from genlabel_robust.trainers.config import TrainConfig
from genlabel_robust.trainers.grid import Candidate
from genlabel_robust.trainers.search import first_best, folds
from genlabel_robust.trainers.stacked import stack
from genlabel_robust.trainers.stacked.stack import StackedFit, train_stack
from genlabel_robust.trainers.stacked.stream import Stream
from genlabel_robust.trainers.torch_trainer import Request, Trained, accuracy, train_all

SIZES = (1, 2, 5, 10, 20, 40, 80, 120, 160, 240)
SEED = 0

#: Returns the density of a class at points (m, d).
Density = Callable[[np.ndarray], np.ndarray]


def gaussian(rows: np.ndarray) -> Density:
    """Fit one Gaussian to the rows (n, d) of a class."""
    covariance = np.cov(rows.T, ddof=0) + 1e-4 * np.eye(rows.shape[1])
    density: Density = multivariate_normal(rows.mean(axis=0), covariance).pdf
    return density


def kernels(rows: np.ndarray) -> Density:
    """Fit Gaussian kernels of Scott's bandwidth to the rows (n, d) of a class."""
    kde = gaussian_kde(rows.T)
    return lambda points: np.asarray(kde.pdf(points.T))


FITTED = {"genlabel-gm": gaussian, "genlabel-kde": kernels}


class Loop:
    """The protocol as written, for one data set: scaled ``x`` (n, d), labels ``y`` (n,)."""

    def __init__(self, task: Task, architecture: Architecture, strategy: str) -> None:
        self.x, self.y = task.scaling.apply(task.x_train), task.y_train
        self.n_classes, self.architecture = task.n_classes, architecture
        self.fit_density = FITTED[strategy]
        self.parts = folds(self.y, self.n_classes, CONFIG.folds)

    def score(self, candidate: Candidate, fold: int) -> float:
        """Train on all folds but one (counted from 1), and return the accuracy on that fold."""
        kept, held_out = self.parts[fold - 1]
        net = self.train(self.x[kept], self.y[kept], candidate, fold)
        return accuracy(net, self.x[held_out], self.y[held_out])

    def final(self, candidate: Candidate) -> nn.Module:
        """Train on all rows."""
        return self.train(self.x, self.y, candidate, 0)

    def train(self, x: np.ndarray, y: np.ndarray, candidate: Candidate, fold: int) -> nn.Module:
        """Train one net with one candidate."""
        k, rate, gamma = self.n_classes, candidate.learning_rate, candidate.gamma
        assert rate is not None
        assert gamma is not None
        densities = [self.fit_density(x[y == label]) for label in range(k)]
        points, one_hot = torch.from_numpy(x), functional.one_hot(torch.from_numpy(y), k).float()
        start = generator(SEED, "initialisation", fold)
        net = self.architecture.module(self.architecture.initialise(x.shape[1], k, start))
        optimizer = torch.optim.Adam(net.parameters(), lr=rate, weight_decay=CONFIG.weight_decay)
        mixing = generator(SEED, "mixing", fold)
        for _ in range(CONFIG.epochs):
            for begin in range(0, len(x), CONFIG.batch_size):
                own = points[begin : begin + CONFIG.batch_size]
                labels = one_hot[begin : begin + CONFIG.batch_size]
                ratio = mixing.beta(1.0, 1.0)
                partner = torch.from_numpy(mixing.permutation(len(own)))
                mixed = ratio * own + (1 - ratio) * own[partner]
                plain = ratio * labels + (1 - ratio) * labels[partner]
                values = np.stack([density(mixed.numpy()) for density in densities], axis=1)
                label = torch.from_numpy(values / values.sum(axis=1, keepdims=True)).float()
                logits = net(mixed)
                loss = gamma * functional.cross_entropy(logits, label)
                loss = loss + (1 - gamma) * functional.cross_entropy(logits, plain)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        return net


@dataclass
class Time:
    """Elapsed seconds and CPU seconds."""

    wall: float
    cpu: float

    def over(self, other: Time) -> dict[str, float]:
        """Return the ratios of this time to ``other``."""
        return {"ratio": self.wall / other.wall, "cpu_ratio": self.cpu / other.cpu}


def timed(run: Callable[[], Any]) -> tuple[Time, Any]:
    """Call ``run``, and return its time and its result."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = run()
    return Time(time.perf_counter() - wall, time.process_time() - cpu), result


def median(times: Sequence[Time]) -> Time:
    """Return the medians of elapsed and CPU seconds."""
    return Time(
        float(np.median([one.wall for one in times])), float(np.median([one.cpu for one in times]))
    )


def search(task: Task, architecture: Architecture, strategy: str) -> Trained:
    """Return the net that the stacked search of a cell trains."""
    x, request = task.scaling.apply(task.x_train), Request(strategy, seed=SEED)
    return train_all(x, task.y_train, task.n_classes, architecture, [request], CONFIG)[0]


def compare_cell(task: Task, strategy: str) -> dict[str, Any]:
    """Search one cell of logistic regression with the stack and with the loop."""
    search(task, LOGISTIC, strategy)
    runs = [timed(lambda: search(task, LOGISTIC, strategy)) for _ in range(3)]
    ours = runs[0][1]
    loop = Loop(task, LOGISTIC, strategy)
    candidates = [candidate for candidate, _ in ours.scores]

    def whole() -> tuple[np.ndarray, int]:
        numbers = range(1, CONFIG.folds + 1)
        scores = np.array([[loop.score(one, fold) for fold in numbers] for one in candidates])
        best = first_best(list(scores))
        loop.final(candidates[best])
        return scores, best

    took, (scores, best) = timed(whole)
    runs += [timed(lambda: search(task, LOGISTIC, strategy)) for _ in range(3)]
    stacked = median([one for one, _ in runs])
    here = candidates.index(ours.chosen)
    found = np.array([values for _, values in ours.scores])
    tie = bool(np.isclose(scores[here].mean(), scores[best].mean(), rtol=0, atol=1e-12))
    record: dict[str, Any] = {
        "cell": f"{task.name} {strategy} logistic",
        "rows": len(task.y_train),
        "fits": scores.size + 1,
        "loop_seconds": took.wall,
        "stacked_seconds": stacked.wall,
        **took.over(stacked),
        "chosen": label(ours.chosen),
        "chosen_by_loop": label(candidates[best]),
        "same_choice": here == best,
        "tie": tie,
        "fold_scores": scores.size,
        "different_fold_scores": int((~np.isclose(scores, found)).sum()),
    }
    choices = "the same" if here == best else "a tie" if tie else "NOT a tie"
    print(
        f"{record['cell']:<36} {record['fits']} fits  loop {took.wall:7.2f} s  stacked "
        f"{stacked.wall:6.3f} s  ratio {record['ratio']:6.1f} (processor time "
        f"{record['cpu_ratio']:6.1f})  chosen {record['chosen']}, by the loop "
        f"{record['chosen_by_loop']}: {choices}; {record['different_fold_scores']} of "
        f"{scores.size} fold scores differ",
        flush=True,
    )
    return record


def compare_nets(task: Task, strategy: str, n_nets: int) -> dict[str, Any]:
    """Search one cell of ``mlp`` with the stack, and train ``n_nets`` of its fits in the loop."""
    first, ours = timed(lambda: search(task, MLP, strategy))
    loop, numbers = Loop(task, MLP, strategy), range(1, CONFIG.folds + 1)
    work = [(i, fold) for i in range(len(ours.scores)) for fold in numbers]
    some = work[:: len(work) // n_nets][:n_nets]
    took, scores = timed(lambda: [loop.score(ours.scores[i][0], fold) for i, fold in some])
    whole = median([first, timed(lambda: search(task, MLP, strategy))[0]])
    fits = len(work) + 1
    looped = Time(took.wall / len(some), took.cpu / len(some))
    stacked = Time(whole.wall / fits, whole.cpu / fits)
    found = [ours.scores[i][1][fold - 1] for i, fold in some]
    record: dict[str, Any] = {
        "cell": f"{task.name} {strategy} mlp",
        "rows": len(task.y_train),
        "fits": fits,
        "loop_fits": len(some),
        "loop_seconds_a_fit": looped.wall,
        "stacked_seconds_a_fit": stacked.wall,
        **looped.over(stacked),
        "different_fold_scores": int((~np.isclose(scores, found)).sum()),
    }
    print(
        f"{record['cell']:<36} {fits} fits, {len(some)} of them in the loop  loop "
        f"{1000 * looped.wall:6.1f} ms a fit  stacked {1000 * stacked.wall:6.1f} ms a fit  ratio "
        f"{record['ratio']:5.1f} (processor time {record['cpu_ratio']:5.1f}); "
        f"{record['different_fold_scores']} of {len(some)} fold scores differ",
        flush=True,
    )
    return record


def label(candidate: Candidate) -> str:
    """Format a learning rate and γ."""
    return f"rate {candidate.learning_rate:g} γ {candidate.gamma:g}"


def growth(task: Task, architecture: Architecture, sizes: Sequence[int]) -> list[dict[str, Any]]:
    """Train stacks of every size for 100 steps of 128 rows, and print their speed."""
    x = torch.from_numpy(task.scaling.apply(task.x_train)[:256])
    y = torch.from_numpy(task.y_train[:256])
    config, records = TrainConfig(epochs=50), []
    for size in sizes:
        fits = [
            StackedFit(
                architecture.initialise(x.shape[1], task.n_classes, generator(i, "benchmark")),
                rate,
                ((0, 1 - gamma), (1, gamma)),
            )
            for i, (rate, gamma) in enumerate(
                [(r, g) for r in CONFIG.learning_rates for g in (0.2, 0.4, 0.6, 0.8)] * size
            )
        ][:size]

        def run(fits: list[StackedFit] = fits) -> None:
            mixing, order = generator(0, "mixing"), generator(0, "order")
            streams = [
                Stream(x, y, strategy.fit(x, y, task.n_classes), mixing, order)
                for strategy in (Mixup(), GenLabelGM())
            ]
            train_stack(fits, streams, architecture.relu, config)

        if size < 10:
            run()
        taken, bare = [], 0.0
        widths = (x.shape[1], *architecture.widths, task.n_classes)
        for _ in range(2):
            taken.append(timed(run)[0].cpu)
            if architecture.widths:
                bare = max(bare, _bare(widths, min(size, stack.CHUNK)))
        seconds = min(taken)
        record: dict[str, Any] = {
            "architecture": architecture.name,
            "models": size,
            "fits_per_second": size / seconds,
        }
        line = f"{architecture.name:<9} {size:4d} models  {size / seconds:8.1f} fits per second"
        if bare:
            rate = 100 * size * 2 * CONFIG.batch_size * _products(widths) / seconds / 1e9
            record |= {"gflops": rate, "bmm_gflops": bare, "share_of_bmm": rate / bare}
            line += (
                f"  {rate:5.1f} GFLOP/s, {100 * rate / bare:3.0f} % of bare products' {bare:5.1f}"
            )
        print(line, flush=True)
        records.append(record)
    return records


def _products(widths: Sequence[int]) -> int:
    """Return the multiplications for one row of a step: forward pass and both gradients."""
    layers = [a * b for a, b in pairwise(widths)]
    # the gradient with respect to the features is not computed
    return 3 * sum(layers) - layers[0]


def _bare(widths: Sequence[int], size: int) -> float:
    """Return the GFLOP/s of the matrix products of a step alone, on stacks of ``size``."""
    rng = torch.Generator().manual_seed(0)

    def random(*shape: int) -> Tensor:
        return torch.randn(size, *shape, generator=rng)

    rows = CONFIG.batch_size
    layers = [(random(rows, a), random(a, b), random(rows, b)) for a, b in pairwise(widths)]

    def step(times: int) -> None:
        for _ in range(times):
            for index, (below, weight, above) in enumerate(layers):
                torch.bmm(below, weight)
                torch.bmm(below.transpose(1, 2), above)
                if index:
                    torch.bmm(above, weight.transpose(1, 2))

    step(1)
    repeats = max(10, 600 // size)
    seconds = min(timed(lambda: step(repeats))[0].cpu for _ in range(2))
    return repeats * size * 2 * rows * _products(widths) / seconds / 1e9


def main() -> None:
    """Measure, print, and write the records."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=["1413", "1498"], help="OpenML ids")
    parser.add_argument("--strategy", choices=tuple(FITTED), default="genlabel-gm")
    parser.add_argument("--nets", type=int, default=20, help="nets that the loop trains")
    parser.add_argument("--out", type=Path, help="a folder for protocol-speed.json")
    options = parser.parse_args()
    if "GENLABEL_ROBUST_OPENML_DIR" not in os.environ:
        parser.error("GENLABEL_ROBUST_OPENML_DIR must name the folder of OpenML files")
    tasks, missing = load_tasks([f"openml:{number}" for number in options.only])
    for reason in missing.values():
        print(f"missing: {reason}")
    if not tasks:
        parser.error("none of the data sets could be had")
    first, largest = next(iter(tasks.values())), max(tasks.values(), key=lambda t: t.x_train.size)
    with one_thread():
        cells = [compare_cell(task, options.strategy) for task in tasks.values()]
        cells.append(compare_nets(first, options.strategy, options.nets))
        grown = [one for net in (LOGISTIC, MLP) for one in growth(largest, net, SIZES)]
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        content = {"cells": cells, "growth": grown}
        write_text(options.out / "protocol-speed.json", json_text(content))


if __name__ == "__main__":
    main()
