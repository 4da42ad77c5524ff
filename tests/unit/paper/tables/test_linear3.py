from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.models.nets.chain import LINEAR3
from genlabel_robust.paper import parallel
from genlabel_robust.paper.protocol import load_tasks, train_table
from genlabel_robust.paper.tables import linear3
from genlabel_robust.paper.tables.published import datasets

#: Measured for minutes, and seldom changed.
pytestmark = pytest.mark.nightly

NAME = "openml:777"


@pytest.fixture(scope="module")
def results(real_data_folder, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENLABEL_ROBUST_OPENML_DIR", str(real_data_folder))
        (task,) = load_tasks([NAME])[0].values()
        folder = tmp_path_factory.mktemp("linear3")
        return linear3.run(folder, 3, trials=1, jobs=1, datasets=[NAME]), task


def test_there_is_a_row_per_strategy_and_none_was_published(results):
    rows = results[0]["rows"]
    assert [row["strategy"] for row in rows] == list(linear3.STRATEGIES)
    assert all(row["architecture"] == "linear3" for row in rows)
    assert all(row["published"] is row["difference"] is None for row in rows)
    assert "latent" in rows[-1]["strategy"]


def test_a_cell_is_the_accuracy_of_three_products_by_hand(results):
    (row,) = [row for row in results[0]["rows"] if row["strategy"] == "genlabel-gm-latent"]
    task = results[1]
    trained = train_table(task, ["genlabel-gm-latent"], [3], architecture=LINEAR3)
    (one,) = trained["genlabel-gm-latent"]
    z = task.scaling.apply(task.x_test)
    for weight, bias in one.layers:
        z = z @ weight + bias
    assert row["trials"] == [pytest.approx(np.mean(z.argmax(axis=1) == task.y_test))]
    assert row["clean_accuracy"]["value"] == pytest.approx(row["measured"])


def test_the_sets_are_those_of_the_accuracies(monkeypatch, tmp_path):
    asked = []

    def load(names):
        asked.extend(names)
        return {}, {"openml:1": "openml:1: no network"}

    monkeypatch.setattr(parallel, "load_tasks", load)
    found = linear3.run(tmp_path, jobs=1)
    assert tuple(asked) == datasets("accuracy")
    text = linear3.markdown(found)
    assert "Missing: openml:1: no network" in text
    assert "Nothing could be measured." in text


def test_the_report_says_that_nothing_was_published_and_holds_every_cell(results):
    text = linear3.markdown(results[0])
    assert "Accuracy in percent, 1 trial, " in text
    assert "**No number of this table was published**" in text
    for row in results[0]["rows"]:
        (line,) = [x for x in text.splitlines() if f"| {NAME} | {row['strategy']} |" in x]
        assert line.endswith(f" {100 * row['measured']:.2f} | n/a |")
