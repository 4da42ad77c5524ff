"""Runs that were changed, with their checksums made anew: each change is found, and named."""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.core.files import json_text, sha256, write_checksums
from genlabel_robust.evaluation.aggregate import aggregate
from genlabel_robust.evaluation.cell import Cell
from genlabel_robust.evaluation.frame import results_frame
from genlabel_robust.evaluation.store import RunFolder
from genlabel_robust.evaluation.verifying.again import chance_of_missing, enough
from genlabel_robust.evaluation.verifying.claims import plan_again, read_manifest
from genlabel_robust.evaluation.weights import read_model

if TYPE_CHECKING:
    from tests.cli.conftest import Call

EPS = 0.1
IMMUTABLE = "petal width (cm)"
SETTINGS = (
    "--dataset", "iris", "--strategy", "vanilla", "--arch", "mlp", "--arch", "logistic",
    "--arch", "sklearn:random-forest", "--seeds", "1", "--eps", str(EPS), "--jobs", "1", "-q",
    "--attack", "pgd", "--attack", "sign-bisect", "--set", "train.epochs=20",
    "--set", "attack.pgd.restarts=2", "--set", "attack.pgd.steps=20",
    "--set", "architecture.sklearn:random-forest.n_estimators=5",
    "--set", f'constraints.immutable=["{IMMUTABLE}"]',
)  # fmt: skip


