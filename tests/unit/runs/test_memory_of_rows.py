"""The memory of an audit grows slowly with its rows, and its bytes do not change."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from genlabel_robust.certify.affine import rivals
from genlabel_robust.certify.singles import search
from genlabel_robust.core.files import large_arrays, npz
from genlabel_robust.core.files.large_arrays import InFolder
from genlabel_robust.core.parallel import end_processes
from genlabel_robust.models import company
from genlabel_robust.models.structures import checked
from genlabel_robust.runs import evaluate
from genlabel_robust.runs.assess import probes
from genlabel_robust.runs.assess.pieces import columns
from genlabel_robust.runs.audit import audit
from genlabel_robust.runs.evaluate import Run

D = 20


def audited(n: int, out: Path, **settings: object) -> Run:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, D)).round(3)
    y = (x[:, 0] - x[:, 1] + rng.normal(size=n) > 0).astype(int)
    model = LogisticRegression().fit(x[:300], y[:300])
    return audit(model, x, y, eps=0.1, attacks=["fgsm"], checks="quick", out=out, **settings)


@pytest.fixture
def all_in_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(InFolder.__init__, "__defaults__", (1,))
    monkeypatch.setitem(npz.read_npz_file.__kwdefaults__, "large", 1)


def contents(run: Run) -> dict[str, bytes]:
    kinds = ("cells/*.npz", "inputs/*.npz", "results.json", "results.csv")
    paths = [path for kind in kinds for path in run.path.glob(kind)]
    return {path.relative_to(run.path).as_posix(): path.read_bytes() for path in paths}


@pytest.mark.nightly(but=["1"])
@pytest.mark.parametrize("jobs", [1, 2])
def test_arrays_in_files_give_the_bytes_of_arrays_in_memory(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    memory = contents(audited(600, tmp_path / "memory", jobs=1))
    request.getfixturevalue("all_in_files")
    ended = []

    def end() -> None:
        ended.append(jobs)
        end_processes()

    monkeypatch.setattr(evaluate, "end_processes", end)
    run = audited(600, tmp_path / "files", jobs=jobs)
    assert contents(run) == memory
    assert not (run.path / "pieces").exists()
    # their memory is there for the results
    assert ended == [jobs]


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use parts of about 200 rows wherever many rows are processed in parts."""
    for function in (large_arrays.row_blocks, large_arrays.in_parts):
        monkeypatch.setattr(function, "__defaults__", (200,))
    for module, name, size in (
        (probes, "ROWS", 200),
        (probes, "ASKED_AGAIN", 200),
        (columns, "_OF_SUMS", 200),
        (search, "_ROWS_OF_SUMS", 200),
        (rivals, "_BLOCK", 200 * 2 * D),
        (checked, "_ROWS", 200),
        (company, "_MOST", 200),
    ):
        monkeypatch.setattr(module, name, size)


@pytest.mark.nightly
@pytest.mark.usefixtures("all_in_files", "small_parts")
def test_a_further_row_takes_a_few_copies_of_it_in_memory(tmp_path: Path) -> None:
    audited(300, tmp_path / "first", jobs=1)  # what is imported and kept once
    most = []
    for n in (1000, 3000):
        tracemalloc.start()
        audited(n, tmp_path / str(n), jobs=1)
        most.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # in memory, what is found of a row of an attack, its proof and its columns is seven copies
    assert (most[1] - most[0]) / 2000 < 6 * 8 * D
