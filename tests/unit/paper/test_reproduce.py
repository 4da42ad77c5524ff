from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from functools import wraps

import pytest
from jsonschema import Draft202012Validator

from genlabel_robust.core.errors import ConfigurationError, OutputError, UnknownNameError
from genlabel_robust.paper import PARTS, parallel, toy
from genlabel_robust.paper.part import FIELDS, results_row
from genlabel_robust.paper.reproduce import part_of, report, reproduce
from genlabel_robust.paper.tables import accuracy, robustness
from genlabel_robust.paper.theorem import theorem
from genlabel_robust.runs.results.schema import SCHEMA_VERSION, results_schema
from tests.left_behind import left_by

#: Measured for minutes, and seldom changed.
pytestmark = pytest.mark.nightly

#: The row of the design, whatever a part measures of it.
DESIGNED = {
    "dataset",
    "strategy",
    "architecture",
    "eps",
    "norm",
    "n_examples",
    "n_seeds",
    "clean_accuracy",
    "robust_accuracy",
    "exact_robust_accuracy",
    "certified_accuracy",
    "attacks",
    "margin",
    "per_class",
    "checks",
}


@pytest.fixture(autouse=True)
def few_angles(monkeypatch):
    """Make the theorem fast, with few angles."""
    monkeypatch.setattr(theorem, "ANGLES", (-0.1, 0.0, 0.1))


@pytest.fixture
def calls(monkeypatch):
    """The names of the cheap parts, in the order in which they were run."""
    called = []
    for module, name in ((toy, "toy"), (theorem, "theorem")):

        def spy(*given, run=module.PART.run, name=name, **settings):
            called.append(name)
            return run(*given, **settings)

        wrapped = wraps(module.PART.run)(spy)
        monkeypatch.setattr(module, "PART", replace(module.PART, run=wrapped))
    return called


def content(folder, name):
    return json.loads((folder / name).read_text(encoding="utf-8"))


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def check_sums(folder):
    lines = (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    stated = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    held = files(folder)
    del held["SHA256SUMS"]
    assert stated == {name: hashlib.sha256(data).hexdigest() for name, data in held.items()}


def test_the_folder_holds_results_report_manifest_figures_and_true_checksums(tmp_path):
    out = tmp_path / "new" / "run"
    results = reproduce(out, ["toy", "theorem"])
    assert set(files(out)) == {
        "results.json",
        "report.md",
        "manifest.json",
        "SHA256SUMS",
        *(f"figures/{name}.{kind}" for name in ("toy", "theorem") for kind in ("svg", "png")),
    }
    check_sums(out)
    assert content(out, "results.json") == results
    assert results["schema_version"] == SCHEMA_VERSION
    assert set(results["parts"]) == {"toy", "theorem"}
    assert (out / "report.md").read_text(encoding="utf-8") == report(results)
    manifest = content(out, "manifest.json")
    assert manifest["identity"] == {"seed": 0}
    assert set(manifest["seconds_of"]) == {"toy", "theorem"}
    assert manifest["started"] <= manifest["finished"]


def test_every_figure_of_the_report_is_there(tmp_path):
    reproduce(tmp_path, ["toy", "theorem"])
    shown = re.findall(r"!\[.+?\]\((.+?)\)", (tmp_path / "report.md").read_text(encoding="utf-8"))
    assert shown == ["figures/toy.svg", "figures/theorem.svg"]
    assert all((tmp_path / name).is_file() for name in shown)


def test_a_second_call_measures_nothing_again_and_adds_a_new_part(calls, tmp_path):
    first = reproduce(tmp_path, ["toy"])
    held = files(tmp_path)
    assert reproduce(tmp_path, ["toy"]) == first
    assert files(tmp_path) == held
    assert calls == ["toy"]
    both = reproduce(tmp_path, ["theorem", "toy"])
    assert calls == ["toy", "theorem"]
    assert both["parts"]["toy"] == first["parts"]["toy"]
    check_sums(tmp_path)
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert text.index("## Toy") < text.index("## Theorem")


def test_the_order_in_which_parts_are_asked_for_changes_no_byte(tmp_path):
    reproduce(tmp_path / "one", ["theorem", "toy"])
    reproduce(tmp_path / "other", ["toy", "theorem"])
    one, other = files(tmp_path / "one"), files(tmp_path / "other")
    for name in set(one) - {"manifest.json", "SHA256SUMS"}:
        assert one[name] == other[name], name


def test_settings_that_are_the_defaults_and_how_it_is_executed_are_no_other_settings(
    calls, tmp_path
):
    reproduce(tmp_path, ["toy"])
    reproduce(tmp_path, ["toy"], alpha=1, norms=[1.0, 2.0, 5.0], trials=5, jobs=1)
    assert calls == ["toy"]


@pytest.mark.parametrize(
    ("changed", "named"),
    [({"seed": 1}, "seed"), ({"alpha": 2.0}, "alpha"), ({"trials": 1, "norms": [3]}, "norms, tr")],
)
def test_a_folder_with_other_settings_is_refused_and_left_as_it_is(changed, named, tmp_path):
    reproduce(tmp_path, ["toy"])
    held = files(tmp_path)
    with pytest.raises(OutputError, match=rf"other settings \(it differs in {named}.*--out"):
        reproduce(tmp_path, ["theorem"], **changed)
    assert files(tmp_path) == held


@pytest.mark.parametrize(
    "foreign",
    [
        {"notes.txt": "mine"},
        {"results.json": "{}"},
        {"figures/toy.svg": "<svg/>"},
        {"manifest.json": "not JSON"},
        {"manifest.json": "[]"},
        {"manifest.json": '{"identity": {"seed": 0}}'},
        {"manifest.json": '{"identity": {"seed": 0}, "seconds_of": {}}', "results.json": "{"},
        {"manifest.json": '{"identity": {"seed": 0}, "seconds_of": {}}', "results.json": "[1]"},
    ],
    ids=lambda foreign: " ".join(foreign.values()),
)
def test_a_folder_with_foreign_content_is_refused_and_left_as_it_is(foreign, tmp_path):
    for name, text in foreign.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    held = files(tmp_path)
    with pytest.raises(OutputError, match=r"holds no reproduction; .*--out"):
        reproduce(tmp_path, ["toy"])
    assert files(tmp_path) == held


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "run").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match=r"cannot write to .*--out"):
        reproduce(tmp_path / "run", ["toy"])


