from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from genlabel_robust.paper.margins.synthetic_sets import (
    SYNTHETIC_SETS,
    synthetic_task,
    train_synthetic,
)

CUBE = replace(
    next(spec for spec in SYNTHETIC_SETS if spec.dataset == "cube-2d"), widths=(8, 8), epochs=5
)


@pytest.mark.parametrize("spec", SYNTHETIC_SETS, ids=lambda spec: spec.dataset)
def test_test_points_are_new_and_of_every_class(spec):
    task = synthetic_task(spec, 90, seed=0)
    assert task.x_test.shape == (90, 3 if spec.slices else 2)
    assert set(task.y_test) == set(task.y_train) == set(range(task.n_classes))
    assert not {row.tobytes() for row in task.x_train} & {row.tobytes() for row in task.x_test}
    other = synthetic_task(spec, 90, seed=1)
    assert other.content_hash != task.content_hash
    assert synthetic_task(spec, 90, seed=0).content_hash == task.content_hash


def test_the_sets_are_trained_with_the_papers_gammas_and_bandwidths():
    found = {p.dataset: (p.settings["gamma"], p.settings.get("bandwidth")) for p in SYNTHETIC_SETS}
    assert found == {
        "moons": (1.0, 0.2),
        "circles": (0.8, 0.2),
        "two-circle": (1.0, 0.1),
        "cube-2d": (1.0, None),
        "cube-3d": (0.8, None),
        "gaussian-9": (1.0, None),
    }


def test_the_cubes_in_space_have_the_nets_and_the_training_of_the_plane_ones():
    found = {spec.dataset: spec for spec in SYNTHETIC_SETS}
    cubes = [found["cube-2d"], found["cube-3d"]]
    assert [(spec.widths, spec.epochs) for spec in cubes] == [((64, 128), 40)] * 2
    task = synthetic_task(cubes[1], 40, seed=0)
    assert (task.x_train.shape, task.n_classes) == ((160, 3), 8)
    # the cuts go through the centres of the cubes
    heights = [task.x_train[task.y_train == label, 2].mean() for label in range(8)]
    assert {round(height) for height in heights} == set(cubes[1].slices) == {-1, 1}


def test_nets_of_one_seed_differ_by_their_labels_only():
    # with γ = 0 GenLabel's labels are mixup's: nothing is left to differ
    unlabelled = replace(CUBE, settings={"gamma": 0.0})
    task = synthetic_task(CUBE, 20, seed=0)
    x = torch.from_numpy(task.scaling.apply(task.x_test))
    mixup, genlabel = train_synthetic(unlabelled, task, 2, seed=0)
    for one, other in zip(mixup, genlabel, strict=True):
        torch.testing.assert_close(one.module(x), other.module(x), rtol=1e-4, atol=1e-5)
    _, relabelled = train_synthetic(CUBE, task, 2, seed=0)
    assert not torch.allclose(relabelled[0].module(x), mixup[0].module(x), atol=1e-2)
    assert not torch.allclose(mixup[0].module(x), mixup[1].module(x), atol=1e-2)


def test_predictions_are_on_raw_features():
    task = synthetic_task(CUBE, 20, seed=0)
    (model,), _ = train_synthetic(replace(CUBE, epochs=40), task, 1, seed=0)
    assert (model.predict(np.array([[-1.5, 0.0], [1.5, 0.0]])) == [0, 1]).all()
