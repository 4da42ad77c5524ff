"""Large arrays are kept in files, with the same bytes as in memory."""

from __future__ import annotations

import io
import pickle
from pathlib import Path

import numpy as np
import pytest

from genlabel_robust.core.files import npz_writing
from genlabel_robust.core.files.large_arrays import (
    InFolder,
    in_parts,
    let_go,
    of_file,
    picked,
    row_blocks,
)
from genlabel_robust.core.files.npz import read_npz_file
from genlabel_robust.core.files.npz_writing import save_npz, write_npz
from genlabel_robust.core.parallel.packing import pickled, pickled_here

X = np.random.default_rng(0).normal(size=(700, 3))


def test_small_arrays_stay_in_memory_and_large_ones_are_files(tmp_path: Path) -> None:
    arrays = InFolder(tmp_path / "new", least=1000)
    assert of_file(arrays("small", (9, 2), np.nan)) is None
    assert not (tmp_path / "new").exists()
    large = arrays("large", (100, 2), np.nan)
    assert of_file(large) is not None
    assert np.isnan(large).all()
    large[3:5] = 7
    let_go(large)
    assert (large[3:5] == 7).all()
    assert np.isnan(large[5:]).all()
    arrays.remove()
    assert not (tmp_path / "new").exists()


def test_a_view_of_a_file_is_not_taken_for_the_whole_of_it(tmp_path: Path) -> None:
    x = InFolder(tmp_path, least=1).copied("x", X)
    assert of_file(x) is not None
    for view in (x[5:], x.T, x[::2], x[:, 1], x.reshape(-1)[3:]):
        assert of_file(view) is None
        np.testing.assert_array_equal(pickle.loads(pickled_here(view)), view)  # noqa: S301


def test_processes_of_one_host_share_an_array_in_a_file(tmp_path: Path) -> None:
    x = InFolder(tmp_path, least=1).copied("x", X)
    sent = pickled_here({"x": x, "again": x})
    assert len(sent) < x.nbytes / 10
    read = pickle.loads(sent)  # noqa: S301
    np.testing.assert_array_equal(read["x"], X)
    assert read["x"] is read["again"]
    # another host has no such file
    assert len(pickled(x)) > x.nbytes


def test_large_arrays_are_stored_in_the_bytes_that_numpy_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = InFolder(tmp_path / "files", least=1)
    arrays = {"ids": np.arange(700), "x": X, "three": np.zeros((2, 5, 4))}
    numpys = io.BytesIO()
    np.savez_compressed(numpys, **arrays)
    for piece in (npz_writing.PIECE, 4096):
        monkeypatch.setattr(npz_writing, "PIECE", piece)
        own = io.BytesIO()
        save_npz(own, {name: files.copied(name, array) for name, array in arrays.items()})
        assert own.getvalue() == numpys.getvalue()
    write_npz(tmp_path / "all.npz", arrays)
    assert (tmp_path / "all.npz").read_bytes() == numpys.getvalue()


@pytest.mark.parametrize("large", [1, 1 << 30])
def test_a_file_is_read_alike_whether_its_arrays_stay_in_memory_or_not(
    tmp_path: Path, large: int
) -> None:
    arrays = {"x": X, "turned": np.asfortranarray(X), "none": np.zeros((0, 3)), "i": np.arange(9)}
    write_npz(tmp_path / "all.npz", arrays)
    read = read_npz_file(tmp_path / "all.npz", large=large)
    for name, array in arrays.items():
        np.testing.assert_array_equal(read[name], array)
        assert read[name].dtype == array.dtype
    assert [path.name for path in tmp_path.iterdir()] == ["all.npz"]


@pytest.mark.parametrize("n", [0, 1, 10, 20, 21])
def test_blocks_cover_all_rows_once_and_give_what_the_whole_gives(n: int) -> None:
    covered = [row for block in row_blocks(n, 10) for row in range(n)[block]]
    assert covered == list(range(n))
    x = X[:n]
    np.testing.assert_array_equal(in_parts(lambda rows: rows.sum(axis=1), x, 10), x.sum(axis=1))


@pytest.mark.skipif(not Path("/proc/self/smaps").exists(), reason="needs /proc")
def test_rows_that_are_picked_bring_nothing_of_what_lies_between(tmp_path: Path) -> None:
    array = InFolder(tmp_path)("many", (1 << 20, 8), 3.0)
    rows = np.arange(0, len(array), 500)
    assert (array[rows] == 3).all()
    assert resident(tmp_path) > 4 << 20
    assert (picked(array, rows) == 3).all()
    assert resident(tmp_path) == 0


def resident(folder: Path) -> int:
    """Return how many bytes of files in ``folder`` this process has in memory."""
    lines = Path("/proc/self/smaps").read_text(encoding="utf-8").splitlines()
    places = [number for number, line in enumerate(lines) if str(folder) in line]
    sizes = [next(x for x in lines[place:] if x.startswith("Rss:")) for place in places]
    return sum(1024 * int(size.split()[1]) for size in sizes)
