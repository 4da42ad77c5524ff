"""Several processes, and several hosts, may write to one folder."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from genlabel_robust.core.files import leftovers
from genlabel_robust.core.files.leftovers import sweep, writing_prefix

ENDED, OTHER_HOST = 999_999_999, "0" * 12
DAY = 24 * 3600.0


def leave(folder: Path, name: str, age: float = 0.0) -> Path:
    path = folder / name
    path.write_bytes(b"half")
    then = time.time() - age
    os.utime(path, (then, then))
    return path


def of_process(number: int) -> str:
    own = f"-{os.getpid()}-"
    assert writing_prefix().endswith(own)
    return f"{writing_prefix().removesuffix(own)}-{number}-abc"


@pytest.mark.skipif(os.name != "posix", reason="processes are asked for as POSIX does")
def test_sweep_removes_what_a_kill_left_and_nothing_else(tmp_path: Path) -> None:
    leave(tmp_path, of_process(ENDED))
    leave(tmp_path, of_process(os.getpid()))
    whole = leave(tmp_path, "results.json", 9 * DAY)
    sweep(tmp_path)
    assert list(tmp_path.iterdir()) == [whole]


@pytest.mark.skipif(os.name != "posix", reason="processes are asked for as POSIX does")
def test_sweep_leaves_what_another_process_is_writing_however_long(tmp_path: Path) -> None:
    running = leave(tmp_path, of_process(os.getppid()), 9 * DAY)
    sweep(tmp_path)
    assert list(tmp_path.iterdir()) == [running]


@pytest.mark.parametrize("name", [f".writing-{OTHER_HOST}-{ENDED}-abc", ".writing-999999999-abc"])
def test_sweep_leaves_what_another_host_is_writing_for_a_day(tmp_path: Path, name: str) -> None:
    path = leave(tmp_path, name, DAY - 60)
    sweep(tmp_path)
    assert path.exists()
    leave(tmp_path, name, DAY + 60)
    sweep(tmp_path)
    assert not path.exists()


def test_sweep_goes_through_no_link(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    kept = leave(outside, of_process(ENDED))
    (tmp_path / "cells").symlink_to(outside)
    sweep(tmp_path / "cells")
    assert kept.exists()


def test_the_host_of_a_name_is_where_process_numbers_mean_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = {writing_prefix()}
    for host in ("one", "two"):
        leftovers._host.cache_clear()
        monkeypatch.setattr(leftovers.socket, "gethostname", lambda host=host: host)
        names.add(writing_prefix())
    leftovers._host.cache_clear()
    assert len(names) == 3
