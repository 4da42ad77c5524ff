"""Runs under L0 and under prices; stored examples are checked independently against the table."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from genlabel_robust.data.sources.files import read_frame

if TYPE_CHECKING:
    from tests.cli.conftest import Call

REGIONS = ["north", "south", "west"]
GROUP = f"one_hot = {json.dumps(REGIONS)}".replace("one_hot = [", "one_hot = [[") + "]\n"
QUICK = ("--strategy", "vanilla", "--seeds", "1", "--jobs", "1", "-q", "--set", "train.epochs=30")


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of 90 people in two classes: integers, measures, a category of three columns."""
    rng = np.random.default_rng(0)
    y = np.arange(90) % 2
    frame = pd.DataFrame(
        {
            "age": rng.integers(20, 60, 90) + 8 * y,
            "income": rng.normal(30e3, 8e3, 90) + 9e3 * y,
            "score": rng.normal(0.0, 1.0, 90) + y,
            **dict(zip(REGIONS, np.eye(3, dtype=int)[rng.integers(0, 3, 90)].T, strict=True)),
            "paid": np.where(y == 1, "yes", "no"),
        }
    )
    path = tmp_path_factory.mktemp("people") / "people.csv"
    frame.to_csv(path, index=False)
    return path


def stored(out: Path, people: Path) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
    """Return the original and the changed rows, and their distances."""
    (cell,) = (out / "cells").glob("*.npz")
    with np.load(cell) as arrays:
        ids, distances, adversarial = (arrays[k] for k in ("ids", "distances", "adversarial"))
    clean = read_frame(people).drop(columns="paid").loc[ids].reset_index(drop=True)
    far, rows = distances[0], pd.DataFrame(adversarial[0], columns=clean.columns)
    kept = np.isfinite(far) & (far > 0)
    return clean[kept], rows[kept], far[kept]


def features(clean: pd.DataFrame, changed: pd.DataFrame) -> pd.DataFrame:
    """Return which features have changed; the columns of a region count as one."""
    moved = clean != changed
    region = moved[REGIONS].any(axis=1)
    return moved.drop(columns=REGIONS).assign(region=region).astype(float)


@pytest.mark.nightly(but=["mlp", "logistic"])
@pytest.mark.parametrize("architecture", ["mlp", "logistic", "sklearn:random-forest"])
def test_every_stored_example_changes_as_many_features_as_its_distance_says(
    architecture: str, people: Path, tmp_path: Path, call: Callable[..., Call]
) -> None:
    threat, out = tmp_path / "threat.toml", tmp_path / "run"
    # what ε is under L∞ is none under L0, but a feature's own ε is how far it goes
    threat.write_text(f'eps = 0.1\n{GROUP}[features.age]\neps = 5\nunit = "raw"\n')
    arch = ("--arch", architecture, "--norm", "l0", "--eps", "1", "--eps", "2")
    done = call(
        "evaluate", "--dataset", f"{people}#paid", "--threat", threat, *arch, *QUICK, "--out", out
    )
    assert done.code == 0, done.stderr
    clean, changed, far = stored(out, people)
    assert len(far) >= 5
    moved = features(clean, changed)
    assert (moved.sum(axis=1) == far).all()
    assert ((changed["age"] - clean["age"]).abs() <= 5).all()
    assert (changed["age"] == changed["age"].round()).all()
    assert (changed[REGIONS].sum(axis=1) == 1).all()
    results = json.loads((out / "results.json").read_text())
    assert results["threat"]["norm"] == "l0"
    assert results["threat"]["constraints"]["own_eps"] == {"age": 5.0}
    assert "weights" not in results["threat"]["constraints"]
    first, second = results["rows"]
    assert second["robust_accuracy"]["value"] <= first["robust_accuracy"]["value"]
    if architecture == "mlp":
        assert "nothing is proved of nets" in first["certification"]["reason"]
    else:
        assert first["certification"]["outcomes"]["open"] == 0
    checked = call("verify", out)
    assert checked.code == 0, checked.stdout + checked.stderr


