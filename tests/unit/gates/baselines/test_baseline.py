from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from genlabel_robust.core.errors import (
    ConfigurationError,
    OutputError,
    UnfinishedRunError,
    UnknownNameError,
)
from genlabel_robust.core.files.writing import write_checksums
from genlabel_robust.gates.baselines.baseline import read_baseline, save_baseline, update_baseline
from genlabel_robust.gates.baselines.text import baseline_text
from genlabel_robust.reports.words.threat import whole_threat


@pytest.fixture
def copy(real_run: Path, tmp_path: Path) -> Path:
    """A copy of the run that tests may change."""
    return Path(shutil.copytree(real_run, tmp_path / "copy"))


def edit(path: Path, **changes: object) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**content, **changes}), encoding="utf-8")


def test_a_folder_and_a_zip_are_the_same_baseline(real_run: Path, tmp_path: Path) -> None:
    for name in ("base", "base.zip"):
        save_baseline(real_run, tmp_path / name)
    with read_baseline(tmp_path / "base") as one, read_baseline(tmp_path / "base.zip") as two:
        assert [e.name for e in one.endpoints] == ["robust@0.1:iris/vanilla/logistic"]
        assert one.endpoints == two.endpoints
        assert one.run.results == two.run.results
        assert one.run.model(one.run.cells[one.endpoints[0].group][0]) is not None
        lines = [baseline_text(found, whole_threat).splitlines() for found in (one, two)]
    # the time of saving, to the second, is part of the digest
    same = [[line for line in part if not line.startswith(("digest", "history"))] for part in lines]
    assert same[0] == same[1]


def test_a_baseline_shows_what_it_holds(real_run: Path, tmp_path: Path) -> None:
    endpoints = ("robust", "clean", "margin")
    save_baseline(real_run, tmp_path / "base", endpoints)
    with read_baseline(tmp_path / "base") as found:
        text = baseline_text(found, whole_threat)
    assert found.digest in text
    assert "threat     L∞, ε = 0.1 of each feature's training range\n" in text
    assert "quick-2: fgsm, pgd, noise" in text
    assert text.rstrip().endswith(" saved")  # with no reason that repeats it
    for name in endpoints:
        assert f"endpoint   {name}" in text
    assert "n = 45, seeds: 1" in text
    assert "saved" in text


def test_a_baseline_is_never_overwritten_by_save(real_run: Path, tmp_path: Path) -> None:
    (tmp_path / "base.zip").write_bytes(b"mine")
    with pytest.raises(OutputError, match="use `baseline update` with a reason"):
        save_baseline(real_run, tmp_path / "base.zip")
    assert (tmp_path / "base.zip").read_bytes() == b"mine"


