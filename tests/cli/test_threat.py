"""Runs under a threat file; stored examples are checked independently against the file."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from jsonschema import Draft202012Validator

from genlabel_robust.runs.results.schema import results_schema

if TYPE_CHECKING:
    from tests.cli.conftest import Call

REGIONS = ["north", "south", "west"]
THREAT = """
norm = "linf"
eps = 0.3
unit = "range"
one_hot = [["north", "south", "west"]]

[features.age]
eps = 9
unit = "raw"
low = 18
high = 70
integer = true
only = "up"

[features.income]
eps = 1.5
unit = "std"
low = 0

[features.debt]
high = 4000
only = "down"

[features.score]
eps = 0.6

[features.sex]
immutable = true
"""
#: A category is switched only where that is afforded.
SWITCHES = "".join(f'[features.{name}]\neps = 1\nunit = "raw"\n' for name in REGIONS)
QUICK = (
    "--strategy",
    "vanilla",
    "--arch",
    "mlp",
    "--seeds",
    "1",
    "--jobs",
    "1",
    "-q",
    "--set",
    "train.epochs=30",
)


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of 100 people in two classes with every kind of feature, one of them constant."""
    rng = np.random.default_rng(0)
    y = np.arange(100) % 2
    frame = pd.DataFrame(
        {
            "age": rng.integers(20, 60, 100) + 8 * y,
            "income": rng.normal(30e3, 8e3, 100) + 9e3 * y,
            "debt": rng.normal(5e3, 2e3, 100) - 2e3 * y,
            "score": rng.normal(0.0, 1.0, 100) + y,
            "sex": rng.integers(0, 2, 100),
            **dict(zip(REGIONS, np.eye(3, dtype=int)[rng.integers(0, 3, 100)].T, strict=True)),
            "planet": 3,
            "paid": np.where(y == 1, "yes", "no"),
        }
    )
    path = tmp_path_factory.mktemp("people") / "people.csv"
    frame.to_csv(path, index=False)
    return path


@pytest.mark.nightly(but=["standard"])
@pytest.mark.parametrize("suite", ["standard", "strongest"])
def test_every_stored_example_is_one_that_the_file_allows(
    suite: str, people: Path, tmp_path: Path, call: Callable[..., Call]
) -> None:
    threat, out = tmp_path / "threat.toml", tmp_path / "run"
    threat.write_text(THREAT + SWITCHES, encoding="utf-8")
    done = call(
        "evaluate",
        "--dataset",
        f"{people}#paid",
        "--threat",
        threat,
        "--suite",
        suite,
        *QUICK,
        "--out",
        out,
    )
    assert done.code == 0, done.stderr
    (cell,) = (out / "cells").glob("*.npz")
    with np.load(cell) as arrays:
        ids, distances, adversarial = (arrays[k] for k in ("ids", "distances", "adversarial"))
    table = pd.read_csv(people).drop(columns="paid")
    clean, train = table.loc[ids].reset_index(drop=True), table.drop(index=ids)
    spread, deviation = train.max() - train.min(), train.std(ddof=0)
    allowed = 0.3 * spread
    allowed["age"], allowed["income"] = 9, 1.5 * deviation["income"]
    allowed["score"] = 0.6 * spread["score"]
    allowed[REGIONS] = 1
    low, high = train.min(), train.max()
    low["age"], high["age"], low["income"], high["debt"] = 18, 70, 0, 4000
    seen, moved_at_all = 0, set()
    for found, rows in zip(distances, adversarial, strict=True):
        kept = np.flatnonzero(np.isfinite(found) & (found > 0))
        row = clean.loc[kept]
        changed = pd.DataFrame(rows[kept], columns=clean.columns, index=kept)
        moved = changed - row
        seen += len(kept)
        moved_at_all |= set(clean.columns[(moved != 0).any()])
        share = moved.drop(columns="planet").abs() / allowed.drop("planet") * 0.3
        np.testing.assert_allclose(share.max(axis=1), found[kept], rtol=1e-6)
        slack = 1e-9 * spread.clip(lower=1)
        for name in clean.columns:
            floor = np.minimum(low[name], row[name]) - slack[name]
            roof = np.maximum(high[name], row[name]) + slack[name]
            assert changed[name].between(floor, roof).all(), name
        assert (moved[["sex", "planet"]] == 0).all().all()
        assert (moved["age"] >= 0).all()
        assert (moved["debt"] <= 0).all()
        assert (changed["age"] % 1 == 0).all()
        assert changed[REGIONS].isin([0, 1]).all().all()
        assert (changed[REGIONS].sum(axis=1) == 1).all()
    assert seen > 20
    assert moved_at_all == {*clean.columns} - {"sex", "planet"}
    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert list(Draft202012Validator(results_schema()).iter_errors(results)) == []
    raw = {f["name"]: f["raw_eps"] for f in results["datasets"]["people.csv#paid"]["features"]}
    for name in allowed.drop("planet").index:
        assert raw[name] == [pytest.approx(allowed[name])]
    assert results["rows"][0]["reason"] is None
    assert [c for c in results["rows"][0]["checks"] if c["status"] == "fail"] == []
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    for name in ("norm", "eps", "unit", "constraints"):
        assert manifest["config"][name]["source"] == "file threat.toml"
    assert call("verify", out, "--reattack", "0").code == 0


