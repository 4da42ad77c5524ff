"""Several processes, and several hosts, can write to one folder."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from genlabel_robust.core.files import leftovers
from genlabel_robust.core.files.leftovers import BEFORE, sweep, sweep_once, writing_prefix
from tests.left_behind import ENDED, left_by

OTHER_HOST = "0" * 12
DAY = 24 * 3600.0


def leave(folder: Path, name: str, age: float = 0.0) -> Path:
    path = folder / name
    path.write_bytes(b"half")
    then = time.time() - age
    os.utime(path, (then, then))
    return path


@pytest.mark.skipif(os.name != "posix", reason="processes are asked for as POSIX does")
def test_sweep_removes_what_a_kill_left_and_nothing_else(tmp_path: Path) -> None:
    leave(tmp_path, f"{left_by()}x")
    leave(tmp_path, f"{left_by(os.getpid())}x")  # of an earlier process that had this number
    leave(tmp_path, f"{left_by().removesuffix('0123abcd-')}x")  # as earlier versions called it
    whole = leave(tmp_path, "results.json", 9 * DAY)
    sweep(tmp_path)
    assert list(tmp_path.iterdir()) == [whole]


@pytest.mark.skipif(os.name != "posix", reason="processes are asked for as POSIX does")
def test_sweep_leaves_what_another_process_is_writing_however_long(tmp_path: Path) -> None:
    running = leave(tmp_path, f"{left_by(os.getppid())}x", 9 * DAY)
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


@pytest.mark.skipif(os.name != "posix", reason="processes are asked for as POSIX does")
def test_sweep_leaves_what_this_process_is_writing(tmp_path: Path) -> None:
    own = leave(tmp_path, f"{writing_prefix()}x", 9 * DAY)
    sweep(tmp_path)
    assert list(tmp_path.iterdir()) == [own]


needs_boot = pytest.mark.skipif(leftovers.boot() is None, reason="needs the name of the boot")


@needs_boot
def test_who_writes_sweeps_once_and_leaves_other_hosts_alone(tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    (tmp_path / "real").mkdir()
    linked.symlink_to(tmp_path / "real")
    theirs = leave(linked, f".writing-{OTHER_HOST}-{ENDED}-abc", 9 * DAY)
    leave(linked, f"{left_by()}x")
    sweep_once(linked)
    assert list(linked.iterdir()) == [theirs]
    later = leave(linked, f"{left_by()}x")
    sweep_once(tmp_path / "real")
    assert later.exists()


def test_who_writes_sweeps_nothing_where_the_host_is_not_certain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = leave(tmp_path, f"{left_by()}x")
    monkeypatch.setattr(leftovers, "boot", lambda: None)
    sweep_once(tmp_path)
    assert left.exists()


@needs_boot
@pytest.mark.parametrize("another", [False, True])
def test_a_folder_that_was_to_be_replaced_is_put_back_unless_another_is_there(
    tmp_path: Path, another: bool
) -> None:
    aside = tmp_path / f"{left_by()}x"
    for folder, content in (("made", "new"), (f"{BEFORE}/base", "old")):
        (aside / folder).mkdir(parents=True)
        (aside / folder / "file").write_text(content)
    if another:
        (tmp_path / "base").mkdir()
    sweep(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["base"]
    assert (tmp_path / "base" / "file").exists() is not another
    if not another:
        assert (tmp_path / "base" / "file").read_text() == "old"


@needs_boot
def test_nothing_is_moved_through_a_link_or_out_of_the_folder_of_another_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("content")
    place = tmp_path / "place"
    (place / f"{left_by()}linked").mkdir(parents=True)
    (place / f"{left_by()}linked" / BEFORE).symlink_to(outside)
    (place / f"{left_by()}link").symlink_to(outside)
    theirs = place / f"{left_by()}theirs"
    (theirs / BEFORE / "base").mkdir(parents=True)
    with monkeypatch.context() as patched:
        patched.setattr(os, "geteuid", lambda: os.getuid() + 1)
        sweep(place)
        assert len(list(place.iterdir())) == 3
    theirs.rename(tmp_path / "aside")
    sweep(place)
    assert [path.is_symlink() for path in place.iterdir()] == [True]
    assert (outside / "file").read_text() == "content"


@needs_boot
def test_what_cannot_be_removed_stays_and_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(leftover: Path) -> None:
        raise PermissionError(leftover)

    left = leave(tmp_path, f"{left_by()}x")
    monkeypatch.setattr(leftovers, "remove", refuse)
    sweep(tmp_path)
    assert left.exists()


def test_sweep_goes_through_no_link(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    kept = leave(outside, f"{left_by()}x")
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
