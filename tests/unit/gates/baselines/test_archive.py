from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest

from genlabel_robust.core.errors import OutputError
from genlabel_robust.core.files import archives
from genlabel_robust.gates.baselines.archive import read_archive, write_archive

CONTENT = {"b.json": b"{}", "cells/a.npz": bytes(range(256)) * 40}


def files(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


def test_a_folder_and_a_zip_hold_the_same(tmp_path: Path) -> None:
    write_archive(tmp_path / "as-folder", CONTENT)
    write_archive(tmp_path / "as.zip", CONTENT)
    read_archive(tmp_path / "as.zip", tmp_path / "unpacked")
    assert files(tmp_path / "unpacked") == files(tmp_path / "as-folder") == CONTENT


def test_the_same_content_in_another_order_gives_the_same_bytes(tmp_path: Path) -> None:
    write_archive(tmp_path / "one.zip", CONTENT)
    write_archive(tmp_path / "two.ZIP", dict(reversed(CONTENT.items())))
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.ZIP").read_bytes()


@pytest.mark.parametrize("name", ["base", "base.zip"])
def test_what_stood_there_is_replaced_and_nothing_is_left(tmp_path: Path, name: str) -> None:
    out = tmp_path / "deep" / name
    write_archive(out, {"old": b"1", **CONTENT})
    write_archive(out, CONTENT)
    assert [p.name for p in out.parent.iterdir()] == [name]
    if out.is_dir():
        assert files(out) == CONTENT


def test_a_zip_of_another_name_and_a_folder_named_zip_stay_what_they_are(tmp_path: Path) -> None:
    write_archive(tmp_path / "x.zip", CONTENT)
    file = (tmp_path / "x.zip").rename(tmp_path / "baseline")
    write_archive(file, {"new": b"1"})
    read_archive(file, tmp_path / "unpacked")
    assert files(tmp_path / "unpacked") == {"new": b"1"}
    folder = tmp_path / "folder.zip"
    folder.mkdir()
    write_archive(folder, CONTENT)
    assert files(folder) == CONTENT
    assert sorted(p.name for p in tmp_path.iterdir()) == ["baseline", "folder.zip", "unpacked"]


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="make its folder writable, or choose another"):
        write_archive(tmp_path / "file" / "base.zip", CONTENT)


@pytest.mark.parametrize("name", ["../evil", "/evil", "a/../../evil", ".."])
def test_names_that_lead_out_are_refused_and_write_nothing(tmp_path: Path, name: str) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr(zipfile.ZipInfo(name), b"evil")
    inside = tmp_path / "inside"
    inside.mkdir()
    with pytest.raises(OutputError, match=r"x\.zip"):
        read_archive(path, inside)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["inside", "x.zip"]


def test_a_link_is_unpacked_as_a_file_and_leads_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    entry = zipfile.ZipInfo("cells")
    entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as made:
        made.writestr(entry, str(tmp_path / "outside"))
        made.writestr("cells/evil", b"evil")
    (tmp_path / "outside").mkdir()
    inside = tmp_path / "inside"
    inside.mkdir()
    with pytest.raises(OutputError):
        read_archive(path, inside)
    assert not (inside / "cells").is_symlink()
    assert not any((tmp_path / "outside").iterdir())


def test_what_announces_too_much_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.zip"
    write_archive(path, {"a": bytes(1000), "b": bytes(1000)})
    for limit, most in (("_MOST_BYTES", 1999), ("_MOST_FILES", 1)):
        with monkeypatch.context() as patch:
            patch.setattr(archives, limit, most)
            with pytest.raises(OutputError, match="would unpack to more than"):
                read_archive(path, tmp_path / "inside")
    assert not (tmp_path / "inside").exists()
    read_archive(path, tmp_path / "inside")


def test_what_lies_about_its_size_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    write_archive(path, {"a": bytes(5_000_000)})
    content = path.read_bytes()
    size = (5_000_000).to_bytes(4, "little")
    assert content.count(size) == 2
    path.write_bytes(content.replace(size, (10).to_bytes(4, "little")))
    (tmp_path / "inside").mkdir()
    with pytest.raises(OutputError, match="damaged"):
        read_archive(path, tmp_path / "inside")
    assert sum(map(len, files(tmp_path / "inside").values())) <= 10


def test_an_archive_cut_anywhere_is_damaged(tmp_path: Path) -> None:
    whole = tmp_path / "whole.zip"
    write_archive(whole, CONTENT)
    content, path = whole.read_bytes(), tmp_path / "cut.zip"
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(OutputError, match=r"cut\.zip is not a baseline, or is damaged"):
            read_archive(path, tmp_path / "inside")


def test_a_changed_byte_raises_one_error_or_leaves_every_file_as_it_was(tmp_path: Path) -> None:
    """Whatever zipfile raises inside; a changed name or a missing file is for the checksums."""
    whole = tmp_path / "whole.zip"
    write_archive(whole, CONTENT)
    content, path = whole.read_bytes(), tmp_path / "changed.zip"
    damaged = 0
    for place in range(len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :])
        inside = tmp_path / f"inside-{place}"
        inside.mkdir()
        try:
            read_archive(path, inside)
        except OutputError:
            damaged += 1
        else:
            assert set(files(inside).values()) <= set(CONTENT.values())
    assert damaged > len(content) / 3


def test_what_the_checksums_do_not_name_is_refused_before_anything_is_unpacked(
    tmp_path: Path,
) -> None:
    path = tmp_path / "x.zip"
    sums = f"{'0' * 64}  b.json\n".encode()
    write_archive(path, {"b.json": b"{}", "models/b": bytes(10**6), "SHA256SUMS": sums})
    with pytest.raises(OutputError, match="SHA256SUMS does not name models/b"):
        read_archive(path, tmp_path / "inside", sums=True)
    assert not (tmp_path / "inside").exists()
    write_archive(path, {"b.json": b"{}"})
    with pytest.raises(OutputError, match="it has no SHA256SUMS"):
        read_archive(path, tmp_path / "inside", sums=True)


def test_a_name_that_would_be_a_command_of_ci_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    write_archive(path, {"models/\n::error file=x::pwn": b""})
    with pytest.raises(OutputError, match=r"holds the name 'models/\\n::error file=x::pwn'"):
        read_archive(path, tmp_path / "inside")