def die_at(monkeypatch, number):
    """Simulate the death of the process in place of the ``number``-th write of a text."""
    from genlabel_robust.paper import reproduce as module

    count, write = 0, module.write_text

    def fatal(path, text):
        nonlocal count
        count += 1
        if count == number:
            raise KeyboardInterrupt
        write(path, text)

    monkeypatch.setattr(module, "write_text", fatal)


# the writes: manifest, [results, manifest] for each part, report
@pytest.mark.nightly(but=["5-2"])
@pytest.mark.parametrize(("number", "measured"), [(1, 0), (2, 0), (3, 1), (4, 1), (5, 2), (6, 2)])
def test_a_kill_between_any_two_writes_loses_no_part_that_is_in_the_results(
    number, measured, calls, tmp_path, monkeypatch
):
    out, whole = tmp_path / "killed", tmp_path / "whole"
    with monkeypatch.context() as patch:
        die_at(patch, number)
        with pytest.raises(KeyboardInterrupt):
            reproduce(out, ["toy", "theorem"])
    assert not (out / "SHA256SUMS").exists()
    held = content(out, "results.json")["parts"] if (out / "results.json").exists() else {}
    assert len(held) == measured
    calls.clear()
    again = reproduce(out, ["toy", "theorem"])
    assert calls == ["toy", "theorem"][measured:]
    check_sums(out)
    assert again == reproduce(whole, ["toy", "theorem"])
    for name in ("results.json", "report.md", "figures/toy.svg"):
        assert files(out)[name] == files(whole)[name]


def test_the_checksums_of_a_killed_call_are_not_those_of_an_older_state(tmp_path, monkeypatch):
    reproduce(tmp_path, ["toy"])
    with monkeypatch.context() as patch:
        die_at(patch, 3)
        with pytest.raises(KeyboardInterrupt):
            reproduce(tmp_path, ["theorem"])
    assert not (tmp_path / "SHA256SUMS").exists()


def test_half_written_files_of_a_killed_call_are_swept_up(tmp_path):
    leftover = tmp_path / f"{left_by()}x"
    leftover.write_text("half", encoding="utf-8")
    reproduce(tmp_path, ["toy"])
    assert not leftover.exists()


def test_an_unknown_part_is_answered_with_the_nearest_before_anything_is_made(tmp_path):
    with pytest.raises(UnknownNameError, match=r"part of the paper 'theorm'.*'theorem'"):
        reproduce(tmp_path / "run", ["toy", "theorm"])
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("settings", "error", "match"),
    [
        ({"trails": 1}, UnknownNameError, "'trails'.*'trials'"),
        ({"trials": 0}, ConfigurationError, "trials is 0"),
        ({"jobs": 0}, ConfigurationError, "jobs is 0"),
        ({"seed": -1}, ConfigurationError, "seed is -1"),
        ({"alpha": 0.0}, ConfigurationError, "alpha is 0.0"),
        ({"norms": [1.0, -1.0]}, ConfigurationError, "norms is -1.0"),
        ({"choose_by": "atack"}, UnknownNameError, "'atack'.*'attack'"),
    ],
)
def test_a_mistake_in_a_setting_is_raised_before_anything_is_made(settings, error, match, tmp_path):
    with pytest.raises(error, match=match):
        reproduce(tmp_path / "run", **settings)
    assert not (tmp_path / "run").exists()


