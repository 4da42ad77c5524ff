"""A genuine run of three models, copies of it to alter, and the findings of verify on those."""

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
from genlabel_robust.core.files.writing import json_text, sha256, write_checksums
from genlabel_robust.reports.write import write_reports
from genlabel_robust.runs.cells.cell import Cell
from genlabel_robust.runs.folder.store import RunFolder
from genlabel_robust.runs.plan.plan import Plan
from genlabel_robust.runs.results.aggregate import aggregate
from genlabel_robust.runs.results.frame import results_csv
from genlabel_robust.runs.results.results import Results
from genlabel_robust.verify.manifest_claims import read_manifest
from genlabel_robust.verify.planned_again import planned_again

if TYPE_CHECKING:
    from tests.cli.conftest import Call

EPS = 0.1
IMMUTABLE = "petal width (cm)"
SETTINGS = (
    "--dataset",
    "iris",
    "--strategy",
    "vanilla",
    "--arch",
    "mlp",
    "--arch",
    "logistic",
    "--arch",
    "sklearn:random-forest",
    "--seeds",
    "1",
    "--eps",
    str(EPS),
    "--jobs",
    "1",
    "-q",
    "--attack",
    "pgd",
    "--attack",
    "sign-bisect",
    "--set",
    "train.epochs=20",
    "--set",
    "attack.pgd.restarts=2",
    "--set",
    "attack.pgd.steps=20",
    "--set",
    "architecture.sklearn:random-forest.n_estimators=5",
    "--set",
    f'constraints.immutable=["{IMMUTABLE}"]',
)


@pytest.fixture(scope="session")
def verified() -> tuple[str, ...]:
    """The arguments of the genuine run, without its folder."""
    return SETTINGS


@pytest.fixture(scope="session")
def honest(call: Callable[..., Call], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("honest") / "run"
    done = call("evaluate", *SETTINGS, "--out", path)
    assert done.code == 0, done.stderr
    return path


class Forged:
    """A copy of the genuine run for tests to change; its checksums are computed again."""

    eps = EPS
    immutable = IMMUTABLE

    def __init__(self, path: Path) -> None:
        self.path = path
        plan = planned_again(path, read_manifest(path), trust=False)
        assert isinstance(plan, Plan)
        self.plan = plan
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
        """Make results, table, pages and figures consistent with the current cells."""
        folder = RunFolder(self.path)
        before = Results(json.loads((self.path / "results.json").read_text()))
        results = [(cell, folder.load_cell(cell.key)) for cell in self.plan.cells]
        found = aggregate(self.plan, results, before.canaries)
        (self.path / "results.json").write_text(json_text(found))
        (self.path / "results.csv").write_text(results_csv(Results(found)))
        # no report is written of files that their checksums do not fit
        (self.path / "SHA256SUMS").unlink()
        write_reports(self.path)


@pytest.fixture
def forged(honest: Path, tmp_path: Path) -> Forged:
    shutil.copytree(honest, tmp_path / "run")
    return Forged(tmp_path / "run")


@pytest.fixture
def verify(call: Callable[..., Call]) -> Callable[..., list[str]]:
    """Verify a changed run after computing its checksums again; return the findings."""

    def differing(forged: Forged, *options: str) -> list[str]:
        write_checksums(forged.path)
        done = call("verify", forged.path, "-q", *(options or ("--reattack", "0")))
        assert done.code == 1, done.stdout + done.stderr
        findings, told, _ = done.stdout.partition(
            f"{forged.path} does not match what was computed again: "
        )
        assert told
        return findings.splitlines()

    return differing


def _named(lines: list[str], cell: Cell, *rows: int, what: str) -> bool:
    """Return whether a line names the cell and the rows, and contains ``what``."""
    row = f"rows? {', '.join(str(row) for row in rows)}\\b" if rows else ""
    return any(line.startswith(cell.label) and re.search(f"{row}.*{what}", line) for line in lines)


@pytest.fixture(scope="session")
def named() -> Callable[..., bool]:
    """Return a function that checks whether a line names the cell, the rows, and ``what``."""
    return _named