def test_the_exact_margin_of_an_affine_model_keeps_to_the_bounds(
    people: Path, tmp_path: Path, call: Callable[..., Call]
) -> None:
    exact = {}
    for name, bounds in (("tight", "low = -0.01\nhigh = 0.01"), ("wide", "low = -50\nhigh = 50")):
        threat, out = tmp_path / f"{name}.toml", tmp_path / name
        threat.write_text(f'eps = 50\nunit = "raw"\n[features.score]\n{bounds}\n', encoding="utf-8")
        drops = [
            w
            for c in pd.read_csv(people).columns
            if c not in ("score", "paid", "sex")
            for w in ("--drop", c)
        ]
        done = call(
            "evaluate",
            "--dataset",
            f"{people}#paid",
            "--threat",
            threat,
            "--strategy",
            "vanilla",
            "--arch",
            "logistic",
            "--seeds",
            "1",
            "--suite",
            "quick",
            "--jobs",
            "1",
            "-q",
            "--checks",
            "off",
            "--set",
            "train.epochs=30",
            "--out",
            out,
            "--set",
            "constraints.immutable=['sex']",
            *drops,
        )
        assert done.code == 0, done.stderr
        (cell,) = (out / "cells").glob("*.npz")
        with np.load(cell) as arrays:
            exact[name] = arrays["exact"], arrays["predictions"] == arrays["labels"]
    # one feature: it must reach the boundary, which the tight box may keep it from
    (tight, clean), (wide, _) = exact["tight"], exact["wide"]
    assert np.isfinite(wide[clean]).all()
    assert np.isinf(tight[clean]).any()
    np.testing.assert_allclose(
        tight[clean & np.isfinite(tight)], wide[clean & np.isfinite(tight)], rtol=1e-9
    )


