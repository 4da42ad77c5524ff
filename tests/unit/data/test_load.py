from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from genlabel_robust.core.errors import DataError, TooFewExamplesError, UnknownNameError
from genlabel_robust.data.load import load_table, load_task
from genlabel_robust.data.splitting.splits import SplitConfig

Csv = Callable[..., str]


def test_an_unknown_name_answers_with_the_nearest_data_set() -> None:
    with pytest.raises(UnknownNameError, match="there is no dataset 'irs'; did you mean 'iris'"):
        load_task("irs", SplitConfig(), "range")


def test_test_ids_are_the_row_numbers_of_the_source() -> None:
    table = load_table("iris")
    task = load_task("iris", SplitConfig(seed=3), "range")
    np.testing.assert_array_equal(task.x_test, table.x[task.test_ids])
    np.testing.assert_array_equal(task.y_test, table.y[task.test_ids])
    assert (np.diff(task.test_ids) > 0).all()
    assert task.test_ids.dtype == task.y_train.dtype == np.int64


def test_a_sample_of_the_test_part_leaves_training_and_scaling_alone() -> None:
    whole = load_task("iris", SplitConfig(), "paper")
    part = load_task("iris", SplitConfig(max_examples=9), "paper")
    assert np.bincount(part.y_test).tolist() == [3, 3, 3]
    assert set(part.test_ids) < set(whole.test_ids)
    assert (np.diff(part.test_ids) > 0).all()
    assert part.x_train.tobytes() == whole.x_train.tobytes()
    assert part.scaling.offset.tobytes() == whole.scaling.offset.tobytes()
    assert "Of 45 test rows, a stratified sample of 9 is evaluated." in part.notices
    assert part.content_hash != whole.content_hash


def test_a_sample_larger_than_the_test_part_is_the_test_part() -> None:
    whole = load_task("iris", SplitConfig(), "range")
    part = load_task("iris", SplitConfig(max_examples=1000), "range")
    assert part.content_hash == whole.content_hash
    assert part.notices == ()


def test_a_feature_constant_in_training_is_noted_and_kept() -> None:
    task = load_task("digits", SplitConfig(), "range")
    assert task.n_features == 64
    (notice,) = task.notices
    assert notice.startswith("Constant in the training part: ")
    assert "'pixel_0_0'" in notice
    assert "the attacker may not change it" in notice


def test_a_class_of_two_rows_cannot_be_split(csv: Csv) -> None:
    rows = "".join(f"{i},p\n" for i in range(20)) + "20,q\n21,q\n"
    with pytest.raises(TooFewExamplesError, match="class 'q' has 1 training row"):
        load_task(csv("a,t\n" + rows) + "#t", SplitConfig(), "range")


def test_results_do_not_depend_on_where_the_file_lies(csv: Csv, tmp_path: Path) -> None:
    text = "a,t\n" + "".join(f"{i},{'pq'[i % 2]}\n" for i in range(20))
    (tmp_path / "elsewhere").mkdir()
    first, second = csv(text), csv(text, "elsewhere/table.csv")
    tasks = [load_task(path + "#t", SplitConfig(), "range") for path in (first, second)]
    assert tasks[0].name == tasks[1].name == "table.csv#t"
    assert tasks[0].content_hash == tasks[1].content_hash


def test_groups_of_a_file_stay_on_one_side(csv: Csv) -> None:
    text = "a,who,t\n" + "".join(f"{i},p{i // 4},{'xy'[i % 2]}\n" for i in range(80))
    task = load_task(csv(text) + "#t", SplitConfig(group="who"), "range")
    assert task.feature_names == ("a",)
    assert not set(task.x_train[:, 0] // 4) & set(task.x_test[:, 0] // 4)
    (notice,) = task.notices
    assert notice.startswith("The 24 test rows come from 6 groups of 'who'. Intervals count")


def test_groups_of_one_row_need_no_notice(csv: Csv) -> None:
    text = "a,who,t\n" + "".join(f"{i},p{i},{'xy'[i % 2]}\n" for i in range(80))
    assert load_task(csv(text) + "#t", SplitConfig(group="who"), "range").notices == ()


def test_dropped_columns_are_no_features() -> None:
    split = SplitConfig(drop=("sepal length (cm)",))
    assert load_task("iris", split, "range").n_features == 3


def test_the_split_seed_draws_a_synthetic_set() -> None:
    first, second = (load_task("moons", SplitConfig(seed=s), "range") for s in (0, 1))
    assert not set(first.x_train[:, 0]) & set(second.x_train[:, 0])


def test_an_unknown_scaling_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'range'"):
        load_task("iris", SplitConfig(), "ranges")


def test_test_rows_that_were_trained_on_are_told_of(csv) -> None:
    rows = "\n".join(f"{i},{i * i % 7},{i % 2}" for i in range(20))
    path = csv(f"a,b,y\n{rows}\n")
    task = load_task(f"{path}#y", SplitConfig(test_file=path), "range")
    assert any("20 of 20 test rows are also in the training part" in n for n in task.notices)
    apart = load_task(f"{path}#y", SplitConfig(), "range")
    assert not any("training part, feature" in notice for notice in apart.notices)


def test_test_values_beyond_float32_are_refused_with_their_column(csv) -> None:
    rows = "\n".join(f"{i},{i * i % 7},{i % 2}" for i in range(20))
    train = csv(f"a,b,y\n{rows}\n", "train.csv")
    test = csv("a,b,y\n1,1e60,0\n2,3,1\n", "test.csv")
    with pytest.raises(DataError, match=r"test values of 'b' lie more than 1e\+30"):
        load_task(f"{train}#y", SplitConfig(test_file=test), "range")


def test_groups_are_those_of_the_test_rows_whatever_split_and_sample_took(csv: Csv) -> None:
    names = np.array(["u", "v", "w"])
    lines = [f"{i},{'ab'[i % 2]},{names[i * 7 % 3]}" for i in range(90)]
    spec = csv("\n".join(["x,y,site", *lines])) + "#y"
    split = SplitConfig(max_examples=12, by=("site", "x"), drop=("site",))
    task = load_task(spec, split, "range")
    site, x = task.by
    assert site.codes is not None
    assert [site.levels[code] for code in site.codes] == list(names[task.test_ids * 7 % 3])
    np.testing.assert_array_equal(x.numbers, task.x_test[:, 0])
    plain = load_task(spec, SplitConfig(max_examples=12, drop=("site",)), "range")
    assert task.content_hash == plain.content_hash


def test_groups_of_a_test_file_need_not_be_in_the_training_file(csv: Csv) -> None:
    training = csv("\n".join(["x,y", *(f"{i},{'ab'[i % 2]}" for i in range(20))]))
    lines = [f"{i},{'ab'[i % 2]},{'vu'[i > 3]}" for i in range(8)]
    test = csv("\n".join(["x,y,site", *lines]), "held-out.csv")
    task = load_task(f"{training}#y", SplitConfig(test_file=test, by=("site",)), "range")
    (site,) = task.by
    assert task.feature_names == ("x",)
    assert site.codes is not None
    assert site.codes.tolist() == [1] * 4 + [0] * 4
