"""``evaluate``: its output, its files, and the sources of its settings."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest

from genlabel_robust.runs.folder.stored_run import read_run

if TYPE_CHECKING:
    from tests.cli.conftest import Call, Finished


def manifest(folder: Path) -> Any:
    return json.loads((folder / "manifest.json").read_bytes())


def test_the_main_run_prints_the_table_and_keeps_everything(finished: Finished) -> None:
    assert finished.call.code == 0
    for text in ("iris · logistic · L∞, ε = 0.1", "vanilla", "mixup", "worst case", "exact"):
        assert text in finished.call.stdout
    assert {path.name for path in finished.path.iterdir()} == {
        "manifest.json",
        "results.json",
        "results.csv",
        "report.md",
        "report.html",
        "SHA256SUMS",
        "cells",
        "inputs",
        "models",
        "figures",
    }
    assert len(list((finished.path / "cells").iterdir())) == 8
    assert len(list((finished.path / "models").iterdir())) == 4


def test_the_table_says_what_the_results_say(finished: Finished) -> None:
    for row in finished.results["rows"]:
        # one table of the model, and one of each attack alone
        whole, alone = (
            [cell.strip() for cell in line.strip("│").split("│")]
            for line in finished.call.stdout.splitlines()
            if f"│ {row['strategy']} " in line
        )
        rates = ("clean_accuracy", "robust_accuracy", "exact_robust_accuracy")
        shown = [whole[1], whole[2].split()[-1], whole[3]]
        assert shown == [f"{100 * row[name]['value']:.1f}" for name in rates]
        attacks = ("fgsm", "pgd", "noise")
        assert alone[1:] == [f"{100 * row['attacks'][a]['value']:.1f}" for a in attacks]


def test_robust_accuracy_is_an_upper_bound_that_lies_near_the_exact_value(
    finished: Finished,
) -> None:
    for row in finished.results["rows"]:
        exact, robust = (row[f"{k}robust_accuracy"]["value"] for k in ("exact_", ""))
        assert exact <= robust <= min(found["value"] for found in row["attacks"].values())
        assert robust <= row["clean_accuracy"]["value"]
        assert robust - exact <= 0.03


def test_verbose_reports_each_cell_on_stderr(finished: Finished) -> None:
    lines = finished.call.stderr.splitlines()
    assert [line.split()[0] for line in lines[:4]] == ["[1/4]", "[2/4]", "[3/4]", "[4/4]"]
    assert lines[0].endswith("iris/vanilla/logistic seed 0: done")
    assert lines[4:] == [f"results: {finished.path}"]


def test_a_finished_run_is_reused_and_prints_the_same(
    call: Callable[..., Call], small: tuple[str, ...], finished: Finished
) -> None:
    def times() -> dict[str, int]:
        return {
            path.name: path.stat().st_mtime_ns
            for folder in ("cells", "models")
            for path in (finished.path / folder).iterdir()
        }

    before = times()
    again = call(*small, "-v", "--out", finished.path)
    assert again.code == 0
    assert again.stdout == finished.call.stdout
    assert again.stderr == finished.call.stderr.replace(": done", ": already in the folder")
    assert times() == before


def test_the_number_of_jobs_may_change_between_two_calls(
    call: Callable[..., Call], small: tuple[str, ...], finished: Finished
) -> None:
    again = call(*small, "--jobs", "2", "--out", finished.path)
    assert (again.code, again.stdout) == (0, finished.call.stdout)


@pytest.mark.parametrize(
    ("form", "file"), [("json", "results.json"), ("csv", "results.csv"), ("md", "report.md")]
)
def test_a_format_prints_the_file_and_nothing_else(
    form: str,
    file: str,
    call: Callable[..., Call],
    small: tuple[str, ...],
    finished: Finished,
) -> None:
    done = call(*small, "--out", finished.path, "--format", form)
    assert done.code == 0
    assert done.stdout == (finished.path / file).read_text(encoding="utf-8")
    assert done.stderr == f"results: {finished.path}\n"


def test_csv_and_json_hold_the_same_numbers(finished: Finished) -> None:
    table = list(csv.DictReader(io.StringIO((finished.path / "results.csv").read_text())))
    assert len(table) == len(finished.results["rows"])
    for line, row in zip(table, finished.results["rows"], strict=True):
        assert line["strategy"] == row["strategy"]
        assert float(line["robust_accuracy"]) == row["robust_accuracy"]["value"]
        assert float(line["robust_accuracy_pgd_high"]) == row["attacks"]["pgd"]["high"]
        assert float(line["margin_median"]) == row["margin"]["median"]
        assert float(line["certified_accuracy"]) == row["certified_accuracy"]["value"]


def test_quiet_prints_results_only(
    call: Callable[..., Call], small: tuple[str, ...], finished: Finished
) -> None:
    done = call(*small, "-q", "--out", finished.path)
    assert (done.code, done.stdout, done.stderr) == (0, finished.call.stdout, "")


def test_a_notice_about_the_data_goes_to_stderr_and_into_the_report(
    call: Callable[..., Call], small: tuple[str, ...], tmp_path: Path
) -> None:
    options = ("--max-examples", "12", "--seeds", "1", "--format", "json")
    done = call(*small, *options, "--out", tmp_path / "run")
    assert done.code == 0
    notice = "Of 45 test rows, a stratified sample of 12 is evaluated."
    assert f"iris: {notice}" in done.stderr.splitlines()
    results = json.loads(done.stdout)
    assert results["datasets"]["iris"]["notices"] == [notice]
    assert {row["n_examples"] for row in results["rows"]} == {12}
    assert f"- iris: {notice}" in (tmp_path / "run/report.md").read_text()


def test_the_figures_are_svg_without_a_date(finished: Finished) -> None:
    for name in ("robust-accuracy", "margins"):
        path = finished.path / "figures" / f"{name}.svg"
        root = ElementTree.parse(path).getroot()  # noqa: S314  our own file
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        text = path.read_text(encoding="utf-8")
        assert "vanilla" in text
        assert "dc:date" not in text
        assert f"](figures/{name}.svg)" in (finished.path / "report.md").read_text()


def test_the_checksums_cover_every_file_and_agree(finished: Finished) -> None:
    sums = {}
    for line in (finished.path / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split("  ")
        sums[name] = digest
    files = {
        path.relative_to(finished.path).as_posix(): path
        for path in finished.path.rglob("*")
        if path.is_file() and path.name != "SHA256SUMS"
    }
    assert sums == {n: hashlib.sha256(p.read_bytes()).hexdigest() for n, p in files.items()}


def test_the_manifest_says_what_was_asked_and_by_whom(finished: Finished) -> None:
    about = manifest(finished.path)
    assert about["config"]["strategies"] == {"value": ["vanilla", "mixup"], "source": "option"}
    assert about["config"]["eps"] == {"value": [0.1], "source": "default"}
    assert about["config"]["settings"]["source"] == "option"
    assert about["config"]["settings"]["value"] == {"train": {"epochs": 5}}
    assert about["suite"]["label"] == "quick-2"
    assert [a["name"] for a in about["suite"]["attacks"]] == [
        "fgsm",
        "pgd",
        "sign-bisect",
        "lattice-search",
        "noise",
    ]
    assert about["seeds"] == {"split": 0, "training": [0, 1]}
    assert len(about["cells"]) == 4
    assert about["environment"]["packages"]["torch"]
    assert about["started"] <= about["finished"]


def test_an_option_wins_over_the_configuration_file_and_both_are_recorded(
    call: Callable[..., Call], tmp_path: Path
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(
        'datasets = "iris"\nstrategies = ["mixup"]\narchitectures = ["logistic"]\n'
        'suite = "quick"\nseeds = 3\neps = [0.2, "0.05:0.1:2"]\njobs = 1\n'
        "[train]\nepochs = 3\n[attack.pgd]\nsteps = 4\n[strategy.mixup]\nalpha = 0.5\n"
    )
    run = tmp_path / "run"
    done = call("evaluate", "--config", file, "--seeds", "1", "--out", run)
    assert done.code == 0
    about = manifest(run)
    sources = {name: entry["source"] for name, entry in about["config"].items()}
    assert sources["seeds"] == sources["out"] == "option"
    assert sources["strategies"] == sources["eps"] == sources["settings"] == "file mine.toml"
    assert sources["unit"] == sources["split"] == "default"
    assert about["config"]["seeds"]["value"] == 1
    assert about["config"]["settings"]["value"] == {
        "train": {"epochs": 3},
        "attack": {"pgd": {"steps": 4}},
        "strategy": {"mixup": {"alpha": 0.5}},
    }
    assert about["threat"]["eps"] == [0.05, 0.1, 0.2]
    assert about["suite"]["label"] == "custom (from quick-2)"
    assert about["suite"]["attacks"][1]["steps"] == 4


def test_set_reaches_every_table_and_every_setting(
    call: Callable[..., Call], tmp_path: Path
) -> None:
    assignments = (
        "datasets=iris",
        'strategies=["mixup", "vanilla"]',
        "architectures=mlp",
        "seeds=1",
        "suite=quick",
        "norm=l2",
        "unit=std",
        "eps=0.1:0.2:2",
        "max_examples=9",
        "jobs=1",
        "train.epochs=2",
        "train.shuffle=true",
        "strategy.mixup.alpha=0.5",
        "architecture.mlp.widths=[5, 4]",
        "attack.pgd.steps=3",
        "attack.pgd.restarts=1",
    )
    options = [part for assignment in assignments for part in ("--set", assignment)]
    run = tmp_path / "run"
    assert call("evaluate", *options, "--set", f"out={run}").code == 0
    results = json.loads((run / "results.json").read_bytes())
    assert results["threat"] == {"norm": "l2", "eps": [0.1, 0.2], "unit": "std"}
    assert [row["strategy"] for row in results["rows"]] == ["mixup"] * 2 + ["vanilla"] * 2
    pgd = manifest(run)["suite"]["attacks"][1]
    assert pgd == {"name": "pgd", "steps": 3, "restarts": 1, "step_ratio": 2.5, "targets": 0}
    about = json.loads(next((run / "cells").glob("*.json")).read_bytes())["cell"]
    assert about["settings"]["architecture"] == {"widths": [5, 4]}
    assert about["settings"]["train"]["epochs"] == 2
    assert about["settings"]["train"]["shuffle"] is True


def test_robust_accuracy_does_not_rise_with_the_budget(
    call: Callable[..., Call], small: tuple[str, ...], finished: Finished, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    assert call(*small, "--eps", "0.01:0.3:3", "--out", run).code == 0
    results = json.loads((run / "results.json").read_bytes())
    assert results["threat"]["eps"] == [0.01, 0.155, 0.3]
    for strategy in ("vanilla", "mixup"):
        rows = [row for row in results["rows"] if row["strategy"] == strategy]
        assert [row["eps"] for row in rows] == [0.01, 0.155, 0.3]
        for name in ("robust_accuracy", "exact_robust_accuracy"):
            values = [row[name]["value"] for row in rows]
            assert values == sorted(values, reverse=True)
            assert values[0] > values[-1]
        assert len({row["clean_accuracy"]["value"] for row in rows}) == 1
    # the models do not depend on the budgets
    trained = [row["clean_accuracy"] for row in finished.results["rows"]]
    assert trained == [rows["clean_accuracy"] for rows in results["rows"][::3]]


def test_without_out_the_folder_is_named_by_the_configuration(
    call: Callable[..., Call],
    small: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    first = call(*small, "--seeds", "1")
    again = call(*small, "--seeds", "1", "-v")
    assert first.code == again.code == 0
    (run,) = (tmp_path / "runs").iterdir()
    assert first.stderr == f"results: {run.relative_to(tmp_path)}\n"
    assert again.stderr.count(": already in the folder") == 2


def test_a_csv_file_is_evaluated_and_named_without_its_folder(
    call: Callable[..., Call], small: tuple[str, ...], tmp_path: Path
) -> None:
    rows = "".join(f"{i % 9},{i % 5},{'no' if i % 9 < 5 else 'yes'}\n" for i in range(60))
    (tmp_path / "mine.csv").write_text("u,v,label\n" + rows)
    arguments = [a for a in small if a not in ("--dataset", "iris")]
    data = ("--dataset", tmp_path / "mine.csv#label")
    done = call(*arguments, *data, "--seeds", "1", "--out", tmp_path / "run", "--format", "json")
    assert done.code == 0
    (name,) = json.loads(done.stdout)["datasets"]
    assert name == "mine.csv#label"
    assert str(tmp_path) not in (tmp_path / "run/results.json").read_text()


def test_two_files_with_the_same_rows_are_two_data_sets(
    call: Callable[..., Call], small: tuple[str, ...], tmp_path: Path
) -> None:
    rows = "".join(f"{i % 9},{i % 5},{'no' if i % 9 < 5 else 'yes'}\n" for i in range(60))
    data: list[str] = []
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("u,v,label\n" + rows)
        data += ["--dataset", f"{tmp_path / name}#label"]
    arguments = [a for a in small if a not in ("--dataset", "iris")]
    assert call(*arguments, *data, "--seeds", "1", "--out", tmp_path / "run").code == 0
    run = read_run(tmp_path / "run")
    assert {dataset for dataset, _, _ in run.panels} == {"a.csv#label", "b.csv#label"}
    assert len(run.manifest["cells"]) == 4
