from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from genlabel_robust.core.files.exclusive import exclusive, locked

ADD = """
import sys
from pathlib import Path
from genlabel_robust.core.files.exclusive import exclusive
count = Path(sys.argv[1]) / "count"
for _ in range(200):
    with exclusive(count.parent):
        known = int(count.read_text())
        count.write_text(str(known + 1))
"""


@pytest.mark.skipif(os.name != "posix", reason="folders can be locked on POSIX alone")
def test_no_addition_of_two_processes_is_lost(tmp_path: Path) -> None:
    (tmp_path / "count").write_text("0")
    adding = [subprocess.Popen([sys.executable, "-c", ADD, tmp_path]) for _ in range(2)]
    assert [process.wait() for process in adding] == [0, 0]
    assert (tmp_path / "count").read_text() == "400"
    assert [path.name for path in tmp_path.iterdir()] == ["count"]


def test_the_folder_is_made_and_free_again_afterwards(tmp_path: Path) -> None:
    for _ in range(2):
        with exclusive(tmp_path / "new" / "folder"):
            assert (tmp_path / "new" / "folder").is_dir()


def test_what_is_no_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"), exclusive(tmp_path / "file"):
        pass


@pytest.mark.skipif(os.name != "posix", reason="folders can be locked on POSIX alone")
def test_who_does_not_wait_is_told_that_another_has_the_lock(tmp_path: Path) -> None:
    lock = locked(tmp_path)
    assert lock is not None
    assert locked(tmp_path, wait=False) is None
    os.close(lock)
    lock = locked(tmp_path, wait=False)
    assert lock is not None
    os.close(lock)
