"""An audit that is given again computes nothing, unless something else may come out."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression

from genlabel_robust.runs import evaluate
from genlabel_robust.runs.audit import audit

X = np.random.default_rng(0).uniform(0, 1, (40, 3)).round(3)
Y = (X[:, 0] + X[:, 1] > 1).astype(int)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model's file and its finished audit, ``run``."""
    folder = tmp_path_factory.mktemp("finished")
    skops.io.dump(LogisticRegression().fit(X, Y), folder / "model.skops")
    audited(folder)
    return folder


def audited(folder: Path, **settings: Any) -> None:
    audit(
        folder / "model.skops",
        X,
        Y,
        verifiable=True,
        out=folder / "run",
        **{"eps": 0.05, "suite": "quick", "checks": "off", **settings},
    )


def in_manifest(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], object]:
    def changed(run: Path) -> None:
        manifest = json.loads((run / "manifest.json").read_text())
        change(manifest)
        (run / "manifest.json").write_text(json.dumps(manifest))

    return changed


def lose(pattern: str) -> Callable[[Path], object]:
    return lambda run: [path.unlink() for path in run.glob(pattern)]


def damage_the_model(run: Path) -> None:
    (copy,) = (run / "models").iterdir()
    copy.write_bytes(b"damaged")


@pytest.mark.parametrize(
    ("change", "again"),
    {
        "nothing": (lambda run: None, False),
        "cores": (in_manifest(lambda about: about["environment"].update(cores=99)), False),
        "a damaged copy of the model": (damage_the_model, False),
        "not finished": (in_manifest(lambda about: about.update(finished=None)), True),
        "another library": (in_manifest(lambda about: about.update(library="x 0.1")), True),
        "another numpy": (
            in_manifest(lambda about: about["environment"]["packages"].update(numpy="1.0")),
            True,
        ),
        "other arguments": (
            in_manifest(lambda about: about["audit"].update(column_order="data")),
            True,
        ),
        "no arrays": (lose("cells/*.npz"), True),
        "no model": (lose("models/*"), True),
    }.values(),
)
def test_an_audit_is_computed_again_only_if_something_else_may_come_out(
    change: Callable[[Path], object],
    again: bool,
    finished: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shutil.copytree(finished, tmp_path, dirs_exist_ok=True)
    run = tmp_path / "run"
    change(run)
    assessed: list[object] = []
    assess = evaluate.assess_cell

    def counted(*arguments: Any, **options: Any) -> Any:
        assessed.append(arguments)
        return assess(*arguments, **options)

    monkeypatch.setattr(evaluate, "assess_cell", counted)
    audited(tmp_path)
    assert len(assessed) == again
    before = finished / "run"
    assert (run / "results.json").read_bytes() == (before / "results.json").read_bytes()
    models = [next((one / "models").iterdir()).read_bytes() for one in (run, before)]
    assert models[0] == models[1]


def test_another_title_computes_nothing_and_leaves_the_date(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(finished, tmp_path, dirs_exist_ok=True)
    dated = in_manifest(
        lambda about: about.update(
            started="2020-01-01T00:00:00+00:00", finished="2020-01-01T00:00:01+00:00"
        )
    )
    dated(tmp_path / "run")
    monkeypatch.setattr(evaluate, "assess_cell", None)
    audited(tmp_path, title="Another")
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert manifest["config"]["title"]["value"] == "Another"
    assert manifest["finished"] == "2020-01-01T00:00:01+00:00"
