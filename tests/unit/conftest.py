"""Data of scikit-learn, rows to predict, and readers that are given broken files."""

from __future__ import annotations

import io
import os
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_iris, load_wine

from genlabel_robust.core.arrays import FloatArray, IntArray
from genlabel_robust.data.sources import openml

# read now: a fixture removes it from the environment of each test
GIVEN = os.environ.get(openml.FOLDER_VARIABLE)
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "openml"

Data = Callable[[str], tuple[FloatArray, IntArray]]
Rows = Callable[..., FloatArray]
Rewritten = Callable[[bytes, Callable[[str, bytes], bytes]], bytes]

#: Reads each file in a folder, and says how many were read and how many refused. The model
#: of a file that is read has to answer: a wrong index is followed only then.
_READ_ALL = """
import resource, sys, warnings
from pathlib import Path
import numpy as np
from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.model_files.reading import Permission, read_model_file
resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
warnings.simplefilter("ignore")
trust = sys.argv[2] == "trust"
rows = np.random.default_rng(0).normal(size=(50, 300)) * 10
read = refused = 0
for path in sorted(Path(sys.argv[1]).iterdir()):
    print(path, file=sys.stderr, flush=True)
    try:
        model = read_model_file(path, path.read_bytes(), Permission("mlp", trust)).model
    except ConfigurationError as error:
        refused += 1
        assert str(path) in str(error) and "\\n" not in str(error), str(error)
        continue
    read += 1
    width = getattr(model, "width", None) or getattr(model, "n_features_in_", None)
    if width is not None and width <= 300:
        ask = getattr(model, "scores", None) or model.predict
        try:
            ask(rows[:, :width].copy())
        except (ValueError, IndexError, TypeError, AttributeError, OverflowError):
            pass  # what is no crash is found by whoever asks
print(read, refused)
"""


@pytest.fixture(scope="session")
def data() -> Data:
    """Return the features and labels of "cancer" (2 classes), "iris" or "wine" (3)."""
    loaders = {"cancer": load_breast_cancer, "iris": load_iris, "wine": load_wine}
    return lambda name: loaders[name](return_X_y=True)


@pytest.fixture(scope="session")
def asked() -> Rows:
    """Return a function: features (m, d) -> ``n`` rows like them, optionally with some NaN."""

    def rows(x: FloatArray, n: int = 10_000, *, missing: bool = True) -> FloatArray:
        rng = np.random.default_rng(0)
        drawn = x[rng.integers(0, len(x), (n, x.shape[1])), np.arange(x.shape[1])]
        drawn = drawn + 0.3 * x.std(axis=0) * rng.normal(size=drawn.shape)
        drawn[rng.random(drawn.shape) < 0.05] = 0.0
        if missing:
            drawn[rng.random(drawn.shape) < 0.05] = np.nan
        return drawn

    return rows


@pytest.fixture
def read_all(quick_python: Path) -> Callable[..., tuple[int, int]]:
    """Return a function that reads a folder of files in a separate process.

    It returns how many files were read and how many refused. A crash of that process, or any error
    but a ``ConfigurationError``, fails the test.
    """

    def run(folder: Path, *, trust: bool = False) -> tuple[int, int]:
        done = subprocess.run(
            [quick_python / "python", "-c", _READ_ALL, str(folder), "trust" if trust else ""],
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        read, refused = done.stdout.split()
        return int(read), int(refused)

    return run


@pytest.fixture(scope="session")
def rewritten() -> Rewritten:
    """Return a function that rewrites an archive by a change of each member (name, content)."""

    def rewrite(content: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(out, "w") as made:
            for name in given.namelist():
                made.writestr(name, change(name, given.read(name)))
        return out.getvalue()

    return rewrite


@pytest.fixture
def real_folder(monkeypatch: pytest.MonkeyPatch) -> Path:
    """Set the folder of the real OpenML copies, or skip the test."""
    folder = Path(GIVEN) if GIVEN else SHARED
    if not folder.is_dir():
        pytest.skip(f"no folder of OpenML copies; set {openml.FOLDER_VARIABLE}")
    monkeypatch.setenv(openml.FOLDER_VARIABLE, str(folder))
    return folder