def test_options_and_variables_win_over_the_file_and_it_over_the_project(
    people: Path, tmp_path: Path, call: Callable[..., Call], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.toml").write_text("norm = 'l2'\neps = 0.2\n[features.age]\nonly = 'up'\n")
    Path("genlabel-robust.toml").write_text(
        "norm = 'linf'\nunit = 'std'\neps = 0.5\nconstraints = {immutable = ['sex']}\n"
    )

    def shown(*options: str) -> dict[str, Any]:
        done = call("config", "show", "--threat", "mine.toml", "--format", "json", *options)
        assert done.code == 0, done.stderr
        settings: dict[str, Any] = json.loads(done.stdout)
        return settings

    settings = shown()
    assert settings["norm"] == {"value": "l2", "source": "file mine.toml"}
    assert settings["unit"] == {"value": "std", "source": "file genlabel-robust.toml"}
    assert settings["eps"]["value"] == [0.2]
    assert settings["constraints"]["value"] == {"immutable": ["sex"], "increasing": ["age"]}
    monkeypatch.setenv("GENLABEL_ROBUST_EPS", "0.3")
    settings = shown(
        "--norm",
        "linf",
        "--set",
        "constraints.bounds.age={low = 1}",
        "--set",
        'constraints.units.a.b="raw"',
    )
    assert settings["norm"] == {"value": "linf", "source": "option"}
    assert settings["eps"]["value"] == [0.3]
    assert settings["constraints"]["value"]["bounds"] == {"age": {"low": 1.0}}
    assert settings["constraints"]["value"]["units"] == {"a.b": "raw"}


def test_a_feature_that_the_data_do_not_have_names_the_file_and_the_nearest(
    people: Path, tmp_path: Path, call: Callable[..., Call]
) -> None:
    threat = tmp_path / "mine.toml"
    threat.write_text("[features.agee]\ninteger = true\n", encoding="utf-8")
    arguments = (
        "evaluate",
        "--dataset",
        f"{people}#paid",
        *QUICK,
        "--threat",
        threat,
        "--out",
        tmp_path / "run",
    )
    for more in ((), ("--dry-run",)):
        done = call(*arguments, *more)
        assert done.code == 2
        assert done.stderr.startswith(f"error: threat file {threat}: ")
        assert "no feature 'agee' to constrain; did you mean 'age'?" in done.stderr
        assert done.stderr.count("\n") == 1
    # set by an option: not the file's mistake
    done = call(*arguments, "--set", "constraints.integer=['rent']")
    assert done.code == 2
    assert "mine.toml" not in done.stderr
    assert not (tmp_path / "run").exists()


def test_init_writes_a_file_that_a_run_takes_and_never_over_another(
    people: Path, tmp_path: Path, call: Callable[..., Call]
) -> None:
    path = tmp_path / "threat.toml"
    done = call("threat", "init", "--data", f"{people}#paid", "--out", path, "--drop", "score")
    assert done.code == 0, done.stderr
    text = path.read_text(encoding="utf-8")
    assert text.count("#") > 20
    document = tomllib.loads(text)
    assert document["one_hot"] == [REGIONS]
    features = document["features"]
    assert features["planet"] == {"immutable": True}
    assert features["age"] == features["sex"] == {"integer": True}
    assert features["income"] == {}
    assert "score" not in features
    again = call("threat", "init", "--data", f"{people}#paid", "--out", path)
    assert again.code == 2
    assert "exists already" in again.stderr
    assert path.read_text(encoding="utf-8") == text
    done = call(
        "evaluate",
        "--dataset",
        f"{people}#paid",
        "--drop",
        "score",
        "--threat",
        path,
        *QUICK,
        "--suite",
        "quick",
        "--checks",
        "off",
        "--out",
        tmp_path / "run",
    )
    assert done.code == 0, done.stderr
    results = json.loads((tmp_path / "run" / "results.json").read_text(encoding="utf-8"))
    assert results["threat"]["constraints"] == {
        "immutable": ["planet"],
        "integer": ["age", "sex"],
        "one_hot": [REGIONS],
    }
    assert call("threat", "init", "--data", "nowhere.csv#y", "--out", tmp_path / "x").code == 2
    assert not (tmp_path / "x").exists()


def test_init_with_a_target_keeps_categories_and_missing_values(
    tmp_path: Path, call: Callable[..., Call]
) -> None:
    data, path = tmp_path / "mine.csv", tmp_path / "threat.toml"
    data.write_text("age,color,id,label\n1.5,red,a,0\n,blue,b,1\n3,,c,0\n", encoding="utf-8")
    init = ("threat", "init", "--data", data, "--target", "label", "--out", path)
    done = call(*init, "--drop", "id")
    assert done.code == 0, done.stderr
    text = path.read_text(encoding="utf-8")
    assert list(tomllib.loads(text)["features"]) == ["age", "age is missing", "color"]
    assert "'blue', 'red' or missing" in text
    for wrong in (("--drop", "nothing"), ("--drop", "label"), ("--group", "id")):
        done = call(*init[:-1], tmp_path / "other.toml", *wrong)
        assert done.code == 2
        assert done.stderr.count("\n") == 1
    assert not (tmp_path / "other.toml").exists()


def test_init_with_reference_rows_is_a_draft_of_them(
    tmp_path: Path, call: Callable[..., Call]
) -> None:
    (tmp_path / "test.csv").write_text("age,pay,label\n30,1.5,0\n40,2.5,1\n", encoding="utf-8")
    (tmp_path / "train.csv").write_text("age,pay,label\n20,1.5,0\n70,9.5,1\n", encoding="utf-8")
    init = ("threat", "init", "--data", tmp_path / "test.csv", "--target", "label")
    ranges = ("--reference", tmp_path / "train.csv")
    done = call(*init, *ranges, "--out", tmp_path / "threat.toml")
    assert done.code == 0, done.stderr
    text = (tmp_path / "threat.toml").read_text(encoding="utf-8")
    assert "train.csv: 2 rows" in text
    assert "# 20 to 70, mean 45" in text
    assert "at eps = 0.1 by 5 at most" in text
    done = call(*init, *ranges, "--drop", "pay", "--out", tmp_path / "other.toml")
    assert done.code == 0, done.stderr
    (tmp_path / "train.csv").write_text("age,label\n20,0\n70,1\n", encoding="utf-8")
    done = call(*init, *ranges, "--out", tmp_path / "third.toml")
    assert done.code == 2
    assert "do not have the same columns: 'pay' is in only one of them" in done.stderr
    done = call("threat", "init", "--data", "iris", *ranges, "--out", tmp_path / "third.toml")
    assert done.code == 2
    assert "add --target" in done.stderr
    assert not (tmp_path / "third.toml").exists()
