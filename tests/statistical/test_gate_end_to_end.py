"""The whole gate on models that were really trained, on real data (openml:913).

Half of its 1,000 rows are tested on: as many as leave enough to train on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import genlabel_robust
from genlabel_robust.core.machine.threads import one_thread
from genlabel_robust.core.seeds import generator
from genlabel_robust.gates.baselines.baseline import read_baseline, save_baseline
from genlabel_robust.gates.comparison.compare import Court
from genlabel_robust.gates.comparison.replayed_examples import broken_by_replay
from genlabel_robust.gates.comparison.rerun import attack_replacement
from genlabel_robust.gates.gate import gate
from genlabel_robust.gates.verdicts.endpoint import chosen_endpoints
from genlabel_robust.gates.verdicts.terms import Terms
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.config.stored_config import pinned_config
from genlabel_robust.runs.execute.train import train_model
from genlabel_robust.runs.folder.stored_run import StoredRun, read_run
from genlabel_robust.runs.folder.weights import weights_file
from genlabel_robust.runs.plan.recipe_plan import make_plan
from genlabel_robust.statistics import recipe_power
from genlabel_robust.threat.box_of_task import attack_space

EPS, POOL, SEEDS, SPLITS = 0.05, 40, 10, 400
FEW = 10
TRAININGS = 12

MakePool = Callable[[int], StoredRun]


def trained(out: Path, seeds: int, suite: str = "quick", **settings: object) -> StoredRun:
    run = genlabel_robust.evaluate(
        datasets="openml:913",
        strategies="vanilla",
        architectures="mlp",
        eps=EPS,
        seeds=seeds,
        suite=suite,
        test_share=0.5,
        jobs=1,
        out=str(out),
        settings=settings,
        certify="off",
    )
    return read_run(run.path)


@pytest.fixture(scope="module")
def real_data(real_data_folder: Path) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENLABEL_ROBUST_OPENML_DIR", str(real_data_folder))
        yield


@pytest.fixture(scope="module")
def make_pool(real_data: None, tmp_path_factory: pytest.TempPathFactory) -> MakePool:
    """Return a function: so many trainings of one recipe, of which any are as good as any."""
    small = {"train": {"epochs": 30}, "architecture": {"mlp": {"widths": [16]}}}

    @cache
    def make(count: int) -> StoredRun:
        return trained(tmp_path_factory.mktemp("pool") / "run", count, **small)

    return make


def part(pool: StoredRun, members: np.ndarray) -> StoredRun:
    """The run that has only the seeds ``members`` of the pool."""
    ((group, panel),) = pool.panels.items()
    return replace(
        pool,
        # probes are made on the first seed: a part without it would have been checked less
        panels={group: Panel([replace(panel.results[i], probes={}) for i in members])},
        cells={group: tuple(pool.cells[group][i] for i in members)},
    )


@pytest.mark.nightly
def test_an_unchanged_recipe_passes_as_often_as_its_power_promises(make_pool: MakePool) -> None:
    """Ten trainings against ten others, 400 times, by the gate's own judgement.

    Measured on the pool: robust accuracy 52 %, seed noise 1.3 points, discordance 9 %.
    Promised at δ of 1, 2, 3 and 5 points: 31, 77, 97 and 100 %; passed: 33, 78, 99 and
    100 %; none failed. False alarms of this test: the standard
    error of a rate over 400 splits is 2.5 points at most, so that one of them is 8 points
    off with a chance of 0.2 %; the seeds are fixed.
    """
    pool = make_pool(POOL)
    ((group, panel),) = pool.panels.items()
    assert panel.nearest is not None
    robust = panel.robust(panel.nearest, EPS)
    n = robust.shape[1]
    discordance = float(
        np.mean([np.mean(robust[i] != robust[j]) for i in range(POOL) for j in range(i)])
    )
    # beyond what the draw of answers on n rows adds
    variance = robust.mean(axis=1).var(ddof=1) - discordance / 2 / n
    noise = float(np.sqrt(max(variance, 0.0)))
    models = [pool.model(cell) for cell in pool.cells[group]]
    endpoints = chosen_endpoints((), pool)
    rng = generator(0, "splits of the pool")
    splits = [rng.permutation(POOL)[: 2 * SEEDS] for _ in range(SPLITS)]
    for drop in (0.01, 0.02, 0.03, 0.05):
        promised, _ = recipe_power(n, SEEDS, noise, discordance, drop)
        found: Counter[str] = Counter()
        for members in splits if drop == 0.02 else splits[: SPLITS // 2]:
            now, then = part(pool, members[:SEEDS]), part(pool, members[SEEDS:])
            court = Court(now, then, Terms(max_drop=drop), lambda g, i, m=members: models[m[i]])
            (verdict,) = court.verdicts(endpoints)
            assert verdict.figures.mode == "recipe"
            found[verdict.status] += 1
        total = sum(found.values())
        assert abs(found["pass"] / total - promised) < (0.08 if total == SPLITS else 0.11)
        assert found["fail"] / total <= 0.02
        assert set(found) <= {"pass", "fail", "inconclusive"}


@pytest.mark.nightly
def test_an_unchanged_recipe_never_fails_and_passes_where_much_may_be_lost(
    make_pool: MakePool,
) -> None:
    """Five trainings against five others of one recipe: what the nightly test counts."""
    pool = make_pool(FEW)
    ((group, _),) = pool.panels.items()
    models = [pool.model(cell) for cell in pool.cells[group]]
    for members in map(np.array, (range(FEW), [*range(0, FEW, 2), *range(1, FEW, 2)])):
        now, then = part(pool, members[:5]), part(pool, members[5:])
        for drop, allowed in ((0.01, {"pass", "inconclusive"}), (0.05, {"pass"})):
            court = Court(now, then, Terms(max_drop=drop), lambda g, i, m=members: models[m[i]])
            (verdict,) = court.verdicts(chosen_endpoints((), pool))
            assert verdict.figures.mode == "recipe"
            assert verdict.status in allowed


@pytest.mark.nightly(but=["4"])
@pytest.mark.parametrize("count", [4, FEW, POOL])
def test_replays_cost_an_unchanged_recipe_nothing_to_speak_of(
    make_pool: MakePool, count: int
) -> None:
    """Only the candidate meets the other's examples: that must not tip the scales."""
    pool = make_pool(count)
    ((group, panel),) = pool.panels.items()
    assert panel.nearest is not None
    robust = panel.robust(panel.nearest, EPS)
    models = [pool.model(cell) for cell in pool.cells[group]]
    lost = []
    for i in range(count):
        now, then = (Panel([panel.results[k]]) for k in (i, (i + 1) % count))
        broken = broken_by_replay(then, now, lambda _, i=i: models[i], EPS)
        lost.append((broken[0] & robust[i]).mean())
    assert np.mean(lost) < 0.001


