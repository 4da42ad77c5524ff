"""``examples``: the adversarial examples in the columns of the original table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

from genlabel_robust.runs.audit import audit
from genlabel_robust.runs.evaluate import Run
from genlabel_robust.runs.folder.stored_run import read_run
from genlabel_robust.threat import distance

NUMBERS, LEVELS = ["age", "gain", "tenure"], ["work", "town"]


def people(n: int = 260) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "age": rng.integers(18, 70, n),
            "gain": rng.integers(0, 900, n),
            "tenure": rng.gamma(2, 3, n).round(1),
            "work": rng.choice(["Sales", "Craft", "Exec"], n),
            "town": rng.choice(["B", "N"], n),
        }
    )
    frame.loc[rng.random(n) < 0.1, "tenure"] = np.nan
    wealth = frame["age"] / 20 + frame["gain"] / 400 + 1.5 * (frame["work"] == "Exec")
    return frame, np.where(wealth > wealth.median(), "rich", "poor")


@pytest.fixture(scope="module")
def pipeline() -> Pipeline:
    columns = ColumnTransformer([("n", SimpleImputer(), NUMBERS), ("l", OneHotEncoder(), LEVELS)])
    core = GradientBoostingClassifier(n_estimators=20, random_state=0)
    frame, y = people()
    return Pipeline([("columns", columns), ("core", core)]).fit(frame, y)


@pytest.fixture(scope="module")
def mixed(pipeline: Pipeline, call: Any, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("mixed")
    frame, y = people()
    frame[:200].to_csv(folder / "train.csv", index=False)
    frame[200:].assign(income=y[200:]).to_csv(folder / "test.csv", index=False)
    skops.io.dump(pipeline, folder / "model.skops")
    (folder / "threat.toml").write_text('eps = 0.2\n[features.work]\neps = 1\nunit = "raw"\n')
    done = call(
        *("audit", folder / "model.skops", "--data", folder / "test.csv", "--target", "income"),
        *("--reference", folder / "train.csv", "--threat", folder / "threat.toml"),
        *("--suite", "quick", "--checks", "off", "--out", folder / "run", "-q"),
    )
    assert done.code == 0, done.stderr
    return Run(folder / "run", read_run(folder / "run").results)


def own(table: pd.DataFrame) -> pd.DataFrame:
    return table[[name for name in table if not str(name).startswith(("example.", "before."))]]


def untouched(table: pd.DataFrame) -> pd.DataFrame:
    names = [name for name in table if str(name).startswith("before.")]
    return table[names].rename(columns=lambda name: name.removeprefix("before."))


@pytest.mark.nightly(every=2)
@pytest.mark.parametrize("options", [(), ("--sparse",), ("--every",)])
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_the_file_read_back_gives_the_model_s_stored_prediction(
    ending: str,
    options: tuple[str, ...],
    mixed: Run,
    pipeline: Pipeline,
    call: Any,
    tmp_path: Path,
) -> None:
    out = tmp_path / f"adversarial.{ending}"
    done = call("examples", mixed.path, "--out", out, *options)
    assert done.code == 0, done.stderr
    table = pd.read_csv(out) if ending == "csv" else pd.read_parquet(out)
    assert f"{len(table)} adversarial rows" in done.stderr
    frame, _ = people()
    assert own(table).columns.tolist() == frame.columns.tolist()
    assert own(table)[["age", "gain"]].dtypes.tolist() == [np.dtype(np.int64)] * 2
    predicted = pipeline.predict(own(table))
    assert (predicted == table["example.predicted_after"]).all()
    assert (predicted != table["example.class"]).all()
    shown = pipeline.predict_proba(own(table))
    classes = [f"example.score_after.{name}" for name in pipeline.classes_]
    np.testing.assert_allclose(shown, table[classes], rtol=1e-12)
    assert (pipeline.predict(untouched(table)) == table["example.class"]).all()


def test_rows_are_those_that_are_broken_within_epsilon_the_weakest_first(mixed: Run) -> None:
    table, (row,) = mixed.adversarial(), mixed.results.rows
    (panel,) = read_run(mixed.path).panels.values()
    clean = int(panel.clean.sum())
    assert row.robust_accuracy is not None
    assert clean - len(table) == round(row.robust_accuracy.value * panel.clean.size)
    assert table["example.row"].is_unique
    assert table["example.distance"].is_monotonic_increasing
    assert table["example.distance"].max() <= 0.2 * (1 + 1e-5)


def test_rows_that_only_one_feature_alone_breaks_are_among_them(tmp_path: Path) -> None:
    def one_point(rows: np.ndarray) -> np.ndarray:
        return np.asarray((rows[:, 0] == 7) & (rows[:, 1:] == 0).all(axis=1)).astype(int)

    reference = np.random.default_rng(0).integers(0, 10, (30, 8))
    reference[0], reference[1] = 0, 9
    x = np.zeros((7, 8), dtype=int)
    x[:, 0] = np.arange(7)
    run = audit(
        one_point,
        x,
        np.zeros(7, dtype=int),
        reference=reference,
        classes=[0, 1],
        eps=0.6,
        suite="quick",
        attacks=["noise"],
        checks="off",
        out=str(tmp_path / "run"),
    )
    table = run.adversarial()
    assert set(table["example.row"]) == {2, 3, 4, 5, 6}
    assert "single feature" in set(table["example.attack"])
    assert (table["x0"] == 7).all()
    assert (table["example.changed"] == "x0").all()
    np.testing.assert_allclose(table["example.distance"], (7 - table["before.x0"]) / 9)


def test_every_attack_has_a_row_of_its_own(mixed: Run) -> None:
    table, nearest = mixed.adversarial(every=True), mixed.adversarial()
    assert set(table["example.attack"]) == {
        *("sign-bisect", "lattice-search", "noise", "proof", "single feature")
    }
    assert set(table["example.row"]) == set(nearest["example.row"])
    least = table.groupby("example.row")["example.distance"].min()
    stated = nearest.set_index("example.row")["example.distance"]
    pd.testing.assert_series_equal(least, stated.sort_index(), check_names=False)


def test_sparse_rows_change_no_more_columns_and_each_that_they_change_is_needed(
    mixed: Run, pipeline: Pipeline
) -> None:
    sparse, full = (
        mixed.adversarial(sparse=one).sort_values("example.row", ignore_index=True)
        for one in (True, False)
    )
    fewer = full["example.columns_changed"] - sparse["example.columns_changed"]
    assert (fewer >= 0).all()
    assert fewer.sum() > 0
    assert (sparse["example.distance"] <= full["example.distance"] * (1 + 1e-9)).all()
    for _, row in sparse.iterrows():
        for name in row["example.changed"].split(", "):
            without = own(row.to_frame().T).assign(**{name: row[f"before.{name}"]})
            frame = without.astype(people()[0].dtypes)
            assert pipeline.predict(frame)[0] == row["example.class"]


def test_a_run_of_recipes_names_the_model_of_each_row(finished: Any, tmp_path: Path) -> None:
    run = read_run(finished.path)
    table = Run(finished.path, run.results).adversarial()
    assert set(table["example.strategy"]) == {"vanilla", "mixup"}
    assert set(table["example.seed"]) == {0, 1}
    for group, cells in run.cells.items():
        for cell in cells:
            part = table[
                (table["example.strategy"] == group[2]) & (table["example.seed"] == cell.seed)
            ]
            labels = np.array(run.results.datasets["iris"].classes)[
                run.model(cell).predict(own(part).to_numpy())
            ]
            assert (labels == part["example.predicted_after"]).all()
    about = run.results.datasets["iris"]
    unit = np.array([feature.raw_eps[0] for feature in about.features]) / run.results.threat.eps[0]
    moved = (own(table).to_numpy() - untouched(table).to_numpy()) / unit
    np.testing.assert_allclose(distance(moved, "linf"), table["example.distance"], rtol=1e-9)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--out", "rows.xlsx"), "its ending must be .csv or .parquet"),
        (("--out", "rows.csv", "--dataset", "wine"), "'wine' is no data set of the run|iris"),
        (("--out", "nowhere/rows.csv"), "cannot write nowhere/rows.csv"),
        ((), "--out"),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence_and_writes_nothing(
    options: tuple[str, ...],
    told: str,
    finished: Any,
    call: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    done = call("examples", finished.path, *options)
    assert done.code == 2
    assert any(part in done.stderr for part in told.split("|"))
    assert not list(tmp_path.iterdir())


def test_a_model_in_memory_has_rows_without_its_predictions(
    pipeline: Pipeline, tmp_path: Path, call: Any
) -> None:
    frame, y = people()
    run = audit(
        pipeline,
        frame[200:],
        y[200:],
        reference=frame[:200],
        out=str(tmp_path / "run"),
        eps=0.2,
        suite="quick",
        attacks=["noise"],
        checks="off",
    )
    table = run.adversarial()
    assert (pipeline.predict(own(table)) != table["example.class"]).all()
    assert not [name for name in table if "predicted" in name or "score" in name]
    done = call("examples", run.path, "--out", tmp_path / "rows.csv", "--sparse")
    assert done.code == 2
    assert "was an object in memory, which is not stored" in done.stderr


def test_columns_with_names_of_ours_are_refused(tmp_path: Path, call: Any) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(60, 2)), columns=["a", "before.a"])
    y = (frame["a"] > 0).astype(int).to_numpy()

    def model(rows: np.ndarray) -> np.ndarray:
        return np.column_stack([np.zeros(len(rows)), rows[:, 0]])

    run = audit(model, frame, y, out=str(tmp_path / "run"), eps=0.2, suite="quick", checks="off")
    done = call("examples", run.path, "--out", tmp_path / "rows.csv")
    assert done.code == 2
    assert "'before.a'" in done.stderr
