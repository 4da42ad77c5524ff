from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from genlabel_robust.data import SplitConfig, load_task
from genlabel_robust.runs.folder.inputs import read_inputs, save_inputs


def test_the_rows_of_each_data_set_are_read_back(tmp_path: Path) -> None:
    tasks = [load_task(name, SplitConfig(), "range") for name in ("iris", "wine")]
    save_inputs(tmp_path, tasks)
    for task in tasks:
        found = read_inputs(tmp_path, task.content_hash)
        assert found is not None
        assert (found == task.x_test).all()


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    task = load_task("iris", SplitConfig(), "range")
    (file,) = _saved(tmp_path, task)
    before = file.read_bytes()
    assert _saved(tmp_path, task)[0].read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"damaged", b"PK\x03\x04", None])
def test_what_cannot_be_read_is_not_there(content: bytes | None, tmp_path: Path) -> None:
    task = load_task("iris", SplitConfig(), "range")
    (file,) = _saved(tmp_path, task)
    if content is None:
        np.savez(file, other=np.zeros(3))
    else:
        file.write_bytes(content)
    assert read_inputs(tmp_path, task.content_hash) is None
    assert read_inputs(tmp_path / "nothing", task.content_hash) is None


def _saved(path: Path, task: object) -> list[Path]:
    save_inputs(path, [task])
    return list((path / "inputs").iterdir())
