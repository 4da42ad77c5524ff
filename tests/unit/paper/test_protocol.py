from __future__ import annotations

from urllib.error import URLError

import numpy as np
import pandas as pd
import pytest
import sklearn.datasets
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from genlabel_robust.models.nets.chain import LINEAR3
from genlabel_robust.paper.protocol import ARCHITECTURE, CONFIG, load_tasks, model, train_table
from genlabel_robust.trainers.torch_trainer import train

NOMINAL = {"446_prnn_crabs": "sex", "1498_sa-heart": "V5"}


@pytest.fixture
def real(real_data_folder, monkeypatch):
    monkeypatch.setenv("GENLABEL_ROBUST_OPENML_DIR", str(real_data_folder))
    return real_data_folder


@pytest.mark.parametrize(
    "stem", ["1413_MyIris", "777_sleuth_ex1714", "830_fri_c2_250_10", *NOMINAL]
)
def test_the_split_is_scikit_learns_after_scaling_all_rows(stem, real):
    spec = f"openml:{stem.split('_')[0]}"
    tasks, missing = load_tasks([spec])
    assert missing == {}
    task = tasks[spec]
    frame = pd.read_csv(real / f"{stem}.csv")
    x, y = frame.drop(columns=["target", NOMINAL.get(stem, "target")]), frame["target"].to_numpy()
    scaled = StandardScaler().fit_transform(x)
    rows = np.arange(len(y))
    x_train, x_test, y_train, y_test, _, ids = train_test_split(
        scaled, y, rows, test_size=0.3, random_state=2021
    )
    order = np.argsort(ids)
    assert task.feature_names == tuple(x.columns)
    np.testing.assert_array_equal(task.y_train, y_train)
    np.testing.assert_array_equal(task.test_ids, ids[order])
    np.testing.assert_array_equal(task.y_test, y_test[order])
    np.testing.assert_allclose(task.scaling.apply(task.x_train), x_train, atol=1e-6)
    np.testing.assert_allclose(task.scaling.apply(task.x_test), x_test[order], atol=1e-6)


def test_a_set_that_cannot_be_had_is_reported_and_the_others_are_there(real, monkeypatch, tmp_path):
    def unreachable(**settings):
        raise URLError("no network")

    (tmp_path / "1413_MyIris.csv").write_bytes((real / "1413_MyIris.csv").read_bytes())
    (tmp_path / "nominal.csv").write_bytes((real / "nominal.csv").read_bytes())
    monkeypatch.setenv("GENLABEL_ROBUST_OPENML_DIR", str(tmp_path))
    monkeypatch.setattr(sklearn.datasets, "fetch_openml", unreachable)
    tasks, missing = load_tasks(["openml:721", "openml:1413"])
    assert list(tasks) == ["openml:1413"]
    assert list(missing) == ["openml:721"]
    assert "openml:721: OpenML cannot be reached (no network)" in missing["openml:721"]


def test_a_table_is_trained_as_each_of_its_models_alone(real):
    tasks, _ = load_tasks(["openml:777"])
    task = tasks["openml:777"]
    found = train_table(task, ["vanilla", "genlabel-gm"], [3, 5])
    assert {name: len(ones) for name, ones in found.items()} == {"vanilla": 2, "genlabel-gm": 2}
    x = task.scaling.apply(task.x_train)
    alone = train(x, task.y_train, 2, ARCHITECTURE, "genlabel-gm", config=CONFIG, seed=5)
    together = found["genlabel-gm"][1]
    assert together.chosen == alone.chosen
    assert len(together.scores) == 24
    for (w, b), (w2, b2) in zip(together.layers, alone.layers, strict=True):
        np.testing.assert_allclose(w, w2, atol=1e-5)
        np.testing.assert_allclose(b, b2, atol=1e-5)
    # models take raw features
    scores = task.scaling.apply(task.x_test) @ w + b
    np.testing.assert_array_equal(model(task, together).predict(task.x_test), scores.argmax(axis=1))


def test_the_given_score_chooses(real):
    tasks, _ = load_tasks(["openml:777"])
    task = tasks["openml:777"]

    def smallest_weights(module, x, y):
        return -float(module[0].weight.detach().abs().sum())

    (found,) = train_table(task, ["mixup"], [0], smallest_weights)["mixup"]
    means = [scores.mean() for _, scores in found.scores]
    assert all(mean < 0 for mean in means)
    assert found.chosen == found.scores[int(np.argmax(means))][0]


def test_the_nearest_points_label_has_no_gamma_as_in_the_authors_code(real):
    (task,) = load_tasks(["openml:777"])[0].values()
    (found,) = train_table(task, ["genlabel-nn"], [0])["genlabel-nn"]
    tried = [(candidate.learning_rate, candidate.gamma) for candidate, _ in found.scores]
    assert tried == [(rate, 1.0) for rate in CONFIG.learning_rates]


def test_another_architecture_can_be_asked_for(real):
    (task,) = load_tasks(["openml:777"])[0].values()
    (found,) = train_table(task, ["vanilla"], [0], architecture=LINEAR3)["vanilla"]
    assert [weight.shape for weight, _ in found.layers] == [(7, 128), (128, 128), (128, 2)]
