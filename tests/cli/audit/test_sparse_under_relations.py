"""``examples --sparse`` on the generated mixed table, under both of its relations."""

from __future__ import annotations

import json
import os
import runpy
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from genlabel_robust.runs.evaluate import Run
from genlabel_robust.runs.folder.stored_run import read_run

# the relations of a real pipeline take a quarter of a minute; siblings: test_examples.py,
# and of relations tests/unit/threat/relations
pytestmark = pytest.mark.nightly

if TYPE_CHECKING:
    from tests.cli.conftest import Call

CASES = Path(__file__).resolve().parents[3].parent / "shared" / "cases"
NUMBERS = {"HS-grad": 9, "Some-college": 10, "Bachelors": 13, "Masters": 14, "Doctorate": 16}
THREAT = """
eps = 0.1
relations = ["tenure_years <= age - 16", "education_num == table(education)"]

[features.education]
eps = 1
unit = "raw"

[features.education_num]
eps = 7
unit = "raw"
"""


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    if not (CASES / "mixed_table.py").is_file():
        pytest.skip("the made-up table is not part of the project, and is not here")
    folder, before = tmp_path_factory.mktemp("mixed"), Path.cwd()
    os.chdir(folder)
    try:
        return {**runpy.run_path(str(CASES / "mixed_table.py")), "folder": folder}
    finally:
        os.chdir(before)


@pytest.fixture(scope="module")
def run(case: dict[str, Any], call: Callable[..., Call]) -> Run:
    """An audit of a few rows, which tests must not change."""
    folder = case["folder"]
    case["te"].sample(6, random_state=0).to_csv(folder / "few.csv", index=False)
    (folder / "threat.toml").write_text(THREAT, encoding="utf-8")
    done = call(
        *("audit", folder / "model.skops", "--data", folder / "few.csv", "--target", "income"),
        *("--reference", folder / "train.csv", "--threat", folder / "threat.toml"),
        *("--suite", "quick", "--checks", "off", "--certify", "off", "--out", folder / "run", "-q"),
    )
    assert done.code == 0, done.stderr
    return Run(folder / "run", read_run(folder / "run").results)


def own(table: pd.DataFrame) -> pd.DataFrame:
    return table[[name for name in table if not name.startswith(("example.", "before."))]]


def keeps(rows: pd.DataFrame) -> pd.Series:
    """Mark the rows that satisfy both relations, which are written out here again."""
    tenure = rows.tenure_years.isna() | (rows.tenure_years <= rows.age - 16 + 1e-9 * rows.age)
    return tenure & (rows.education_num == rows.education.map(NUMBERS))


@pytest.mark.parametrize("options", [(), ("--every",)])
def test_sparse_rows_keep_to_relations_and_need_each_change(
    options: tuple[str, ...],
    run: Run,
    case: dict[str, Any],
    call: Callable[..., Call],
    tmp_path: Path,
) -> None:
    done = call("examples", run.path, "--sparse", "--out", tmp_path / "few.csv", *options)
    assert done.code == 0, done.stderr
    few, model = pd.read_csv(tmp_path / "few.csv"), case["m"]
    full = run.adversarial(every=bool(options))
    assert keeps(own(few)).all()
    assert (model.predict(own(few)) == few["example.predicted_after"]).all()
    assert (few["example.predicted_after"] != few["example.class"]).all()
    assert few["example.columns_changed"].sum() < full["example.columns_changed"].sum()
    assert few["example.distance"].max() <= full["example.distance"].max() * (1 + 1e-9)
    assert few["example.changed"].str.contains("education, education_num").any()
    for _, row in few.iterrows():
        for name in row["example.changed"].split(", "):
            one = row.to_frame().T.assign(**{name: row[f"before.{name}"]})
            without = own(one).astype(own(few).dtypes)
            right = model.predict(without)[0] == row["example.class"]
            assert right or not keeps(without).all()


def test_the_same_from_python(run: Run, call: Callable[..., Call], tmp_path: Path) -> None:
    assert call("examples", run.path, "--sparse", "--out", tmp_path / "few.csv").code == 0
    asked = run.adversarial(sparse=True)
    pd.testing.assert_frame_equal(
        pd.read_csv(tmp_path / "few.csv"), asked, check_dtype=False, check_column_type=False
    )


def test_verify_looks_at_the_stored_table_and_without_it_sparse_rows_are_refused(
    run: Run, call: Callable[..., Call], tmp_path: Path
) -> None:
    copy = tmp_path / "run"
    shutil.copytree(run.path, copy)
    manifest = json.loads((copy / "manifest.json").read_bytes())
    (table,) = manifest["tables"]["few.csv#income"]
    assert dict(table["rows"]) == NUMBERS
    table["rows"][0][1] += 1
    (copy / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    done = call("verify", copy, "--reattack", "0")
    assert done.code == 1
    assert "tables.few.csv#income[0].rows[0][1]" in done.stdout + done.stderr
    del manifest["tables"]
    (copy / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (copy / "SHA256SUMS").unlink()  # as of a run from before tables were stored
    done = call("examples", copy, "--sparse", "--out", tmp_path / "few.csv")
    assert done.code == 2
    assert "does not contain this table; make the run again" in done.stderr
    assert not (tmp_path / "few.csv").exists()