def test_progress_is_told_as_things_end(tmp_path):
    told = []
    reproduce(tmp_path, ["toy", "theorem"], on_progress=lambda *what: told.append(what))
    names, labels, done, totals = zip(*told, strict=True)
    assert list(dict.fromkeys(names)) == ["toy", "theorem"]
    assert labels[0] == "mixup"
    assert done[:4] == (1, 2, 3, 4)
    assert done[4:] == tuple(range(1, totals[-1] + 1))
    assert set(totals[:4]) == {4}


def test_a_row_has_every_field_of_the_design_and_says_why_one_is_null():
    assert set(results_row({})) >= DESIGNED
    row = results_row({"dataset": "a", "robust_accuracy": None, "trials": [1.0]})
    assert row["trials"] == [1.0]
    assert "no attack" in row["reason"]
    assert results_row({"robust_accuracy": {"value": 1.0}})["reason"] is None
    assert all(row[name] is None for name in FIELDS if name not in ("dataset", "reason"))


@pytest.fixture(params=[("accuracy",), ("robustness", "accuracy")], ids=["accuracy", "both"])
def tables(request, measured_tables):
    """The results of one table, or of both, and their folder, which tests must not change."""
    return measured_tables(*request.param)


@pytest.mark.nightly(but=["accuracy"])
def test_rows_of_the_tables_have_every_field_and_agree_with_the_schema(tables):
    schema = results_schema()
    about, definitions = schema["$defs"]["row"]["properties"], schema["$defs"]
    # a table names the attacks that ran, and keeps none for other models, nor groups or columns
    optional = {"unit", "not_applicable", "not_chosen", "certification"}
    optional |= {"subgroups", "few_features"}
    measured = set()
    for row in tables[0]["rows"]:
        assert set(row) >= DESIGNED | set(about) - optional
        for name, value in row.items():
            if name in about and value not in (None, {}, []):
                part = {"$defs": definitions, **about[name]}
                assert list(Draft202012Validator(part).iter_errors(value)) == [], name
                measured.add((row["part"], name))
    shared = {"dataset", "strategy", "architecture", "n_examples", "n_seeds", "clean_accuracy"}
    shared |= {"hyper_parameters"}
    attacked = {"eps", "norm", "unit", "robust_accuracy", "exact_robust_accuracy", "attacks"}
    expected = {("accuracy", name) for name in shared | {"reason"}}
    if "robustness" in tables[0]["parts"]:
        expected |= {("robustness", name) for name in shared | attacked}
    assert measured == expected


@pytest.mark.nightly(but=["accuracy"])
def test_rows_stand_in_the_order_of_the_parts_whatever_was_asked_first(tables):
    found = [row["part"] for row in tables[0]["rows"]]
    assert found == sorted(found, key=list(PARTS).index)
    assert found[0] == "accuracy"


@pytest.mark.nightly(but=["accuracy"])
def test_a_part_gets_back_from_the_folder_what_it_found(tables):
    results, folder = tables
    stored = content(folder, "results.json")
    modules = {"accuracy": accuracy, "robustness": robustness}
    for name, module in ((name, modules[name]) for name in results["parts"]):
        told = module.markdown(part_of(stored, name))
        assert told == module.markdown(part_of(results, name))
        assert told.strip() in (folder / "report.md").read_text(encoding="utf-8")
        assert f"](figures/{name}.svg)" in told
        assert {f"{name}.svg", f"{name}.png"} <= {path.name for path in folder.glob("figures/*")}
    check_sums(folder)


def test_a_table_that_found_no_data_is_tried_again_and_otherwise_says_what_is_missing(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("GENLABEL_ROBUST_OPENML_DIR", str(tmp_path))
    (tmp_path / "7_empty.csv").write_text("a,target\n", encoding="utf-8")
    tries = []

    def load(names, original=parallel.load_tasks):
        tries.append(tuple(names))
        return original(names)

    monkeypatch.setattr(parallel, "load_tasks", load)
    for number in (1, 2):
        results = reproduce(tmp_path / "run", ["accuracy"], datasets=["openml:7"], trials=1)
        assert tries == number * [("openml:7",)]
        assert results["rows"] == []
        assert list(results["parts"]["accuracy"]["missing"]) == ["openml:7"]
    text = (tmp_path / "run" / "report.md").read_text(encoding="utf-8")
    assert not (tmp_path / "run" / "figures").exists()
    assert "Missing: " in text
    assert "Nothing could be measured." in text
