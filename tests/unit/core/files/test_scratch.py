"""Temporary folders are removed with the process that created them, however it ends."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from genlabel_robust.core.files import scratch
from genlabel_robust.core.files.exclusive import locked
from genlabel_robust.core.files.scratch import scratch_folder

#: Makes a folder with a file in it, forks if it is told to, and waits until it is killed.
HOLDS = """
import os, sys
from genlabel_robust.core.files.scratch import scratch_folder

with scratch_folder() as folder:
    (folder / "within").mkdir()
    (folder / "within" / "file").write_text("content")
    print(folder, flush=True)
    if "fork" in sys.argv:
        if (child := os.fork()) == 0:
            if "ends" in sys.argv:
                sys.exit()
            sys.stdin.read()
        print(child, flush=True)
        if "ends" in sys.argv:
            os.waitpid(child, 0)
            print("ended", flush=True)
    sys.stdin.read()
"""
COMES = """
from genlabel_robust.core.files.scratch import scratch_folder

with scratch_folder():
    pass
"""
ENDS_BESIDE = """
from genlabel_robust.core.files.scratch import scratch_folder

def endless():
    with scratch_folder() as folder:
        print(folder)
        while True:
            yield

kept = endless()
next(kept)
import os, atexit
# as in a notebook, whose variables outlast the interpreter
atexit.register(setattr, os, "kept", kept)
"""
needs_boot = pytest.mark.skipif(scratch.boot() is None, reason="needs the name of the boot")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    scratch._sweep.cache_clear()
    yield tmp_path
    scratch._sweep.cache_clear()


class Holding:
    """A process that has a scratch folder."""

    def __init__(self, place: Path, *how: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDS, *how],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"TMPDIR": str(place)},
        )
        self.folder = Path(self.said())

    def said(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().rstrip("\n")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def __enter__(self) -> Holding:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()


def another_comes(place: Path) -> None:
    subprocess.run(
        [sys.executable, "-c", COMES], check=True, env=os.environ | {"TMPDIR": str(place)}
    )


def marked(place: Path, name: str) -> Path:
    return place / f"{scratch._PREFIX}{scratch._mark(place)}-{name}"


def test_the_folder_is_new_and_gone_afterwards(place: Path) -> None:
    with scratch_folder() as one, scratch_folder() as two:
        assert {one, two} == set(place.iterdir())
        assert one.stat().st_mode & 0o077 == 0 or os.name != "posix"
        (one / "file").write_text("content")
    assert list(place.iterdir()) == []


@needs_boot
def test_who_comes_next_removes_what_a_kill_left_and_nothing_that_is_in_use(place: Path) -> None:
    with Holding(place) as one, Holding(place) as other:
        another_comes(place)
        assert {one.folder, other.folder} == set(place.iterdir())
        one.kill()
        assert (one.folder / "within" / "file").exists()
        another_comes(place)
        assert {other.folder} == set(place.iterdir())
        assert (other.folder / "within" / "file").exists()


@needs_boot
def test_many_that_come_at_once_after_a_kill_keep_their_own(place: Path) -> None:
    with Holding(place) as first:
        pass
    with ExitStack() as stack:
        several = [stack.enter_context(Holding(place)) for _ in range(4)]
        assert {one.folder for one in several} == set(place.iterdir())
    assert first.folder not in {one.folder for one in several}


@needs_boot
def test_a_fork_that_ends_removes_nothing(place: Path) -> None:
    with Holding(place, "fork", "ends") as holding:
        holding.said()
        assert holding.said() == "ended"
        assert (holding.folder / "within" / "file").exists()
        another_comes(place)
        assert holding.folder.exists()


@needs_boot
def test_what_a_fork_may_still_use_stays(place: Path) -> None:
    with Holding(place, "fork") as holding:
        fork = int(holding.said())
        try:
            holding.kill()
            another_comes(place)
            assert holding.folder.exists()
        finally:
            os.kill(fork, signal.SIGKILL)
        lock = locked(holding.folder)  # when the fork has ended
        assert lock is not None
        os.close(lock)
        another_comes(place)
    assert list(place.iterdir()) == []


def test_a_generator_that_nobody_ends_leaves_nothing(place: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ENDS_BESIDE],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"TMPDIR": str(place)},
    )
    assert Path(done.stdout.strip()).parent == place
    assert list(place.iterdir()) == []


@needs_boot
def test_nothing_is_removed_that_is_not_certainly_left_behind(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = place / "outside"
    outside.mkdir()
    (outside / "file").write_text("content")
    marked(place, "link").symlink_to(outside)
    marked(place, "file").write_text("content")
    for name in ("genlabel_robust-abcdefgh", f"genlabel_robust-{'0' * 12}-abcdefgh", "pymp-abc"):
        (place / name).mkdir()
    before = set(place.iterdir())
    scratch._sweep(place)
    assert set(place.iterdir()) == before
    assert (outside / "file").exists()
    others = marked(place, "of-another-user")
    others.mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    scratch._sweep.cache_clear()
    scratch._sweep(place)
    assert others.exists()
    monkeypatch.undo()
    scratch._sweep.cache_clear()
    scratch._sweep(place)
    assert not others.exists()


@needs_boot
def test_another_kernel_or_file_system_has_another_mark(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = scratch._mark(place)
    assert scratch._mark(Path("/proc")) != own
    scratch._mark.cache_clear()
    monkeypatch.setattr(scratch, "boot", lambda: "another")
    assert scratch._mark(place) != own
    scratch._mark.cache_clear()


@pytest.mark.parametrize("lacking", ["boot", "locked"])
def test_where_nothing_can_be_known_nothing_is_swept(
    place: Path, monkeypatch: pytest.MonkeyPatch, lacking: str
) -> None:
    scratch._mark.cache_clear()
    left = marked(place, "left")
    left.mkdir()
    scratch._mark.cache_clear()
    monkeypatch.setattr(scratch, lacking, lambda *_, **__: None)
    with scratch_folder() as folder:
        assert set(place.iterdir()) == {left, folder}
        # whoever can lock later does not take it for left behind
        assert not folder.name.startswith(left.name.removesuffix("left"))
    assert list(place.iterdir()) == [left]
    scratch._mark.cache_clear()


@needs_boot
@pytest.mark.parametrize("moment", ["before it is opened", "before it is locked"])
def test_a_folder_that_is_swept_before_it_is_locked_is_made_again(
    place: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    swept: list[Path] = []

    def late(folder: Path, *, wait: bool = True) -> int | None:
        if swept:
            return locked(folder, wait=wait)
        swept.append(folder)
        if moment == "before it is opened":
            shutil.rmtree(folder)
        lock = locked(folder, wait=wait)
        shutil.rmtree(folder)
        return lock

    monkeypatch.setattr(scratch, "locked", late)
    with scratch_folder() as folder:
        assert swept != [folder]
        assert folder.is_dir()
    assert list(place.iterdir()) == []
