"""Altered files, cells and data in a run folder are found; a genuine folder passes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pytest

from genlabel_robust.core.files.writing import json_text, sha256, write_checksums
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.plan.plan import Plan
from genlabel_robust.runs.plan.recipe_plan import make_plan

if TYPE_CHECKING:
    from tests.cli.conftest import Call
    from tests.cli.verify.conftest import Forged

#: What a gate would judge of the honest run.
ENDPOINT = ("--endpoint", "robust@0.1:iris/vanilla/mlp")
Named: TypeAlias = "Callable[..., bool]"


def test_an_edited_page_or_table_is_found_though_its_checksum_was_made_anew(
    forged: Forged, verify: Callable[..., list[str]]
) -> None:
    for name, before, after in (
        ("report.html", "<small>", "<small>1"),
        ("report.md", "95 % intervals", "95 % interval"),
        ("figures/margins.svg", '<path d="M 0', '<path d="M 1'),
        ("figures/robust-accuracy.svg", "vanilla", "mixup"),
        ("results.csv", "vanilla", "vanilla "),
    ):
        text = (forged.path / name).read_text(encoding="utf-8")
        edited = text.replace(before, after, 1) if before in text else f"{text} "
        assert edited != text
        (forged.path / name).write_text(edited, encoding="utf-8")
    found = {line.partition(": ")[0] for line in verify(forged)}
    assert found == {
        "report.html",
        "report.md",
        "figures/margins.svg",
        "figures/robust-accuracy.svg",
        "results.csv",
    }


def test_files_of_which_only_the_checksums_are_compared_are_named(
    forged: Forged, call: Callable[..., Call]
) -> None:
    (forged.path / "report.pdf").write_bytes(b"%PDF-1.7 said to be the report")
    write_checksums(forged.path)
    done = call("verify", forged.path, "-q", "--reattack", "0")
    assert done.code == 0, done.stdout
    assert "Not computed again: report.pdf. Only SHA256SUMS protects" in done.stdout


@pytest.mark.parametrize("name", ["baseline.zip", "baseline"])
def test_a_baseline_is_verified_without_the_pages_and_tables_that_it_leaves_out(
    name: str, honest: Path, call: Callable[..., Call], tmp_path: Path
) -> None:
    baseline = tmp_path / name
    assert call("baseline", "save", honest, *ENDPOINT, "--out", baseline).code == 0
    done = call("verify", baseline, "-q", "--reattack", "0")
    assert done.code == 0, done.stdout
    assert "Not computed again: baseline.json. Only SHA256SUMS protects" in done.stdout


def test_an_altered_result_in_a_baseline_is_found(
    honest: Path, call: Callable[..., Call], tmp_path: Path
) -> None:
    baseline = tmp_path / "baseline"
    assert call("baseline", "save", honest, *ENDPOINT, "--out", baseline).code == 0
    results = json.loads((baseline / "results.json").read_text(encoding="utf-8"))
    results["rows"][0]["clean_accuracy"]["value"] = 1.0
    (baseline / "results.json").write_text(json_text(results), encoding="utf-8")
    write_checksums(baseline)
    done = call("verify", baseline, "-q", "--reattack", "0")
    assert done.code == 1
    assert "clean_accuracy" in done.stdout


def test_an_honest_run_holds_and_its_digest_stands_for_it(
    honest: Path, call: Callable[..., Call]
) -> None:
    before = {path: path.read_bytes() for path in honest.rglob("*") if path.is_file()}
    done = call("verify", honest)
    assert (done.code, done.stderr) == (0, ""), done.stdout
    *_, results, last = done.stdout.splitlines()
    assert results == f"SHA-256 of results.json: {sha256((honest / 'results.json').read_bytes())}"
    digest = last.removeprefix("SHA-256 of SHA256SUMS, the run's digest: ")
    assert digest == sha256((honest / "SHA256SUMS").read_bytes())
    assert "3 cells, 135 predictions" in done.stdout
    assert call("verify", honest).stdout == done.stdout
    assert call("verify", honest, "--reattack", "0", "--digest", digest.upper()).code == 0
    other = call("verify", honest, "--reattack", "0", "--digest", "0" * 64)
    assert other.code == 1
    wanted = f"SHA256SUMS: its digest is {digest}, but you gave {'0' * 64}\n{honest} does not match"
    assert other.stdout.startswith(wanted)
    assert call("verify", honest, "--digest", "abc").code == 2
    assert call("verify", honest, "--reattack", "2").code == 2
    assert {path: path.read_bytes() for path in honest.rglob("*") if path.is_file()} == before


def test_a_folder_that_is_no_run_or_not_finished_is_told_apart(
    forged: Forged, call: Callable[..., Call], tmp_path: Path
) -> None:
    assert call("verify", tmp_path / "nowhere").code == 2
    assert call("verify", tmp_path).code == 2
    manifest = json.loads((forged.path / "manifest.json").read_text())
    (forged.path / "manifest.json").write_text(json.dumps({**manifest, "finished": None}))
    done = call("verify", forged.path)
    assert done.code == 3
    assert "is not finished" in done.stderr
    gone = {**manifest["config"], "datasets": {"value": ["gone.csv#y"], "source": "option"}}
    (forged.path / "manifest.json").write_text(json.dumps({**manifest, "config": gone}))
    done = call("verify", forged.path)
    assert done.code == 2
    assert "gone.csv" in done.stderr


def test_a_file_that_the_checksums_do_not_vouch_for_is_named(
    forged: Forged, call: Callable[..., Call], named: Named
) -> None:
    (forged.path / "report.md").write_text("All is well.")
    (forged.path / "results.csv").unlink()
    (forged.path / "extra.txt").write_text("")
    with (forged.path / "SHA256SUMS").open("a") as sums:
        sums.write(f"{'0' * 64}  ../outside\nnonsense\n")
    (forged.path / "gate").mkdir()
    (forged.path / "gate" / "gate.json").write_text("{}")
    done = call("verify", forged.path, "--reattack", "0")
    assert done.code == 1
    for line in (
        "report.md: it is not the file that SHA256SUMS vouches for",
        "results.csv: it is missing, and SHA256SUMS lists it",
        "extra.txt: SHA256SUMS does not list it",
        "../outside: it is missing, and SHA256SUMS lists it",
    ):
        assert line in done.stdout.splitlines()
    assert "is not the one checksum of a file: 'nonsense'" in done.stdout
    assert "gate" not in done.stdout.partition("does not match what")[0]
    assert "Not computed again: gate/gate.json." in done.stdout
    assert "Files that no run writes, not checked: extra.txt." in done.stdout
    assert "Nothing differs in: the manifest, predictions, adversarial examples" in done.stdout
    assert "The odd one out" in done.stdout
    # the digests are of the files as they are, and printed whatever holds
    for name in ("results.json", "SHA256SUMS"):
        assert sha256((forged.path / name).read_bytes()) in done.stdout


def test_a_cell_that_was_removed_is_found(
    forged: Forged, verify: Callable[..., list[str]], named: Named
) -> None:
    cell = forged.cells["mlp"]
    for path in forged.path.glob(f"*/{cell.key}.*"):
        path.unlink()
    lines = verify(forged)
    assert named(lines, cell, what="its files are missing or damaged")
    manifest = json.loads((forged.path / "manifest.json").read_text())
    del manifest["cells"][cell.key]
    (forged.path / "manifest.json").write_text(json_text(manifest))
    results = json.loads((forged.path / "results.json").read_text())
    results["rows"] = [row for row in results["rows"] if row["architecture"] != "mlp"]
    (forged.path / "results.json").write_text(json_text(results))
    lines = verify(forged)
    assert any(line.startswith("manifest.json: the cell") and cell.label in line for line in lines)


def test_weights_that_were_exchanged_are_found(
    forged: Forged,
    verify: Callable[..., list[str]],
    call: Callable[..., Call],
    tmp_path: Path,
    named: Named,
    verified: tuple[str, ...],
) -> None:
    done = call("evaluate", *verified, "--seed", "7", "--out", tmp_path / "other")
    assert done.code == 0, done.stderr
    cell = forged.cells["mlp"]
    other = type(forged)(tmp_path / "other").cells["mlp"]
    shutil.copy(
        tmp_path / "other" / "models" / f"{other.key}.safetensors",
        forged.path / "models" / f"{cell.key}.safetensors",
    )
    lines = verify(forged)
    assert named(lines, cell, what="rows? \\d+.*the stored margin of the scores is not the model's")
    (forged.path / "models" / f"{cell.key}.safetensors").write_bytes(b"nothing")
    assert named(verify(forged), cell, what="does not hold a model")


def test_stored_inputs_that_were_changed_are_found(
    forged: Forged, verify: Callable[..., list[str]]
) -> None:
    (path,) = (forged.path / "inputs").glob("*.npz")
    with np.load(path) as arrays:
        content = dict(arrays)
    content["x"][3, 0] += 1e-9
    np.savez_compressed(path, **content)
    number = forged.plan.tasks["iris"].test_ids[3]
    what = "the stored features are not those of the data"
    assert verify(forged) == [f"inputs of iris: row {number}: {what}"]


def test_files_and_cells_that_belong_to_no_cell_are_named(
    forged: Forged, verify: Callable[..., list[str]], named: Named
) -> None:
    (forged.path / "models" / "mine.safetensors").write_bytes(b"")
    manifest = json.loads((forged.path / "manifest.json").read_text())
    manifest["cells"]["0" * 32] = "one more"
    manifest["threat"]["eps"] = [0.2]
    (forged.path / "manifest.json").write_text(json_text(manifest))
    lines = verify(forged)
    assert "models/mine.safetensors: it belongs to no cell of the run" in lines
    assert any(line.startswith("manifest.json: its configuration has no cell") for line in lines)
    assert "manifest.json: threat.eps[0] is 0.2, and should be 0.1" in lines


def test_the_data_are_read_again(
    call: Callable[..., Call], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sklearn.datasets import load_iris

    frame = load_iris(as_frame=True).frame
    monkeypatch.chdir(tmp_path)
    frame.to_csv("flowers.csv", index=False)
    done = call(
        "evaluate",
        "--dataset",
        "flowers.csv#target",
        "--strategy",
        "vanilla",
        "--arch",
        "logistic",
        "--seeds",
        "1",
        "--attack",
        "pgd",
        "--attack",
        "fgsm",
        "--checks",
        "off",
        "--jobs",
        "1",
        "-q",
        "--set",
        "train.epochs=3",
        "--out",
        "run",
    )
    assert done.code == 0, done.stderr
    assert call("verify", "run").code == 0
    frame.loc[0, "target"] = 1
    frame.to_csv("flowers.csv", index=False)
    done = call("verify", "run", "--reattack", "0")
    assert (done.code, done.stdout) == (2, "")
    assert "flowers.csv, as it is here now, is not the data of this run: its rows" in done.stderr


def test_a_run_whose_nets_an_earlier_version_trained_is_computed_again_by_its_own_keys(
    tmp_path: Path, call: Callable[..., Call], monkeypatch: pytest.MonkeyPatch
) -> None:
    small = "--dataset iris --strategy vanilla --arch mlp --arch sklearn:ridge --seeds 1"
    small += " --eps 0.1 --attack noise --set attack.noise.draws=20 --checks off --certify off -q"
    keys: list[set[str]] = []

    def earlier(config: RunConfig) -> Plan:
        plan = make_plan(config)
        cells = tuple(next(cell.earlier()) for cell in plan.cells)
        keys.extend({cell.key for cell in some} for some in (plan.cells, cells))
        return replace(plan, cells=cells)

    with monkeypatch.context() as patched:
        patched.setattr("genlabel_robust.runs.evaluate.make_plan", earlier)
        assert call("evaluate", *small.split(), "--out", tmp_path / "run").code == 0
    assert {path.stem for path in (tmp_path / "run").glob("cells/*.json")} == keys[1]
    assert len(keys[0] & keys[1]) == 1  # that of the ridge, trained as ever
    done = call("verify", tmp_path / "run", "-q", "--reattack", "0")
    assert done.code == 0, done.stdout
    assert "Nothing differs: 2 cells" in done.stdout
