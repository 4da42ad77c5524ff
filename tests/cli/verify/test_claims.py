"""Altered claims about rows and results of a run: verify finds and names each one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pytest

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.core.files.writing import json_text, write_checksums
from genlabel_robust.reports.write import render

if TYPE_CHECKING:
    from tests.cli.conftest import Call
    from tests.cli.verify.conftest import Forged

Named: TypeAlias = "Callable[..., bool]"


@pytest.mark.nightly(but=["mlp"])
@pytest.mark.parametrize("architecture", ["mlp", "logistic", "sklearn:random-forest"])
def test_an_adversarial_example_that_was_changed_is_found(
    architecture: str, forged: Forged, verify: Callable[..., list[str]], named: Named
) -> None:
    cell = forged.cells[architecture]
    arrays, row = forged.arrays(cell), forged.broken(cell)[0]
    task = forged.plan.tasks["iris"]
    # halfway back to the row itself, where the model is right
    arrays["adversarial"][1, row] = (arrays["adversarial"][1, row] + task.x_test[row]) / 2
    forged.store(cell, arrays)
    lines = verify(forged)
    number = task.test_ids[row]
    assert named(lines, cell, number, what="sign-bisect.* not lie at the distance stated")
    assert named(lines, cell, number, what="sign-bisect.* is not mislabelled")


def test_a_label_that_was_flipped_is_found(
    forged: Forged, verify: Callable[..., list[str]], named: Named
) -> None:
    cell = forged.cells["mlp"]
    arrays = forged.arrays(cell)
    row = forged.broken(cell)[0]
    arrays["labels"][row] = (arrays["labels"][row] + 1) % 3
    forged.store(cell, arrays)
    forged.aggregate_anew()
    number = forged.plan.tasks["iris"].test_ids[row]
    assert named(verify(forged), cell, number, what="the stored label is not that of the data")


def test_a_prediction_that_was_changed_is_found(
    forged: Forged, verify: Callable[..., list[str]], named: Named
) -> None:
    cell = forged.cells["sklearn:random-forest"]
    arrays = forged.arrays(cell)
    row = int(np.flatnonzero(arrays["predictions"] != arrays["labels"])[0])
    arrays["predictions"][row] = arrays["labels"][row]
    arrays["logit_margin"][row] += 0.5
    arrays["distances"][:, row] = np.inf
    arrays["outcomes"][1, row] = Outcome.SURVIVED
    forged.store(cell, arrays)
    forged.aggregate_anew()
    lines, number = verify(forged), forged.plan.tasks["iris"].test_ids[row]
    assert named(lines, cell, number, what="prediction is not the stored one")
    assert named(lines, cell, number, what="margin of the scores")
    assert named(lines, cell, number, what="is misclassified as it stands")


def test_a_result_that_was_edited_is_found(
    forged: Forged, verify: Callable[..., list[str]]
) -> None:
    path = forged.path / "results.json"
    results = json.loads(path.read_text())
    stated = results["rows"][0]["robust_accuracy"]["value"]
    results["rows"][0]["robust_accuracy"]["value"] = stated + 1e-6
    path.write_text(json_text(results))
    table = forged.path / "results.csv"
    table.write_text(table.read_text().replace(repr(stated), "0.99", 1))
    lines = verify(forged)
    wanted = f"results.json rows[0], iris/vanilla/mlp at ε = 0.1: robust_accuracy.value is {stated}"
    assert any(line.startswith(wanted[:80]) for line in lines)
    assert any(line.startswith("results.csv: iris/vanilla/mlp: ") for line in lines)
    # the page is that of the run as it was, and is not accused
    assert len(lines) == 2


def altered(forged: Forged, **values: float) -> None:
    """Give the first row of ``results.json`` other values."""
    path = forged.path / "results.json"
    results = json.loads(path.read_text())
    for name, value in values.items():
        results["rows"][0][name]["value"] = value
    path.write_text(json_text(results))


def told(forged: Forged, call: Callable[..., Call]) -> str:
    """Return the output of verify after the differences."""
    write_checksums(forged.path)
    done = call("verify", forged.path, "-q", "--reattack", "0")
    assert (done.code, done.stderr) == (1, "")
    return done.stdout.partition("does not match what was computed again: ")[2]


def test_the_file_that_contradicts_the_others_is_named(
    forged: Forged, call: Callable[..., Call]
) -> None:
    altered(forged, robust_accuracy=0.99)
    said = told(forged, call)
    assert "\nThe odd one out is results.json: the cells agree with model and data, and " in said
    assert "report.md, report.html and results.csv show what these give.\n" in said
    assert (
        "Nothing differs in: the checksums, the manifest, predictions, adversarial examples" in said
    )
    assert "report.html" in said.partition("Nothing differs in")[2]
    # pages that were made of the altered results are odd, too
    for name, content in render(forged.path).items():
        (forged.path / name).write_bytes(content)
    said = told(forged, call)
    assert "\nThe odd ones out are results.json, figures/robust-accuracy.svg, report.md" in said
    assert "data, and results.csv shows what these give." in said


def test_cells_that_contradict_results_and_pages_are_the_odd_ones(
    forged: Forged, call: Callable[..., Call], verify: Callable[..., list[str]]
) -> None:
    cell = forged.cells["mlp"]
    arrays = forged.arrays(cell)
    row = int(np.flatnonzero(arrays["predictions"] == arrays["labels"])[0])
    arrays["predictions"][row] = (arrays["labels"][row] + 1) % 3
    forged.store(cell, arrays)
    assert not any(line.startswith(("report", "figures")) for line in verify(forged))
    said = told(forged, call)
    assert "\nThe odd ones out are the cells: results.json and " in said
    assert "results.csv fit each other, and not the cells.\n" in said
    assert "\nNot judged, as they are made of these cells, too: " in said
    held = said.partition("Nothing differs in: ")[2].partition("\n")[0]
    assert (
        held
        == "the checksums, the manifest, adversarial examples, proofs, changes of few features."
    )
    forged.aggregate_anew()
    assert "\nresults.json fits the cells, and is as wrong as these are.\n" in told(forged, call)


def test_an_edited_page_is_the_odd_one(forged: Forged, call: Callable[..., Call]) -> None:
    page = forged.path / "report.html"
    page.write_text(page.read_text(encoding="utf-8") + " ", encoding="utf-8")
    said = told(forged, call)
    assert (
        "\nThe odd one out is report.html: the cells and results.json agree with model and data.\n"
        in said
    )


@pytest.mark.parametrize("claimed", [False, True])
def test_an_example_a_little_outside_the_ball_is_found(
    claimed: bool, forged: Forged, verify: Callable[..., list[str]], named: Named
) -> None:
    cell, task = forged.cells["mlp"], forged.plan.tasks["iris"]
    arrays = forged.arrays(cell)
    row = forged.broken(cell, 0)[0]
    moved = arrays["adversarial"][0, row] - task.x_test[row]
    length = arrays["distances"][0, row]
    arrays["adversarial"][0, row] = task.x_test[row] + moved * (forged.eps + 1e-4) / length
    if claimed:
        arrays["distances"][0, row] = forged.eps + 1e-4
    forged.store(cell, arrays)
    what = "pgd: .* lies outside the ball of ε = 0.1 \\(at 0.1001"
    lines = verify(forged)
    assert named(lines, cell, task.test_ids[row], what=what)
    assert claimed != named(lines, cell, task.test_ids[row], what="the distance stated")


def test_an_immutable_feature_that_moved_is_found(
    forged: Forged, verify: Callable[..., list[str]], named: Named
) -> None:
    cell, task = forged.cells["logistic"], forged.plan.tasks["iris"]
    arrays = forged.arrays(cell)
    row = forged.broken(cell)[0]
    arrays["adversarial"][1, row, task.feature_names.index(forged.immutable)] += 1e-3
    forged.store(cell, arrays)
    what = "leaves the box, or breaks a constraint"
    assert named(verify(forged), cell, task.test_ids[row], what=what)


def test_an_exact_margin_that_was_changed_is_found(
    forged: Forged, verify: Callable[..., list[str]], named: Named
) -> None:
    cell, task = forged.cells["logistic"], forged.plan.tasks["iris"]
    arrays = forged.arrays(cell)
    row = int(np.flatnonzero(np.isfinite(arrays["exact"]) & (arrays["exact"] > 0))[0])
    arrays["exact"][row] *= 1.001
    forged.store(cell, arrays)
    assert named(verify(forged), cell, task.test_ids[row], what="stored exact margin")


@pytest.mark.parametrize("architecture", ["mlp", "logistic", "sklearn:random-forest"])
def test_a_change_of_one_column_that_breaks_nothing_is_found(
    architecture: str, forged: Forged, verify: Callable[..., list[str]], named: Named
) -> None:
    cell = forged.cells[architecture]
    arrays, task = forged.arrays(cell), forged.plan.tasks["iris"]
    upper = arrays["single_upper"]
    row, column = np.argwhere(np.isfinite(upper) & (upper > 0))[0]
    here = task.x_test[row, column]
    arrays["single_value"][row, column] = (arrays["single_value"][row, column] + here) / 2
    forged.store(cell, arrays)
    lines, number = verify(forged), task.test_ids[row]
    name = re.escape(task.feature_names[column])
    assert named(lines, cell, number, what=f"'{name}' alone is not mislabelled")
    assert named(lines, cell, number, what=f"'{name}' alone does not lie at the distance stated")


@pytest.mark.nightly(but=["sklearn:random-forest"])
@pytest.mark.parametrize("architecture", ["mlp", "logistic", "sklearn:random-forest"])
def test_a_column_that_is_hidden_is_found_by_the_sparsest_example_or_by_searching_again(
    architecture: str, forged: Forged, verify: Callable[..., list[str]], named: Named
) -> None:
    cell = forged.cells[architecture]
    arrays, task = forged.arrays(cell), forged.plan.tasks["iris"]
    upper = arrays["single_upper"]
    right = arrays["labels"] == arrays["predictions"]
    row, column = np.argwhere(np.isfinite(upper) & right[:, None])[0]
    upper[row, column], arrays["single_lower"][row, column] = np.inf, np.inf
    arrays["single_value"][row, column] = np.nan
    forged.store(cell, arrays)
    forged.aggregate_anew()
    lines = verify(forged, "--reattack", "1")
    what = f"'{re.escape(task.feature_names[column])}' alone is broken at ε = 0.1 comes out other"
    assert named(lines, cell, task.test_ids[row], what=what)


def test_a_sparsest_example_that_is_no_sparsest_or_none_is_found(
    forged: Forged, verify: Callable[..., list[str]], named: Named
) -> None:
    cell = forged.cells["mlp"]
    arrays, task = forged.arrays(cell), forged.plan.tasks["iris"]
    changed = (arrays["sparse"][0] != task.x_test).sum(axis=1)
    known = np.isfinite(arrays["sparse"][0]).all(axis=1)
    row, other = np.flatnonzero(known & (changed == 1))[:2]
    arrays["sparse"][0, row] = (arrays["sparse"][0, row] + task.x_test[row]) / 2
    arrays["sparse"][0, other] = np.nan
    forged.store(cell, arrays)
    forged.aggregate_anew()
    lines = verify(forged)
    assert named(lines, cell, task.test_ids[row], what="sparsest example .* is not mislabelled")
    assert named(lines, cell, task.test_ids[other], what="has no sparsest example")


def test_counts_of_few_features_that_are_not_those_of_the_cells_are_found(
    forged: Forged, verify: Callable[..., list[str]]
) -> None:
    path = forged.path / "results.json"
    results = json.loads(path.read_text())
    results["rows"][0]["few_features"]["columns"][0]["broken"] += 1
    path.write_text(json_text(results))
    assert any("few_features" in line for line in verify(forged))
