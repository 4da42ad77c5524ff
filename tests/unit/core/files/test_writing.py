from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from genlabel_robust.core.files import writing as files
from genlabel_robust.core.files.leftovers import boot


def test_written_bytes_are_read_back(tmp_path: Path) -> None:
    files.write_bytes(tmp_path / "a.bin", b"\0\1\2")
    files.write_text(tmp_path / "a.txt", "ε = 0.1\n")
    assert (tmp_path / "a.bin").read_bytes() == b"\0\1\2"
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "ε = 0.1\n"


@pytest.mark.parametrize("stage", ["fsync", "replace"])
@pytest.mark.parametrize("failure", [OSError("disk full"), KeyboardInterrupt()])
def test_a_failing_write_leaves_the_old_content_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str, failure: BaseException
) -> None:
    path = tmp_path / "cell.json"
    files.write_bytes(path, b"old")

    def fail(*_: object) -> None:
        raise failure

    with monkeypatch.context() as patch:
        patch.setattr(files.os, stage, fail)
        with pytest.raises(type(failure)):
            files.write_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


#: Writes half of a file, says so, and waits until it is killed.
HALF = """
import sys
from pathlib import Path
from genlabel_robust.core.files.writing import write_by

def half(file):
    file.write(b"half")
    file.flush()
    print("half", flush=True)
    sys.stdin.read()

write_by(Path(sys.argv[1]), half)
"""
#: Writes two files.
WHOLE = """
import sys
from pathlib import Path
from genlabel_robust.core.files.writing import write_bytes, write_new

write_bytes(Path(sys.argv[1], "one"), b"1")
write_new(Path(sys.argv[1], "two"), b"2")
"""


@pytest.mark.skipif(boot() is None, reason="needs the name of the boot")
def test_what_a_killed_write_leaves_goes_with_the_next_and_what_is_being_written_stays(
    tmp_path: Path,
) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", HALF, tmp_path / name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for name in ("killed", "goes-on")
    ]
    killed, goes_on = writers
    for process in writers:
        assert process.stdout is not None
        assert process.stdout.readline() == b"half\n"
    assert len(list(tmp_path.iterdir())) == 2
    killed.kill()
    killed.communicate()
    subprocess.run([sys.executable, "-c", WHOLE, tmp_path], check=True)
    (left,) = tmp_path.glob(".*")
    assert f"-{goes_on.pid}-" in left.name
    goes_on.communicate()
    assert goes_on.returncode == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["goes-on", "one", "two"]
    assert (tmp_path / "goes-on").read_bytes() == b"half"


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_a_written_file_can_be_read_by_others(tmp_path: Path) -> None:
    files.write_bytes(tmp_path / "a", b"")
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o644


def test_json_has_sorted_keys_and_keeps_signs() -> None:
    assert files.json_text({"b": 1, "a": "ε"}) == '{\n "a": "ε",\n "b": 1\n}\n'


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_json_refuses_what_json_does_not_have(value: float) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        files.json_text({"value": value})


def test_a_digest_ignores_the_order_of_keys_and_sees_values() -> None:
    assert files.digest({"a": 1, "b": 2}) == files.digest({"b": 2, "a": 1})
    assert files.digest({"a": 1}) != files.digest({"a": 2})
    assert files.sha256(b"").startswith("e3b0c44298fc1c14")
