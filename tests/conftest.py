"""Small real models to attack, and the folder of real data sets if it exists."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, settings

from genlabel_robust.core.files.exclusive import exclusive
from genlabel_robust.core.seeds import generator
from genlabel_robust.data.task import Scaling
from genlabel_robust.models.model import TorchModel
from genlabel_robust.models.nets.chain import Chain
from genlabel_robust.targets.target import AttackTarget
from genlabel_robust.threat.constraints.constraints import Rules
from genlabel_robust.threat.space import AttackSpace

if TYPE_CHECKING:
    from genlabel_robust.attacks.attack import Attack
    from genlabel_robust.runs.assess.canaries.canary import Canary
    from genlabel_robust.runs.cells.canary_record import CanaryRecord
    from genlabel_robust.threat import Norm

_SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "openml"

MakeTarget = Callable[..., AttackTarget]

# how long one example takes says how busy the machine is, not whether the code is right
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

# workers inherit it: two of them with two threads or processes each would fight over two cores
for _count in (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "LOKY_MAX_CPU_COUNT",
):
    os.environ.setdefault(_count, "1")


@pytest.fixture(autouse=True)
def one_torch_thread() -> None:
    """Limit torch to one thread: two workers with two threads each would compete for two cores."""
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def a_person_at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make tools print for a terminal; tests of output in CI override this."""
    for name in ("CI", "BUILD_NUMBER", "GITHUB_ACTIONS", "COLUMNS", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session", autouse=True)
def nobody_waits_for_the_disk() -> Iterator[None]:
    """Skip syncing to disk, which takes milliseconds for each of a run's dozens of files."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: None)
        yield


@pytest.fixture(scope="session")
def shared_folder(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str], AbstractContextManager[Path]]:
    """Return a function: name -> folder that all workers share, and one at a time may fill."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    @contextmanager
    def locked(name: str) -> Iterator[Path]:
        with exclusive(base / f"{name}-lock"):
            (base / name).mkdir(exist_ok=True)
            yield base / name

    return locked


@pytest.fixture(scope="session")
def quick_python(
    shared_folder: Callable[[str], AbstractContextManager[Path]],
) -> Iterator[Path]:
    """A folder for the front of PATH, whose ``python`` has already imported everything.

    All workers share the process that did; it ends when no worker is connected any more.
    """
    with socket.socket(socket.AF_UNIX) as here:
        with shared_folder("python") as folder:
            stay = str(folder / "stay")
            if here.connect_ex(stay):
                script = Path(__file__).with_name("quick_python.py")
                with (folder / "log").open("w") as log:
                    subprocess.run(
                        [sys.executable, script, folder],
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=log,
                        check=True,
                    )
                here.connect(stay)
        yield folder


@pytest.fixture(scope="session")
def canary_records() -> dict[tuple[Hashable, ...], CanaryRecord]:
    """The results of earlier runs' attacks on canaries."""
    return {}


@pytest.fixture(scope="module")
def known_canaries(
    canary_records: dict[tuple[Hashable, ...], CanaryRecord],
) -> Iterator[None]:
    """Attack each canary once per suite, for files with many runs about other things.

    The same attacks give the same record, as ``tests/unit/runs/assess/canaries`` checks.
    """
    # not above: the process that only hands tests to workers needs none of it
    from genlabel_robust.runs.assess.canaries import run as canaries

    attacked = canaries._record

    def once(canary: Canary, attacks: tuple[Attack, ...], norm: Norm) -> CanaryRecord:
        model = canary.model
        key = (type(model), getattr(model, "knowledge", None), attacks, norm)
        if key not in canary_records:
            canary_records[key] = attacked(canary, attacks, norm)
        return canary_records[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(canaries, "_record", once)
        yield


@pytest.fixture(scope="session")
def real_data_folder() -> Path:
    """The folder of real OpenML copies; it is not part of the project."""
    folder = Path(os.environ.get("GENLABEL_ROBUST_OPENML_DIR") or _SHARED)
    if not folder.is_dir():
        pytest.skip("the folder of real data sets is not here; set GENLABEL_ROBUST_OPENML_DIR")
    return folder


@pytest.fixture(scope="session")
def make_target() -> MakeTarget:
    """Return a function that makes a target: random rows in the unit box, labelled by the model.

    Every example is therefore classified correctly. ``widths``: () for an affine model.
    """

    def make(
        n: int = 40,
        d: int = 5,
        k: int = 3,
        widths: tuple[int, ...] = (),
        seed: int = 0,
        scale: float = 1.0,
        immutable: tuple[int, ...] = (),
    ) -> AttackTarget:
        rng = generator(seed, "test target")
        architecture = Chain("test", widths, relu=True, learning_rate=0.1)
        layers = tuple(
            (weight * np.float32(4 * scale), bias * np.float32(scale))
            for weight, bias in architecture.initialise(d, k, rng)
        )
        model = TorchModel(
            architecture.module(layers), Scaling("range", np.zeros(d), np.ones(d)), k
        )
        space = AttackSpace(
            offset=np.zeros(d),
            scale=np.ones(d),
            low=np.zeros(d),
            high=np.ones(d),
            mutable=~np.isin(np.arange(d), immutable),
        )
        raw = rng.uniform(-0.05, 1.05, (n, d))
        return AttackTarget(model, space, raw, model.predict(raw), rng.uniform(0, 1, (60, d)))

    return make


@pytest.fixture(scope="session")
def make_mixed_target() -> MakeTarget:
    """Return a function that makes a target with every kind of feature, in various raw units.

    Columns 0 and 1: continuous; 2: increasing; 3: decreasing integers; 4: immutable; 5: integers
    from 0 to 6; 6, 7, 8: the categories of one feature.
    """

    def make(n: int = 30, widths: tuple[int, ...] = (16,), seed: int = 0) -> AttackTarget:
        rng = generator(seed, "mixed target")
        high = np.array([1.0, 50.0, 1.0, 4.0, 1.0, 6.0, 1.0, 1.0, 1.0])
        space = AttackSpace(
            offset=np.zeros(9),
            scale=high * np.array([1, 1, 1, 1, 1, 1, 2, 2, 2]),
            low=np.zeros(9),
            high=1 / np.array([1, 1, 1, 1, 1, 1, 2, 2, 2]),
            mutable=np.arange(9) != 4,
            rules=Rules(increasing=(2,), decreasing=(3,), integer=(3, 5), one_hot=((6, 7, 8),)),
        )

        def rows(count: int) -> np.ndarray:
            raw = rng.uniform(0, 1, (count, 9)) * high
            raw[:, (3, 5)] = np.rint(raw[:, (3, 5)])
            raw[:, 6:] = np.eye(3)[rng.integers(3, size=count)]
            return raw

        architecture = Chain("test", widths, relu=True, learning_rate=0.1)
        layers = tuple((4 * w, b) for w, b in architecture.initialise(9, 3, rng))
        model = TorchModel(architecture.module(layers), Scaling("range", np.zeros(9), high), 3)
        raw = rows(n)
        return AttackTarget(model, space, raw, model.predict(raw), rows(60))

    return make
