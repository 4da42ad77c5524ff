"""Audits under relations between features; every stored example is checked independently."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from genlabel_robust.attacks import ATTACKS
from genlabel_robust.runs.folder.frames.adversarial_rows import adversarial_rows
from genlabel_robust.runs.folder.stored_run import read_run

if TYPE_CHECKING:
    from tests.cli.conftest import Call

#: Of the attacks that take longest, what is enough to break rows.
BUDGETS = [
    ("evolutionary", "queries=400"),
    ("boundary", "steps=400"),
    ("boundary-normal", "rounds=2"),
    ("hopskipjump", "max_queries=400"),
]
YEARS = {"school": 10, "bachelor": 15, "master": 17}
RELATIONS = [
    "tenure <= age - 16",
    "years == table(degree)",
    "paid_days + sick_days == days",
    'degree == "master" -> age >= 22',
]
THREAT = """
eps = 0.2
norm = "NORM"
relations = [
    "tenure <= age - 16",
    "years == table(degree)",
    "paid_days + sick_days == days",
    'degree == "master" -> age >= 22',
]

[features.degree]
eps = 2
unit = "raw"

[features.years]
eps = 14
unit = "raw"
"""
MODELS: dict[str, Any] = {
    "forest": RandomForestClassifier(12, max_depth=5, random_state=0),
    "logistic": LogisticRegression(C=0.1),
    "net": MLPClassifier((8,), max_iter=400, random_state=0),
}


def people(seed: int, n: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    degree = rng.choice([*YEARS], n)
    age = rng.integers(18, 70, n) + 5 * (degree == "master")
    paid, sick = rng.integers(0, 200, n), rng.integers(0, 60, n)
    table = pd.DataFrame(
        {
            "age": age,
            "degree": degree,
            "years": pd.Series(degree).map(YEARS),
            "tenure": np.minimum(rng.uniform(0, 40, n), age - 16).round(1),
            "paid_days": paid,
            "sick_days": sick,
            "days": paid + sick,
        }
    )
    score = age + 4 * table.years + table.tenure + table.days / 10 - table.sick_days / 4
    table["rich"] = np.where(score + rng.normal(0, 10, n) > 125, "yes", "no")
    table.loc[rng.random(n) < 0.1, "tenure"] = np.nan
    return table


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a table in two files and pipelines that were trained on it."""
    place = tmp_path_factory.mktemp("people")
    train, test = people(0, 400), people(1, 10)
    train.to_csv(place / "train.csv", index=False)
    test.to_csv(place / "test.csv", index=False)
    numbers = ["age", "years", "tenure", "paid_days", "sick_days", "days"]
    for name, last in MODELS.items():
        columns = make_column_transformer(
            (OneHotEncoder(), ["degree"]),
            (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
        )
        model = make_pipeline(columns, last).fit(train.drop(columns="rich"), train["rich"])
        skops.io.dump(model, place / f"{name}.skops")
    return place


def keeps(rows: pd.DataFrame) -> np.ndarray:
    """Mark the rows that satisfy all relations, which are written out here again."""
    near = 1e-9 * rows.age
    return np.asarray(
        (rows.tenure.isna() | (rows.tenure <= rows.age - 16 + near))
        & (rows.years == rows.degree.map(YEARS))
        & (rows.paid_days + rows.sick_days == rows.days)
        & ((rows.degree != "master") | (rows.age >= 22))
    )


def audited(call: Callable[..., Call], folder: Path, model: str, norm: str, out: Path) -> Call:
    """Run all attacks applicable under ``norm``, with budgets large enough to break rows."""
    threat = folder / f"{norm}.toml"
    eps = {"linf": "0.2", "l2": "0.7", "l1": "1.0", "l0": "4"}[norm]
    threat.write_text(THREAT.replace("NORM", norm).replace("0.2", eps))
    attacks = [name for name in ATTACKS if norm in ATTACKS.load(name).norms]
    return call(
        *("audit", folder / f"{model}.skops", "--data", folder / "test.csv"),
        *("--reference", folder / "train.csv", "--target", "rich", "--threat", threat),
        *(part for name in attacks for part in ("--attack", name)),
        *("--max-examples", "4"),
        *(
            part
            for one in BUDGETS
            if one[0] in attacks
            for part in ("--set", "attack.{}.{}".format(*one))
        ),
        *(
            "--suite",
            "strongest" if norm == "l1" else "quick",
            "--checks",
            "off",
            "--certify",
            "bounds",
            "--out",
            out,
        ),
    )


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("model", "norm"),
    [("forest", "linf"), ("logistic", "linf"), ("net", "l2"), ("net", "l1"), ("forest", "l0")],
)
def test_every_example_of_every_attack_keeps_to_relations(
    call: Callable[..., Call], folder: Path, model: str, norm: str, tmp_path: Path
) -> None:
    done = audited(call, folder, model, norm, tmp_path / "run")
    assert done.code == 0, done.stderr
    run = read_run(tmp_path / "run")
    rows = adversarial_rows(run, every=True)
    assert keeps(rows).all()
    assert {*rows["example.attack"]} - {"proof", "noise"}
    moved = {name for names in rows["example.changed"] for name in names.split(", ")}
    # relations do not freeze what they relate
    assert {"age"} <= moved
    if norm in ("linf", "l2"):  # under the others a sum costs each of its terms
        assert "days" in moved
        assert ("paid_days" in moved) or ("sick_days" in moved)
    if (model, norm) == ("forest", "linf"):
        assert {"degree", "years", "tenure"} <= moved
    few = adversarial_rows(run, every=True, sparse=True)
    assert keeps(few).all()
    assert (few["example.predicted_after"] != few["example.class"]).all()
    fewer = rows["example.columns_changed"].sum() - few["example.columns_changed"].sum()
    # what lies at the boundary of a linear model needs each of its changes
    assert fewer > 0 if (model, norm) == ("forest", "linf") else fewer >= 0
    checked = call("verify", tmp_path / "run")
    assert checked.code == 0, checked.stdout
    for page in ("report.html", "report.md"):
        text = (tmp_path / "run" / page).read_text(encoding="utf-8")
        assert "Relations between features" in text
        assert "paid_days + sick_days == days" in text
    assert list(run.results.threat.constraints.relations) == RELATIONS