@pytest.mark.nightly
def test_label_noise_fails_in_most_trainings_and_never_passes(
    real_data: None, tmp_path: Path
) -> None:
    """A fifth of the labels flipped, 12 trainings against one clean one, at the default δ.

    A net that learns them by heart has its boundary next to them: on these data robust
    accuracy falls from about 51 to 33 %, and clean accuracy from 88 to 70 %. (A logistic
    model on the same data loses nothing: its boundary has no room for single rows.)
    ``quick`` leaves more than a check allows to twice its budget here, the PGD of ``standard``
    with twice its restarts hardly ever does.
    """
    run = trained(tmp_path / "clean", 1, str(Path(__file__).with_name("thorough-1.toml")))
    save_baseline(run.path, tmp_path / "baseline")
    found: Counter[str] = Counter()
    with read_baseline(tmp_path / "baseline") as known, one_thread():
        config = pinned_config(known.run.manifest, RunConfig)
        plan = make_plan(config)
        task = plan.tasks["openml:913"]
        for seed in range(TRAININGS):
            labels = task.y_train.copy()
            flipped = generator(seed, "label noise").permutation(len(labels))[: len(labels) // 5]
            labels[flipped] = 1 - labels[flipped]
            cell = replace(plan.cells[0], seed=1000 + seed)
            noisy = replace(task, y_train=labels)
            model, _ = train_model(cell, noisy, attack_space(task, cell.threat))
            suffix, content = weights_file(model, cell.about)
            path = tmp_path / f"noisy-{seed}{suffix}"
            path.write_bytes(content)
            where = replace(config, out=str(tmp_path / f"run-{seed}"))
            made = attack_replacement(known, (), where, path)
            found[gate(made.path, tmp_path / "baseline", Terms()).status] += 1
    assert found["fail"] >= 10, found
    assert found["pass"] == 0
    assert sum(found.values()) == TRAININGS
