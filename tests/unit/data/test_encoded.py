"""Tasks from tables with categories and missing values, fitted on the training rows alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from genlabel_robust.core.errors import ConfigurationError, DataError
from genlabel_robust.data.load import load_task
from genlabel_robust.data.splitting.splits import SplitConfig
from genlabel_robust.data.task import Task

N = 60


def frame(seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    age = rng.integers(18, 80, N)
    table = pd.DataFrame(
        {
            "id": [f"c{i}" for i in range(N)],
            "age": age,
            "tenure": rng.uniform(0, 20, N).round(1),
            "job": rng.choice(["craft", "exec", "sales"], N),
            "married": rng.random(N) < 0.5,
            "y": np.where(age + rng.normal(0, 10, N) > 48, "yes", "no"),
        }
    )
    table.loc[rng.random(N) < 0.2, "tenure"] = np.nan
    table.loc[rng.random(N) < 0.2, "job"] = None
    return table


def task_of(
    folder: Path, train: pd.DataFrame, test: pd.DataFrame | None = None, **options: Any
) -> Task:
    train.to_csv(folder / "train.csv", index=False)
    split = {k: options.pop(k) for k in ("keep", "drop", "category", "seed") if k in options}
    if test is not None:
        test.to_csv(folder / "test.csv", index=False)
        split["test_file"] = str(folder / "test.csv")
    spec = f"{folder / 'train.csv'}#y"
    scaling = options.pop("scaling", "range")
    return load_task(spec, SplitConfig(**split), scaling, whole_numbers=True, **options)


NAMES = (
    "age",
    "tenure",
    "tenure is missing",
    "job=craft",
    "job=exec",
    "job=sales",
    "job is missing",
    "married=False",
    "married=True",
)


def test_every_column_but_the_identifier_becomes_features(tmp_path: Path) -> None:
    task = task_of(tmp_path, frame())
    assert task.feature_names == NAMES
    assert task.left_out == ("id",)
    assert task.limited == "columns"
    assert task.whole == ("age",)
    assert any("Left out 1 column that looks like an identifier" in n for n in task.notices)
    assert any(n.startswith("Encoded: 'job', 'married' are categories") for n in task.notices)


def test_the_rows_are_written_back_in_the_tables_own_columns_and_types(tmp_path: Path) -> None:
    table = frame()
    task = task_of(tmp_path, table)
    assert task.encoding is not None
    read = pd.read_csv(tmp_path / "train.csv")
    shown = task.encoding.frame(task.x_test)
    expected = read.iloc[task.test_ids].reset_index(drop=True).drop(columns=["id", "y"])
    pd.testing.assert_frame_equal(shown, expected)


def test_missing_numbers_are_the_training_rows_lower_median(tmp_path: Path) -> None:
    task = task_of(tmp_path, frame(), frame(1))
    known = np.sort(frame()["tenure"].dropna().to_numpy())
    fill = known[(len(known) - 1) // 2]
    gone = frame(1)["tenure"].isna().to_numpy()
    assert (task.x_test[gone, 1] == fill).all()
    assert (task.x_test[:, 2] == gone).all()
    assert task.scaling.fills == ((1, fill),)


def test_nothing_that_training_sees_depends_on_the_test_rows_values(tmp_path: Path) -> None:
    other = frame(1).assign(tenure=lambda t: 1000 * t["tenure"], age=lambda t: t["age"] + 100)
    one, two = (task_of(tmp_path, frame(), test) for test in (frame(1), other))
    np.testing.assert_array_equal(one.x_train, two.x_train)
    np.testing.assert_array_equal(one.scaling.offset, two.scaling.offset)
    np.testing.assert_array_equal(one.scaling.scale, two.scaling.scale)


@pytest.mark.parametrize("scaling", ["range", "standard", "paper"])
def test_models_see_nothing_of_a_level_that_no_training_row_has(
    tmp_path: Path, scaling: str
) -> None:
    test = frame(1)
    test.loc[3, "job"] = "pilot"
    task = task_of(tmp_path, frame(), test, scaling=scaling)
    place = task.feature_names.index("job=pilot")
    assert task.x_test[3, place] == 1
    assert not task.x_train[:, place].any()
    shown = task.scaling.apply(task.x_test)
    without = task.x_test.copy()
    without[3, place] = 0
    assert np.abs(shown - task.scaling.apply(without)).max() < 1e-29
    assert (
        "Column 'job' holds 'pilot' in 1 test row, and in no training row: models see none of the "
        "levels there." in task.notices
    )


def test_a_level_that_all_training_rows_have_is_not_seen_either(tmp_path: Path) -> None:
    train = frame().assign(job="sales")
    task = task_of(tmp_path, train, frame(1).assign(job=["sales"] * 30 + ["exec"] * 30))
    shown = task.scaling.apply(task.x_test)
    jobs = [i for i, name in enumerate(task.feature_names) if name.startswith("job=")]
    assert len(jobs) == 2
    assert np.abs(shown[:, jobs]).max() < 1e-29
    assert any("1 feature, 'job'; kept as a feature" in notice for notice in task.notices)


def test_a_column_without_a_value_in_the_training_rows_is_left_out(tmp_path: Path) -> None:
    task = task_of(tmp_path, frame().assign(extra=np.nan), frame(1).assign(extra=1.5))
    assert task.feature_names == NAMES
    assert set(task.left_out) == {"id", "extra"}
    with pytest.raises(ConfigurationError, match="'extra' cannot be kept"):
        task_of(tmp_path, frame().assign(extra=np.nan), frame(1).assign(extra=1.5), keep=("extra",))


def test_what_is_to_be_kept_is_encoded(tmp_path: Path) -> None:
    task = task_of(tmp_path, frame(), keep=("id",))
    assert task.left_out == ()
    assert sum(name.startswith("id=") for name in task.feature_names) == N


def test_text_in_the_test_file_where_training_has_truth_values_is_refused(tmp_path: Path) -> None:
    test = frame(1).assign(married=lambda t: t["married"].map({True: "j", False: "n"}))
    with pytest.raises(DataError, match=r"'married' holds text in test\.csv#y and True"):
        task_of(tmp_path, frame(), test)


def test_texts_that_pandas_takes_for_missing_are_named(tmp_path: Path) -> None:
    table = frame()
    table.loc[:4, "job"] = "NA"
    told = task_of(tmp_path, table).notices
    assert any(
        n.startswith("In column 'job' of train.csv, 'NA' was read as a missing") for n in told
    )


def test_a_column_of_codes_becomes_a_category_when_it_is_said_to_be_one(tmp_path: Path) -> None:
    table = frame().assign(zone=np.arange(N) % 3)
    assert "zone" in task_of(tmp_path, table).feature_names
    names = task_of(tmp_path, table, category=("zone",)).feature_names
    assert {"zone=0", "zone=1", "zone=2"} <= set(names)


def test_an_identifier_alone_leaves_a_table_of_plain_numbers(tmp_path: Path) -> None:
    table = frame()[["id", "age", "y"]]
    task = task_of(tmp_path, table)
    plain = task_of(tmp_path, table.drop(columns="id"))
    assert task.encoding is None
    assert task.content_hash == plain.content_hash


def test_a_sample_has_the_features_of_the_whole(tmp_path: Path) -> None:
    frame().to_csv(tmp_path / "train.csv", index=False)
    spec = f"{tmp_path / 'train.csv'}#y"
    names = [
        load_task(spec, SplitConfig(max_examples=most), "range").feature_names for most in (None, 4)
    ]
    assert names[0] == names[1]
