"""A folder is written atomically: a kill leaves either the old one or the new one."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from genlabel_robust.core.files.leftovers import boot
from genlabel_robust.core.files.whole_folder import write_folder

OLD, NEW = {"file": b"old"}, {"file": b"new", "deep/er": b"new"}

#: Writes the folder, and kills itself at the given change of a name.
KILLED = """
import os, pathlib, signal, sys
from genlabel_robust.core.files.whole_folder import write_folder

count, rename = 0, pathlib.Path.rename

def fatal(*paths):
    global count
    count += 1
    if count == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
    return rename(*paths)

pathlib.Path.rename = fatal
write_folder(pathlib.Path(sys.argv[1]), {"file": b"new"})
"""
NEXT = """
import pathlib, sys
from genlabel_robust.core.files.writing import write_bytes

write_bytes(pathlib.Path(sys.argv[1]), b"")
"""


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_folder_takes_the_place_of_what_was_there(tmp_path: Path) -> None:
    for contents in (OLD, NEW):
        write_folder(tmp_path / "out", contents)
        assert files(tmp_path) == {f"out/{name}": data for name, data in contents.items()}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("at", [1, 2])
def test_a_name_that_cannot_be_changed_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    write_folder(tmp_path / "out", OLD)
    count, rename = 0, Path.rename

    def fail(path: Path, target: Path) -> Path:
        nonlocal count
        count += 1
        if count == at:
            raise OSError("no")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(OSError, match="no"):
        write_folder(tmp_path / "out", NEW)
    assert files(tmp_path) == {"out/file": b"old"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.skipif(boot() is None, reason="needs the name of the boot")
@pytest.mark.parametrize("at", [1, 2])
def test_after_a_kill_the_next_that_writes_there_has_the_old_folder(
    tmp_path: Path, at: int
) -> None:
    out = tmp_path / "out"
    write_folder(out, OLD)
    done = subprocess.run([sys.executable, "-c", KILLED, str(out), str(at)])
    assert done.returncode == -signal.SIGKILL
    assert out.exists() is (at == 1)
    assert len(list(tmp_path.glob(".writing-*"))) == 1
    subprocess.run([sys.executable, "-c", NEXT, str(tmp_path / "other")], check=True)
    assert files(tmp_path) == {"out/file": b"old", "other": b""}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "out"]
