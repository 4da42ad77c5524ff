"""The contract functions for authors: the example passes, and a broken part does not."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import torch

from genlabel_robust import evaluate
from genlabel_robust.attacks.noise import Noise
from genlabel_robust.certify.question import Question
from genlabel_robust.core.errors import AttackError, ConfigurationError
from genlabel_robust.model_files.reading import Permission
from genlabel_robust.parts.contracts import (
    check_architecture,
    check_attack,
    check_certifier,
    check_density,
    check_reader,
    check_strategy,
    check_structure_reader,
)
from genlabel_robust.parts.contracts.rows import target, three_classes
from genlabel_robust.parts.contracts.summaries import a_check_is_a_sentence_and_its_limit
from genlabel_robust.runs.checks.judging import at_least
from genlabel_robust.strategies.soft_batch import SoftBatch
from genlabel_robust.strategies.vanilla import Vanilla
from genlabel_robust.structure import FLOAT32, Affine
from genlabel_robust.structure.columns import raw_front
from tests.parts.conftest import EXAMPLE


@pytest.mark.nightly
def test_the_examples_own_tests_pass(example: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "0"]
    done = subprocess.run(
        [*command, "--rootdir", str(EXAMPLE), "-c", "/dev/null", str(EXAMPLE / "tests")],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert "4 passed" in done.stdout


def test_the_examples_format_structure_and_certifier_keep_their_promises(
    example: Path, tmp_path: Path
) -> None:
    from outside_parts.model_file import read
    from outside_parts.structure import WeightedSums
    from outside_parts.structure import read as read_structure

    path = tmp_path / "model.weights"
    weight = np.random.default_rng(0).normal(size=(3, 5)).tolist()
    path.write_text(json.dumps({"weight": weight, "bias": [0.1, 0.0, -0.1]}))
    check_reader(read, path)
    inside = read(path, path.read_bytes(), Permission()).model
    at = target(20)
    check_structure_reader(read_structure, inside, at.raw)
    x = np.random.default_rng(1).uniform(0, 1, (20, 5))
    assert isinstance(read_structure(inside, raw_front(x, x.min(0), x.max(0))), WeightedSums)


@dataclass(eq=False)
class Broken(Vanilla):
    """What each subclass breaks is one promise."""

    name: ClassVar[str] = "broken"


class Global(Broken):
    def _soften(self, x, y, rng):
        return SoftBatch(x + torch.randn(x.shape), self._one_hot(x, y), torch.ones_like(x[:, 0]))


class Pair(Broken):
    def _soften(self, x, y, rng):
        return x, self._one_hot(x, y)


class Undecided(Broken):
    def _soften(self, x, y, rng):
        noise = torch.from_numpy(np.random.default_rng().normal(size=tuple(x.shape)))
        return SoftBatch(x + noise.to(x.dtype), self._one_hot(x, y), torch.ones_like(x[:, 0]))


class Heavy(Broken):
    def _soften(self, x, y, rng):
        return SoftBatch(x, 2 * self._one_hot(x, y), torch.ones_like(x[:, 0]))


class InPlace(Broken):
    def _soften(self, x, y, rng):
        return SoftBatch(x.mul_(2.0), self._one_hot(x, y), torch.ones_like(x[:, 0]))


class Constant(Broken):
    def _soften(self, x, y, rng):
        return SoftBatch(0 * x, self._one_hot(x, y), torch.ones_like(x[:, 0]))


@pytest.mark.nightly(every=2)
@pytest.mark.parametrize(("strategy", "text"), [(Global, "global random"), (Undecided, "batch")])
def test_evaluate_refuses_a_strategy_that_no_seed_gives_again(strategy: type, text: str) -> None:
    ask = {"datasets": "iris", "seeds": 1, "suite": "quick", "architectures": "logistic"}
    before = torch.random.get_rng_state()
    with pytest.raises(ConfigurationError, match=f"{text}.*contracts.check_strategy"):
        evaluate(strategies=[strategy()], **ask)
    assert torch.equal(before, torch.random.get_rng_state())


@pytest.mark.nightly(every=4)
@pytest.mark.parametrize(
    ("strategy", "text"),
    [
        (Global, "global random state"),
        (Pair, "'broken': _soften returned 'tuple'; it must return a SoftBatch"),
        (Undecided, "does not make the same batch of equal generators"),
        (Heavy, "targets of sum 1"),
        (InPlace, "leaves the rows as they are"),
        (Constant, "is right on"),
        (int, "is not a strategy"),
    ],
)
def test_a_strategy_that_breaks_a_promise_is_caught(strategy: type, text: str) -> None:
    with pytest.raises(ConfigurationError, match=text):
        check_strategy(strategy)


@dataclass(frozen=True)
class Far(Noise):
    name = "far"
    norms = ("linf",)

    def _attack(self, target, ball, seed, start):
        result = super()._attack(target, ball, seed, start)
        result.points[:] = target.x + 1.5 * (result.points - target.x)
        return result


@dataclass(frozen=True)
class Lucky(Noise):
    name = "lucky"
    norms = ("linf",)

    def _attack(self, target, ball, seed, start):
        # one generator for all rows: a row's points depend on its company
        rng = np.random.default_rng(seed)
        moved = target.x + ball[1] * rng.uniform(-1, 1, target.x.shape)
        result = super()._attack(target, ball, seed, start)
        result.points[:] = np.clip(moved, *target.box)
        return result


@pytest.mark.nightly(every=2)
@pytest.mark.parametrize(("attack", "text"), [(Far, "lie in the"), (Lucky, "model|alone")])
def test_an_attack_that_breaks_a_promise_is_caught(attack: type, text: str) -> None:
    with pytest.raises(ConfigurationError, match=text):
        check_attack(attack)


class Bare(Noise):
    name = "bare"

    def _attack(self, target, ball, seed, start):
        return target.x


def test_an_attack_that_returns_points_alone_is_told_what_to_return() -> None:
    with pytest.raises(AttackError, match=r"'bare': _attack returned 'ndarray'; .* AttackResult"):
        Bare()(target(5), "linf", 0.1, 0)


class OfTheBatch(torch.nn.Module):
    def __init__(self, n_features: int, n_classes: int) -> None:
        super().__init__()
        self.linear = torch.nn.Linear(n_features, n_classes)

    def forward(self, x):
        return self.linear(x - x.mean(dim=0))


def test_an_architecture_whose_rows_depend_on_each_other_is_caught() -> None:
    with pytest.raises(ConfigurationError, match="do not depend on the other rows"):
        check_architecture(OfTheBatch)


def test_a_density_that_gives_probabilities_is_caught() -> None:
    class Flat:
        normalised = False

        def fit(self, x, y, n_classes):
            self.k = n_classes
            return self

        def log_density(self, x):
            return torch.zeros((len(x), self.k), dtype=torch.float64)

    with pytest.raises(ConfigurationError, match="names the class of"):
        check_density(Flat)


def test_a_certifier_whose_witness_is_no_witness_is_caught(example: Path) -> None:
    from outside_parts.certifier import certify

    at = target(20)
    affine = at.model.affine()

    structure = Affine(affine[0], affine[1], FLOAT32)
    names = tuple(map(str, range(20)))
    for norm in ("linf", "l2", "l1"):
        question = Question(structure, at.model, at.space, at.raw, at.y, norm, (0.1,), names)
        check_certifier(certify, question)

    def careless(question, effort, late, on_rows):
        found = certify(question, effort, late, on_rows)
        found.witness[:] = question.raw
        return found

    with pytest.raises(ConfigurationError, match="mislabels every witness"):
        check_certifier(careless, question)


def test_a_check_that_passes_beyond_its_limit_is_caught() -> None:
    good = at_least("own", 0.5, 0.4, "It is 0.5.", otherwise="warn")
    a_check_is_a_sentence_and_its_limit(good, "own")
    with pytest.raises(ConfigurationError, match="calls itself 'own'"):
        a_check_is_a_sentence_and_its_limit(good, "other")


def test_the_rows_of_contracts_are_easily_parted() -> None:
    x, y = three_classes()
    centres = np.stack([x[y == k].mean(axis=0) for k in range(3)])
    nearest = ((x[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
    assert (nearest == y).mean() > 0.95
