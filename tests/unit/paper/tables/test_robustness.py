from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.core.errors import GenlabelRobustError
from genlabel_robust.core.seeds import generator
from genlabel_robust.models.nets.chain import MLP
from genlabel_robust.paper.protocol import load_tasks, train_table
from genlabel_robust.paper.reproduce import part_of
from genlabel_robust.paper.tables import robustness
from genlabel_robust.paper.tables.published import measured_strategies
from genlabel_robust.paper.tables.robustness import EPS, exact_score, exactly_robust
from genlabel_robust.paper.tables.table import percent

NAME = "openml:1413"


@pytest.fixture(scope="module")
def task(real_data_folder):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENLABEL_ROBUST_OPENML_DIR", str(real_data_folder))
        (found,) = load_tasks([NAME])[0].values()
    return found


@pytest.fixture(scope="module")
def results(measured_tables):
    return part_of(measured_tables("robustness", "accuracy")[0], "robustness")


def by_hand(task, weight, bias, x, y):
    """Return whether each scaled row is robust without a box, and its nearest point is in it.

    The closed form compares min over rivals of (z_y - z_k) / ||w_y - w_k||_2 with ε times the
    joint range of all scaled training features.
    """
    scaled = task.scaling.apply(task.x_train).astype(np.float64)
    low, high = scaled.min(), scaled.max()
    robust, inside = [], []
    for row, label in zip(x.astype(np.float64), y, strict=True):
        z = row @ weight + bias
        steps = []
        for rival in set(range(len(bias))) - {int(label)}:
            w = weight[:, rival] - weight[:, label]
            gap = z[label] - z[rival]
            steps.append((gap / np.linalg.norm(w), row + w * gap / (w @ w)))
        distance, nearest = min(steps, key=lambda step: step[0])
        robust.append(distance > EPS * (high - low))
        inside.append(bool(((nearest >= low) & (nearest <= high)).all()))
    return np.array(robust), np.array(inside)


@pytest.fixture(scope="module")
def trained(task):
    names = ["vanilla", "mixup", "genlabel-gm"]
    return train_table(task, names, [0], exact_score(task))


@pytest.mark.parametrize("strategy", ["vanilla", "mixup", "genlabel-gm"])
def test_exact_robustness_is_the_closed_form_where_the_box_is_not_met(strategy, task, trained):
    (one,) = trained[strategy]
    ((w, b),) = one.layers
    x = task.scaling.apply(task.x_test)
    found = exactly_robust(task, one.module, x, task.y_test)
    robust, inside = by_hand(task, w.astype(np.float64), b.astype(np.float64), x, task.y_test)
    assert inside.sum() > 30
    assert 0 < robust[inside].sum() < inside.sum()
    np.testing.assert_array_equal(found[inside], robust[inside])
    # a box can only take points away from an attacker
    assert (found | ~robust).all()


def test_the_search_maximises_exact_robust_accuracy(task, trained):
    (one,) = trained["mixup"]
    means = [scores.mean() for _, scores in one.scores]
    assert one.chosen == one.scores[int(np.argmax(means))][0]
    x = task.scaling.apply(task.x_test)
    share = exactly_robust(task, one.module, x, task.y_test).mean()
    assert exact_score(task)(one.module, x, task.y_test) == pytest.approx(share)


def test_a_model_that_is_not_affine_has_no_exact_robustness(task):
    net = MLP.module(MLP.initialise(4, 3, generator(0, "test")))
    with pytest.raises(GenlabelRobustError, match="affine models only"):
        exactly_robust(task, net, task.scaling.apply(task.x_test), task.y_test)


@pytest.mark.nightly
def test_there_is_a_row_per_strategy_of_the_table_in_its_order(results):
    assert [row["strategy"] for row in results["rows"]] == list(
        measured_strategies("robust_accuracy")
    )
    assert results["missing"] == {}
    assert (results["norm"], results["eps"], results["unit"]) == ("l2", 0.1, "global-range")
    assert results["summary"]["n_cells"] == 6


@pytest.mark.nightly
def test_no_attack_goes_below_what_is_exact_and_none_above_the_clean_accuracy(results):
    for row in results["rows"]:
        columns = {name: found["value"] for name, found in row["attacks"].items()}
        assert {"boundary", "pgd", "fab", "boundary-normal"} <= set(columns)
        for value in (row["measured"], row["strongest"], *columns.values()):
            assert row["exact"] <= value <= row["clean_accuracy"]["value"]
        assert row["measured"] == columns["boundary"]
        # one row of 45 is 2.2 points: the strongest suite misses at most one
        assert row["strongest"] - row["exact"] < 1.1 / 45


@pytest.mark.nightly
def test_the_exact_column_is_that_of_its_models(results, task, trained):
    x = task.scaling.apply(task.x_test)
    for strategy, (one,) in trained.items():
        (row,) = [row for row in results["rows"] if row["strategy"] == strategy]
        assert row["exact"] == pytest.approx(
            exactly_robust(task, one.module, x, task.y_test).mean()
        )


@pytest.mark.nightly
def test_the_summary_says_how_far_attacks_overestimate(results):
    rows, over = results["rows"], results["summary"]["overestimate"]
    gaps = [row["measured"] - row["exact"] for row in rows]
    assert over["published attack"]["mean"] == pytest.approx(np.mean(gaps))
    assert over["published attack"]["largest"] == pytest.approx(max(gaps))
    assert over["strongest"]["largest"] <= over["published attack"]["largest"]


@pytest.mark.nightly
def test_the_report_holds_every_cell(results):
    lines = robustness.markdown(results).splitlines()
    for row in results["rows"]:
        (line,) = [x for x in lines if x.startswith(f"| {NAME} | {row['strategy']} |")]
        for value in (row["published"], row["measured"], row["strongest"], row["exact"]):
            assert f" {percent(value)} |" in line
    assert results["claims"][0]["text"] in "\n".join(lines)


@pytest.mark.nightly
def test_one_trial_claims_nothing_of_noise(results):
    text = robustness.markdown(results)
    far = [line for line in text.splitlines() if line.startswith(f"- **{NAME}, ")]
    assert len(far) == sum("deviation" in row for row in results["rows"]) > 0
    for line in far:
        assert "known from one trial only, without a standard error" in line
        assert "standard errors away" not in line
    assert results["claims"][0]["holds"] is None
    assert ": not decided.**" in text


def test_a_report_on_nothing_says_why():
    text = robustness.markdown({"rows": [], "missing": {"openml:1": "openml:1: no network"}})
    assert "Missing: openml:1: no network" in text
    assert "Nothing could be measured." in text