def test_a_budget_buys_features_at_their_prices(
    people: Path, tmp_path: Path, call: Callable[..., Call]
) -> None:
    threat, out = tmp_path / "threat.toml", tmp_path / "run"
    price = {"age": 3.0, "income": 5.0, "score": 1.0, "region": 2.0}
    tables = "".join(
        f"[features.{name}]\ncost = {price.get(name, 2.0)}\n"
        for name in ("age", "income", *REGIONS)
    )
    threat.write_text(f'norm = "l0"\n{GROUP}[budget]\ncost = 5.5\n{tables}')
    trees = ("--set", "architecture.sklearn:random-forest.n_estimators=15")
    arch = ("--arch", "sklearn:random-forest", *trees)
    done = call(
        "evaluate", "--dataset", f"{people}#paid", "--threat", threat, *arch, *QUICK, "--out", out
    )
    assert done.code == 0, done.stderr
    clean, changed, far = stored(out, people)
    assert len(far) >= 5
    np.testing.assert_allclose(features(clean, changed) @ pd.Series(price), far)
    (row,) = json.loads((out / "results.json").read_text())["rows"]
    assert row["certification"]["outcomes"]["open"] == 0
    assert (
        "a budget of 5.5, from which each feature that is changed is paid"
        in (out / "report.md").read_text()
    )
    assert call("verify", out).code == 0
    table = tmp_path / "adversarial.csv"
    assert call("examples", out, "--sparse", "--out", table).code == 0
    found = read_frame(table)
    of = [name.removeprefix("before.") for name in found.columns if name.startswith("before.")]
    before = found[[f"before.{name}" for name in of]].set_axis(of, axis=1)
    paid = features(before, found[of]) @ pd.Series(price)
    np.testing.assert_allclose(paid, found["example.distance"])
    assert (found["example.distance"] <= 5.5).all()


def test_a_budget_without_a_norm_is_spent_under_l1_by_the_default_suite(
    people: Path, tmp_path: Path, call: Callable[..., Call]
) -> None:
    threat, out = tmp_path / "threat.toml", tmp_path / "run"
    threat.write_text(f"{GROUP}[budget]\ncost = 1.5\n[features.income]\ncost = 4\n")
    arch = ("--arch", "logistic")
    done = call(
        "evaluate", "--dataset", f"{people}#paid", "--threat", threat, *arch, *QUICK, "--out", out
    )
    assert done.code == 0, done.stderr
    (cell,) = (out / "cells").glob("*.npz")
    with np.load(cell) as arrays:
        ids, distances, adversarial = (arrays[k] for k in ("ids", "distances", "adversarial"))
    table = read_frame(people).drop(columns="paid")
    train = table.drop(index=ids)
    unit = train.max() - train.min()
    unit["income"] /= 4
    seen = 0
    for far, rows in zip(distances, adversarial, strict=True):
        kept = np.isfinite(far) & (far > 0)
        changed = pd.DataFrame(rows, columns=table.columns)
        moved = (changed - table.loc[ids].reset_index(drop=True))[kept]
        switch = 0.5 * moved[REGIONS].abs().sum(axis=1)
        along = (moved / unit).drop(columns=REGIONS).abs().sum(axis=1)
        np.testing.assert_allclose(along + switch, far[kept], rtol=1e-6)
        seen += int(kept.sum())
    assert seen > 10


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("", ("--norm", "l0"), "eps is 0.1, but under the norm l0"),
        ("", ("--norm", "l0", "--eps", "2.5"), "it must be a whole number, such as --eps 1"),
        ("[features.age]\ncost = 0", (), "line 2: the cost of feature 'age' is 0"),
        ("[budget]", (), "line 1: [budget] has no cost"),
        ("eps = 1\n[budget]\ncost = 1", (), "line 2: the file has both an eps and a [budget]"),
        ("[features.age]\ncost = 2", (), "the norm is 'linf', but features have costs"),
        (
            'norm = "l0"\n[budget]\ncost = 0.5\n[features.age]\ncost = 2',
            (),
            "line 3: data set 'people.csv#paid': a budget of 0.5 lets an attacker change nothing: "
            "the cheapest change costs 1",
        ),
        (
            'norm = "l0"\n[budget]\ncost = 9\n[features.age]\ncost = 2',
            ("--eps", "0.5"),
            "threat.toml: data set 'people.csv#paid': a budget of 0.5 lets an attacker",
        ),
        (
            f'norm = "l0"\n{GROUP}[budget]\ncost = 9\n[features.north]\ncost = 2',
            (),
            "line 6: data set 'people.csv#paid': the columns of one category have different costs: "
            "'north' 2.0, 'south' 1.0",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_sentence(
    text: str,
    options: tuple[str, ...],
    message: str,
    people: Path,
    tmp_path: Path,
    call: Callable[..., Call],
) -> None:
    threat, out = tmp_path / "threat.toml", tmp_path / "run"
    threat.write_text(text)
    more = ("--threat", threat, *options, "--arch", "logistic", "--out", out)
    done = call("evaluate", "--dataset", f"{people}#paid", *more)
    assert done.code == 2
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not out.exists()


def test_more_features_than_there_are_is_said(
    people: Path, tmp_path: Path, call: Callable[..., Call]
) -> None:
    arguments = ("--norm", "l0", "--eps", "20", "--suite", "quick", "--arch", "logistic")
    out = tmp_path / "run"
    done = call("evaluate", "--dataset", f"{people}#paid", *arguments, *QUICK, "--out", out)
    assert done.code == 0, done.stderr
    (about,) = json.loads((out / "results.json").read_text())["datasets"].values()
    said: list[Any] = [one for one in about["notices"] if one.startswith("ε = 20 lets")]
    assert said
    assert "all 6 features that can change" in said[0]