@pytest.mark.nightly(but=["name", "rows"])
@pytest.mark.parametrize(
    ("relation", "told"),
    [
        ("agee <= 3", "names the column 'agee', which does not exist; did you mean 'age'"),
        ("age <= degree", "compares the category 'degree' with the number 'age'"),
        ("age > 30, age < 20", "contradict each other"),
        ("age > 200", "cannot be met by any row"),
        ("age <=", "ends too early"),
        ("years == table(age)", "does not hold in the reference rows"),
    ],
    ids=["name", "kind", "contradiction", "nowhere", "end", "rows"],
)
def test_relations_that_cannot_be_kept_name_the_line_of_the_file(
    call: Callable[..., Call], folder: Path, relation: str, told: str, tmp_path: Path
) -> None:
    threat = tmp_path / "bad.toml"
    lines = "".join(f'    "{one}",\n' for one in relation.split(", "))
    threat.write_text(f"eps = 0.1\nrelations = [\n{lines}]\n")
    done = call(
        *("audit", folder / "forest.skops", "--data", folder / "test.csv"),
        *("--reference", folder / "train.csv", "--target", "rich"),
        *("--threat", threat, "--out", tmp_path / "run"),
    )
    assert done.code == 2
    assert told in done.stderr
    last = 2 + len(relation.split(", "))
    assert f"threat file {threat}: line {last}: " in done.stderr
    assert done.stderr.strip().count("\n") == 0
    assert not (tmp_path / "run").exists()