@pytest.fixture(scope="module")
def honest(call: Callable[..., Call], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("honest") / "run"
    done = call("evaluate", *SETTINGS, "--out", path)
    assert done.code == 0, done.stderr
    return path


class Forged:
    """A copy of the honest run, to be changed; its checksums are made anew."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.plan = plan_again(read_manifest(path))
        self.cells = {cell.architecture: cell for cell in self.plan.cells}

    def arrays(self, cell: Cell) -> dict[str, np.ndarray]:
        with np.load(self.path / "cells" / f"{cell.key}.npz") as arrays:
            return dict(arrays)

    def store(self, cell: Cell, arrays: dict[str, np.ndarray]) -> None:
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **arrays)
        (self.path / "cells" / f"{cell.key}.npz").write_bytes(buffer.getvalue())
        about = self.path / "cells" / f"{cell.key}.json"
        content = json.loads(about.read_text())
        content["arrays_sha256"] = sha256(buffer.getvalue())
        about.write_text(json_text(content))

    def broken(self, cell: Cell, attack: int = 1) -> np.ndarray:
        arrays = self.arrays(cell)
        return np.flatnonzero(
            (arrays["outcomes"][attack] == Outcome.BROKEN) & (arrays["distances"][attack] < EPS)
        )

    def aggregate_anew(self) -> None:
        folder = RunFolder(self.path)
        canary = json.loads((self.path / "results.json").read_text())["canary"]
        results = [(cell, folder.load_cell(cell.key)) for cell in self.plan.cells]
        found = aggregate(self.plan, results, canary)
        (self.path / "results.json").write_text(json_text(found))
        (self.path / "results.csv").write_text(results_frame(found).to_csv(index=False))


@pytest.fixture
def forged(honest: Path, tmp_path: Path) -> Forged:
    shutil.copytree(honest, tmp_path / "run")
    return Forged(tmp_path / "run")


@pytest.fixture
def verify(call: Callable[..., Call]) -> Callable[..., list[str]]:
    """Verify a run that was changed, its checksums made anew; return the findings."""

    def differing(forged: Forged, *options: str) -> list[str]:
        write_checksums(forged.path)
        done = call("verify", forged.path, "-q", *(options or ("--reattack", "0")))
        assert done.code == 1, done.stdout + done.stderr
        assert "does not hold" in done.stderr
        return done.stdout.splitlines()

    return differing


def named(lines: list[str], cell: Cell, *rows: int, what: str) -> bool:
    """Say whether a line names the cell and the rows, and says ``what``."""
    row = f"rows? {', '.join(str(row) for row in rows)}\\b" if rows else ""
    return any(line.startswith(cell.label) and re.search(f"{row}.*{what}", line) for line in lines)


def test_an_honest_run_holds_and_its_digest_stands_for_it(
    honest: Path, call: Callable[..., Call]
) -> None:
    before = {path: path.read_bytes() for path in honest.rglob("*") if path.is_file()}
    done = call("verify", honest)
    assert (done.code, done.stderr) == (0, ""), done.stdout
    *_, last = done.stdout.splitlines()
    digest = last.removeprefix("digest: ")
    assert digest == sha256((honest / "SHA256SUMS").read_bytes())
    assert "3 cells, 135 predictions" in done.stdout
    assert call("verify", honest).stdout == done.stdout
    assert call("verify", honest, "--reattack", "0", "--digest", digest.upper()).code == 0
    other = call("verify", honest, "--reattack", "0", "--digest", "0" * 64)
    assert other.code == 1
    assert other.stdout == f"SHA256SUMS: its digest is {digest}, and {'0' * 64} was given\n"
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
    assert "has not ended" in done.stderr
    gone = {**manifest["config"], "datasets": {"value": ["gone.csv#y"], "source": "option"}}
    (forged.path / "manifest.json").write_text(json.dumps({**manifest, "config": gone}))
    done = call("verify", forged.path)
    assert done.code == 2
    assert "gone.csv" in done.stderr


def test_a_file_that_the_checksums_do_not_vouch_for_is_named(
    forged: Forged, call: Callable[..., Call]
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
    assert "gate" not in done.stdout


@pytest.mark.parametrize("architecture", ["mlp", "logistic", "sklearn:random-forest"])
def test_an_adversarial_example_that_was_changed_is_found(
    architecture: str, forged: Forged, verify: Callable[..., list[str]]
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
    forged: Forged, verify: Callable[..., list[str]]
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
    forged: Forged, verify: Callable[..., list[str]]
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
    assert len(lines) == 2


@pytest.mark.parametrize("claimed", [False, True])
def test_an_example_a_little_outside_the_ball_is_found(
    claimed: bool, forged: Forged, verify: Callable[..., list[str]]
) -> None:
    cell, task = forged.cells["mlp"], forged.plan.tasks["iris"]
    arrays = forged.arrays(cell)
    row = forged.broken(cell, 0)[0]
    moved = arrays["adversarial"][0, row] - task.x_test[row]
    length = arrays["distances"][0, row]
    arrays["adversarial"][0, row] = task.x_test[row] + moved * (EPS + 1e-4) / length
    if claimed:
        arrays["distances"][0, row] = EPS + 1e-4
    forged.store(cell, arrays)
    what = "pgd: .* lies outside the ball of ε = 0.1 \\(at 0.1001"
    lines = verify(forged)
    assert named(lines, cell, task.test_ids[row], what=what)
    assert claimed != named(lines, cell, task.test_ids[row], what="the distance stated")


def test_an_immutable_feature_that_moved_is_found(
    forged: Forged, verify: Callable[..., list[str]]
) -> None:
    cell, task = forged.cells["logistic"], forged.plan.tasks["iris"]
    arrays = forged.arrays(cell)
    row = forged.broken(cell)[0]
    arrays["adversarial"][1, row, task.feature_names.index(IMMUTABLE)] += 1e-3
    forged.store(cell, arrays)
    what = "leaves the box, or breaks a constraint"
    assert named(verify(forged), cell, task.test_ids[row], what=what)


def test_an_exact_margin_that_was_changed_is_found(
    forged: Forged, verify: Callable[..., list[str]]
) -> None:
    cell, task = forged.cells["logistic"], forged.plan.tasks["iris"]
    arrays = forged.arrays(cell)
    row = int(np.flatnonzero(np.isfinite(arrays["exact"]) & (arrays["exact"] > 0))[0])
    arrays["exact"][row] *= 1.001
    forged.store(cell, arrays)
    assert named(verify(forged), cell, task.test_ids[row], what="stored exact margin")


def test_a_cell_that_was_removed_is_found(forged: Forged, verify: Callable[..., list[str]]) -> None:
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
    forged: Forged, verify: Callable[..., list[str]], call: Callable[..., Call], tmp_path: Path
) -> None:
    done = call("evaluate", *SETTINGS, "--seed", "7", "--out", tmp_path / "other")
    assert done.code == 0, done.stderr
    cell = forged.cells["mlp"]
    other = Forged(tmp_path / "other").cells["mlp"]
    shutil.copy(
        tmp_path / "other" / "models" / f"{other.key}.safetensors",
        forged.path / "models" / f"{cell.key}.safetensors",
    )
    lines = verify(forged)
    assert named(lines, cell, what="rows? \\d+.*the stored margin of the scores is not the model's")
    (forged.path / "models" / f"{cell.key}.safetensors").write_bytes(b"nothing")
    assert named(verify(forged), cell, what="does not hold its model")


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
    forged: Forged, verify: Callable[..., list[str]]
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


def rewrite(forged: Forged, cell: Cell, share: float) -> np.ndarray:
    """Make a share of the broken rows robust, as one who knows the format would."""
    arrays = forged.arrays(cell)
    clean = arrays["predictions"] == arrays["labels"]
    broken = np.flatnonzero(clean & (arrays["distances"].min(axis=0) <= EPS))
    rows = broken[:: round(1 / share)]
    for attack in range(2):
        able = rows[arrays["outcomes"][attack, rows] != Outcome.NOT_APPLICABLE]
        arrays["outcomes"][attack, able] = Outcome.SURVIVED
        arrays["distances"][attack, rows] = np.inf
        arrays["adversarial"][attack, rows] = np.nan
    forged.store(cell, arrays)
    return forged.plan.tasks["iris"].test_ids[rows]


@pytest.mark.parametrize("architecture", ["mlp", "logistic", "sklearn:random-forest"])
def test_a_tenth_of_the_broken_rows_rewritten_as_robust_is_found(
    architecture: str, forged: Forged, verify: Callable[..., list[str]]
) -> None:
    cell = forged.cells[architecture]
    before = len(forged.broken(cell))
    numbers = rewrite(forged, cell, 0.1)
    assert 1 <= len(numbers) <= 0.1 * before + 1
    forged.aggregate_anew()
    lines = verify(forged, "--reattack", "0.05", "--seed", "3")
    assert all("stored as not broken, and the same attack" in line for line in lines)
    told = [re.match(rf"{cell.label}: rows? ([\d, ]+) under", line) for line in lines]
    assert all(told)
    assert {int(n) for t in told for n in t[1].split(",")} <= set(numbers.tolist())


def test_a_broken_row_pushed_beyond_the_ball_is_found(
    forged: Forged, verify: Callable[..., list[str]]
) -> None:
    cell, task = forged.cells["sklearn:random-forest"], forged.plan.tasks["iris"]
    arrays = forged.arrays(cell)
    model = read_model(RunFolder(forged.path).weights(cell.key), cell, 3)
    spread = task.x_train.max(axis=0) - task.x_train.min(axis=0)
    for row in forged.broken(cell):
        # the same way, further: mislabelled still, inside the box, at a true distance
        far = task.x_test[row] + 1.5 * EPS / arrays["distances"][1, row] * (
            arrays["adversarial"][1, row] - task.x_test[row]
        )
        far = np.clip(far, task.x_train.min(axis=0), task.x_train.max(axis=0))
        distance = np.abs((far - task.x_test[row]) / spread).max()
        if model.predict(far[None])[0] != task.y_test[row] and distance > EPS:
            break
    else:
        pytest.fail("no row can be pushed")
    arrays["adversarial"][1, row], arrays["distances"][1, row] = far, distance
    forged.store(cell, arrays)
    forged.aggregate_anew()
    lines = verify(forged, "--reattack", "1")
    assert named(lines, cell, task.test_ids[row], what="stored as broken at .* only")


def test_an_attack_declared_not_applicable_is_found(
    forged: Forged, verify: Callable[..., list[str]]
) -> None:
    cell = forged.cells["mlp"]
    arrays = forged.arrays(cell)
    clean = arrays["predictions"] == arrays["labels"]
    arrays["outcomes"][1, clean] = Outcome.NOT_APPLICABLE
    arrays["distances"][1, clean] = np.inf
    arrays["adversarial"][1] = np.nan
    forged.store(cell, arrays)
    forged.aggregate_anew()
    what = "rows? \\d+.*under sign-bisect is stored as not applicable"
    assert named(verify(forged), cell, what=what)


def test_the_data_are_read_again(
    call: Callable[..., Call], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sklearn.datasets import load_iris

    frame = load_iris(as_frame=True).frame
    monkeypatch.chdir(tmp_path)
    frame.to_csv("flowers.csv", index=False)
    done = call(
        "evaluate", "--dataset", "flowers.csv#target", "--strategy", "vanilla", "--arch",
        "logistic", "--seeds", "1", "--attack", "pgd", "--attack", "fgsm", "--checks", "off",
        "--jobs", "1", "-q",
        "--set", "train.epochs=3", "--out", "run",
    )  # fmt: skip
    assert done.code == 0, done.stderr
    assert call("verify", "run").code == 0
    frame.loc[0, "target"] = 1
    frame.to_csv("flowers.csv", index=False)
    done = call("verify", "run", "--reattack", "0")
    assert done.code == 1
    assert "manifest.json: identity.fingerprints.data.flowers.csv#target is" in done.stdout


def test_the_chance_of_missing_is_that_of_drawing_without_replacement() -> None:
    assert chance_of_missing(10, 2, 3) == pytest.approx((8 * 7 * 6) / (10 * 9 * 8))
    assert chance_of_missing(10, 2, 9) == 0
    assert chance_of_missing(10, 0, 10) == 1
    # so a tenth of the broken rows, rewritten, is met with a probability of 99 % at least
    assert chance_of_missing(450, 50, enough(450, 50)) <= 0.01 < chance_of_missing(450, 50, 35)
    assert enough(450, 0) == 0
    assert enough(100_000, 1) == 200
