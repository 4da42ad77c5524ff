from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from genlabel_robust.core.errors import InputError
from genlabel_robust.core.files import npz
from genlabel_robust.core.files.npz import read_npz

ARRAYS = {
    "ids": np.arange(5),
    "x": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "mask": np.array([True, False]),
    "none": np.zeros((0, 4)),
    "one": np.array(3.5),
    "swapped": np.arange(3, dtype=">i8"),
}


def saved(**arrays: Any) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def zipped(name: str, data: bytes, **entry: Any) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr(name, data, **entry)
    return buffer.getvalue()


def claiming(rows: int) -> bytes:
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        head, {"descr": "<i8", "fortran_order": False, "shape": (rows,)}
    )
    return zipped("ids.npy", head.getvalue() + bytes(80))


def flagged() -> bytes:
    content = bytearray(saved(ids=np.arange(5)))
    at = content.rindex(b"PK\x01\x02")
    content[at + 8] |= 1
    return bytes(content)


def flipped() -> bytes:
    content = bytearray(saved(ids=np.arange(500)))
    content[len(content) // 2] ^= 255
    return bytes(content)


def test_arrays_are_read_as_numpy_reads_them() -> None:
    found = read_npz(saved(**ARRAYS), "c.npz")
    assert set(found) == set(ARRAYS)
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == array.dtype.newbyteorder("=")


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: b"", "is not a file of arrays, or is damaged"),
        (lambda: b"PK", "is not a file of arrays, or is damaged"),
        (lambda: b"PK\x03\x04garbage", "is not a file of arrays, or is damaged"),
        (lambda: saved(ids=np.arange(5))[:-9], "is not a file of arrays, or is damaged"),
        (flipped, "is not a file of arrays, or is damaged"),
        (flagged, "is encrypted, so it cannot be read"),
        (lambda: zipped("a.npy", b"x", compress_type=zipfile.ZIP_LZMA), "is packed with method 14"),
        (lambda: claiming(4 * 10**11), "is of shape (400000000000,), and the file holds 80 bytes"),
        (lambda: claiming(-1), "is of shape (-1,)"),
        (lambda: saved(a=np.array(["x"])), "is of type <U1; it must be of numbers"),
        (lambda: zipped("a.npy", b"no array"), "damaged"),
        (lambda: zipped("../a.npy", b""), "holds the name '../a.npy'"),
    ],
)
def test_what_is_no_file_of_arrays_is_refused(make: Callable[[], bytes], told: str) -> None:
    with pytest.raises(InputError) as caught:
        read_npz(make(), "c.npz")
    assert str(caught.value).startswith("c.npz")
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_objects_are_not_unpickled() -> None:
    content = saved(a=np.array([print], dtype=object))
    with pytest.raises(InputError, match="is of type object"):
        read_npz(content, "c.npz")


def test_what_takes_more_memory_than_allowed_is_refused_by_its_header(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = saved(a=np.zeros(10**6))
    assert len(content) < 10**5
    monkeypatch.setattr(npz, "_MOST_BYTES", 10**6)
    with pytest.raises(InputError, match="would unpack to more than"):
        read_npz(content, "c.npz")
