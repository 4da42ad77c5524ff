from __future__ import annotations

import os
from pathlib import Path

import pytest

from genlabel_robust.core.errors import DataError, InputError
from genlabel_robust.core.files.opening import file_bytes, file_sha256, file_text


def odd(folder: Path, kind: str) -> Path:
    """Create something that is not a regular file, at a path with an ordinary name."""
    path = folder / "results.json"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "folder":
        path.mkdir()
    return path


@pytest.mark.skipif(os.name != "posix", reason="pipes and devices have names on POSIX")
@pytest.mark.parametrize("read", [file_bytes, file_text, file_sha256])
@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("pipe", "is a pipe or a device, not a file"),
        ("device", "is a pipe or a device, not a file"),
        ("folder", "cannot be read: Is a directory"),
        ("nothing", "cannot be read: No such file"),
    ],
)
def test_only_a_regular_file_is_read(read: object, kind: str, told: str, tmp_path: Path) -> None:
    assert callable(read)
    with pytest.raises(InputError, match=rf"results\.json {told}"):
        read(odd(tmp_path, kind))


def test_a_file_beyond_its_limit_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(bytes(11))
    assert file_bytes(path, most=11) == bytes(11)
    with pytest.raises(DataError, match=r"mine has 11 bytes; at most 10 bytes are allowed"):
        file_bytes(path, most=10, name="mine", error=DataError)


def test_a_name_with_a_null_character_and_a_text_that_is_none_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not the name of a file"):
        file_bytes(Path("a\0b"))
    (tmp_path / "latin").write_bytes(b"caf\xe9")
    with pytest.raises(InputError, match=r"latin is not UTF-8 text \(byte 3\)"):
        file_text(tmp_path / "latin")