@pytest.mark.parametrize("name", ["base", "base.zip"])
def test_an_update_keeps_endpoints_reason_and_what_it_replaces(
    real_run: Path, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    save_baseline(real_run, path, ("clean", "robust"))
    with read_baseline(path) as before:
        pass
    update_baseline(path, real_run, "a better split")
    update_baseline(path, real_run, "only one", ("robust",))
    with read_baseline(path) as now:
        first, second, third = now.about.history
        assert "updated: a better split" in baseline_text(now, whole_threat)
    assert [entry.what for entry in (first, second, third)] == ["saved", "updated", "updated"]
    assert [entry.reason for entry in (second, third)] == ["a better split", "only one"]
    assert first.replaces is None
    assert second.replaces == before.digest
    assert len(before.endpoints) == 2
    assert [e.measure for e in now.endpoints] == ["robust"]


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_an_update_without_a_reason_changes_nothing(
    real_run: Path, tmp_path: Path, reason: str
) -> None:
    save_baseline(real_run, tmp_path / "base.zip")
    content = (tmp_path / "base.zip").read_bytes()
    with pytest.raises(ConfigurationError, match="needs a reason"):
        update_baseline(tmp_path / "base.zip", real_run, reason)
    assert (tmp_path / "base.zip").read_bytes() == content


def test_every_budget_of_a_sweep_is_read_back(copy: Path, tmp_path: Path) -> None:
    """Of `--eps 0.01:0.3:10`, say: budgets that six digits do not tell apart."""
    results = json.loads((copy / "results.json").read_text(encoding="utf-8"))
    # so near that the rates, which are held to the cells, stay
    eps = results["threat"]["eps"][0] * (1 + 1e-9)
    results["threat"]["eps"] = [eps]
    results["rows"][0]["eps"] = eps
    edit(copy / "results.json", **results)
    write_checksums(copy)
    save_baseline(copy, tmp_path / "base")
    with read_baseline(tmp_path / "base") as found:
        assert found.endpoints[0].eps == eps


def test_a_run_without_checks_is_refused(copy: Path, tmp_path: Path) -> None:
    edit(copy / "results.json", canaries=None)
    write_checksums(copy)
    with pytest.raises(ConfigurationError, match="--checks off"):
        save_baseline(copy, tmp_path / "base")
    assert not (tmp_path / "base").exists()


@pytest.mark.parametrize("endpoint", ["robust", "clean", "margin"])
def test_a_run_whose_checks_failed_is_refused(copy: Path, tmp_path: Path, endpoint: str) -> None:
    rows = json.loads((copy / "results.json").read_text(encoding="utf-8"))["rows"]
    rows[0]["checks"][0]["status"] = "fail"
    edit(copy / "results.json", rows=rows)
    write_checksums(copy)
    with pytest.raises(
        ConfigurationError, match=r"no gate could pass\. The model confirmed .* \(check claims\)"
    ):
        save_baseline(copy, tmp_path / "base", (endpoint,))


def test_an_unfinished_run_is_refused(copy: Path, tmp_path: Path) -> None:
    edit(copy / "manifest.json", finished=None)
    (copy / "SHA256SUMS").unlink()
    with pytest.raises(UnfinishedRunError, match="is not finished"):
        save_baseline(copy, tmp_path / "base")


def test_an_endpoint_that_the_run_has_not_is_refused(real_run: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="iris/vanilla/logistic"):
        save_baseline(real_run, tmp_path / "base", ("robust:iris/mixup/logistic",))


def test_a_change_of_any_file_is_found(real_run: Path, tmp_path: Path) -> None:
    path = tmp_path / "base"
    save_baseline(real_run, path)
    names = [p for p in path.rglob("*") if p.is_file() and p.name != "SHA256SUMS"]
    assert len(names) == 6
    for file in names:
        content = file.read_bytes()
        file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        with pytest.raises(OutputError, match=f"damaged: .*{file.name}"), read_baseline(path):
            pass
        file.unlink()
        with pytest.raises(OutputError, match=f"damaged: .*{file.name}"), read_baseline(path):
            pass
        file.write_bytes(content)
    with read_baseline(path):
        pass


def test_a_file_that_was_not_saved_with_the_others_is_found(real_run: Path, tmp_path: Path) -> None:
    """Weights of a cell are found by their name: a second file could take their place."""
    path = tmp_path / "base"
    save_baseline(real_run, path)
    (key,) = [p.stem for p in (path / "models").iterdir()]
    (path / "models" / f"{key}.other").write_bytes(b"x")
    with pytest.raises(OutputError, match="does not name models/"), read_baseline(path):
        pass


def test_cut_checksums_are_found(real_run: Path, tmp_path: Path) -> None:
    path = tmp_path / "base"
    save_baseline(real_run, path)
    sums = path / "SHA256SUMS"
    text = sums.read_text(encoding="utf-8")
    for length in (0, 30, len(text) // 2, text.rindex("\n", 0, -1) + 1):
        sums.write_text(text[:length], encoding="utf-8")
        with pytest.raises(OutputError, match="base is damaged"), read_baseline(path):
            pass
    sums.unlink()
    with pytest.raises(OutputError, match="does not hold a baseline"), read_baseline(path):
        pass


def test_a_run_is_no_damaged_baseline(real_run: Path) -> None:
    said = "is not a baseline: it has no baseline.json; make a baseline of a finished run with"
    with pytest.raises(OutputError, match=said), read_baseline(real_run):
        pass


@pytest.mark.parametrize(
    "about",
    [
        {"schema_version": "9.0"},
        {"endpoints": None},
        {"history": None},
        {"history": [{}]},
        {"history": ["x"]},
    ],
)
def test_what_says_nothing_understandable_of_itself_is_no_baseline(
    real_run: Path, tmp_path: Path, about: dict[str, object]
) -> None:
    path = tmp_path / "base"
    save_baseline(real_run, path)
    edit(path / "baseline.json", **about)
    write_checksums(path)
    with pytest.raises(OutputError, match="base"), read_baseline(path):
        pass


def test_what_is_not_there_is_told_with_what_makes_it(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError, match="make one with `baseline save`"),
        read_baseline(tmp_path / "none.zip"),
    ):
        pass


def test_a_damaged_run_is_not_saved(copy: Path, tmp_path: Path) -> None:
    (model,) = (copy / "models").iterdir()
    content = model.read_bytes()
    model.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(OutputError, match="is damaged: models/"):
        save_baseline(copy, tmp_path / "base")
