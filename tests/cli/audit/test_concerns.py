"""Tables that are probably not read as their owner means: errors, and concerns next to figures."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import numpy as np
import pandas as pd
import skops.io
import xgboost
from sklearn.linear_model import LogisticRegression

from genlabel_robust.runs.results.schema import results_schema

if TYPE_CHECKING:
    from tests.cli.conftest import Call


#: One attack is enough where no gate is to pass.
FAST = ("--attack", "sign-bisect")


def _audit(call: Callable[..., Call], folder: Path, model: str, *options: Any) -> Call:
    return call(
        "audit",
        folder / model,
        "--data",
        folder / "te.csv",
        "--target",
        "t",
        "--eps",
        "0.02",
        *(() if "--suite" in options else FAST),
        "--checks",
        "off",
        "-q",
        "--out",
        folder / "run",
        *options,
    )


def _results(folder: Path) -> Any:
    results = json.loads((folder / "run" / "results.json").read_text(encoding="utf-8"))
    jsonschema.validate(results, results_schema())
    return results


def test_classes_in_another_order_are_the_first_thing_that_is_told(
    call: Callable[..., Call], tmp_path: Path
) -> None:
    x = np.random.default_rng(0).normal(size=(300, 3))
    y = (x[:, 0] + 0.3 * x[:, 1] > 0).astype(int)
    model = xgboost.XGBClassifier(n_estimators=20, n_jobs=1).fit(x[:200], y[:200])
    model.save_model(tmp_path / "g.json")
    frame = pd.DataFrame(x[200:], columns=["a", "b", "c"])
    frame["t"] = np.where(y[200:], "bad", "good")
    frame.to_csv(tmp_path / "te.csv", index=False)
    done = _audit(call, tmp_path, "g.json")
    told = " ".join(done.stdout.split())
    assert told.startswith("The classes are probably in the wrong order: with the model's scores")
    assert "--class good --class bad" in told
    results = _results(tmp_path)
    (about,) = results["datasets"].values()
    found, concern = results["rows"][0]["clean_accuracy"]["value"], about["concerns"][0]
    assert concern["assumed"] == found < 0.1
    assert concern["classes"] == ["good", "bad"]
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert page.index("The classes are probably in the wrong order") < page.index(">clean</th>")

    done = _audit(
        call, tmp_path, "g.json", "--class", "good", "--class", "bad", "--out", tmp_path / "right"
    )
    assert "wrong order" not in done.stdout
    text = (tmp_path / "right" / "results.json").read_text(encoding="utf-8")
    assert json.loads(text)["rows"][0]["clean_accuracy"]["value"] == concern["best"]


def test_a_value_far_off_is_told_with_its_share_and_both_ranges(
    call: Callable[..., Call], tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 2))
    frame = pd.DataFrame(np.where(rng.random(x.shape) < 0.3, -999.0, x), columns=["a", "b"])
    frame["t"] = (x[:, 0] > 0).astype(int)
    frame.to_csv(tmp_path / "te.csv", index=False)
    model = LogisticRegression().fit(frame[["a", "b"]], frame["t"])
    skops.io.dump(model, tmp_path / "m.skops")
    done = _audit(call, tmp_path, "m.skops", "--reference", tmp_path / "te.csv")
    share = 100 * (frame["a"] == -999).mean()
    told = " ".join(done.stdout.split())
    assert f"In the reference rows: 'a' holds -999 in {share:.1f} % of them; its range is" in told
    (about,) = _results(tmp_path)["datasets"].values()
    assert [c["kind"] for c in about["concerns"]] == ["far_value"]
    for page in ("report.html", "report.md"):
        assert "holds -999 in" in (tmp_path / "run" / page).read_text(encoding="utf-8").replace(
            "&#x27;", "'"
        )


def test_a_no_break_space_is_shown_and_the_column_can_be_said_to_be_text(
    call: Callable[..., Call], tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=60).round(3), "b": rng.normal(size=60)})
    frame["t"] = (frame["a"] > 0).astype(int)
    model = LogisticRegression().fit(frame[["a", "b"]].to_numpy(), frame["t"])
    skops.io.dump(model, tmp_path / "m.skops")
    odd = frame.astype({"a": object})
    odd.loc[3, "a"] = f"{frame.loc[3, 'a']}\u00a0"
    odd.to_csv(tmp_path / "te.csv", index=False)
    done = _audit(call, tmp_path, "m.skops")
    assert done.code == 2
    assert f"column 'a' (1 cell of 60, such as '{frame.loc[3, 'a']}\\xa0' in row 3)" in done.stderr
    assert not (tmp_path / "run").exists()
    odd["a"] = odd["a"].astype(str).str.replace("\u00a0", " ")  # an ordinary blank does no harm
    odd.to_csv(tmp_path / "te.csv", index=False)
    assert _audit(call, tmp_path, "m.skops").code == 0
    done = _audit(call, tmp_path, "m.skops", "--category", "a", "--out", tmp_path / "text")
    assert done.code == 2  # the model takes no text
    assert "takes" in done.stderr or "cannot predict" in done.stderr


def test_the_order_of_columns_is_asked_for_and_kept_by_a_gate(
    call: Callable[..., Call], tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=80), "b": 50 + rng.normal(size=80)})
    frame["t"] = (frame["a"] > 0).astype(int)
    frame.to_csv(tmp_path / "tr.csv", index=False)
    frame[["t", "b", "a"]].to_csv(tmp_path / "te.csv", index=False)
    model = LogisticRegression().fit(frame[["a", "b"]].to_numpy(), frame["t"])
    skops.io.dump(model, tmp_path / "m.skops")
    reference = ("--reference", tmp_path / "tr.csv", "--checks", "quick", "--suite", "standard")
    done = _audit(call, tmp_path, "m.skops", *reference)
    assert done.code == 2
    assert "te.csv and" in done.stderr
    assert "--column-order data or --column-order reference" in done.stderr
    done = _audit(call, tmp_path, "m.skops", *reference, "--column-order", "reference")
    assert done.code == 0, done.stderr
    assert _results(tmp_path)["rows"][0]["clean_accuracy"]["value"] > 0.9
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["audit"]["column_order"] == "reference"
    assert call("verify", tmp_path / "run").code == 0
    assert call("baseline", "save", tmp_path / "run", "--out", tmp_path / "b.zip").code == 0
    gate = ("gate", "--baseline", tmp_path / "b.zip", "--model", tmp_path / "m.skops", "--out")
    assert call(*gate, tmp_path / "same").code == 0
    done = call(*gate, tmp_path / "other", "--column-order", "data")
    assert done.code == 4, done.stdout
    assert "the order of the columns: column 0 is 'a' in the baseline and 'b' now" in done.stdout
