from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genlabel_robust.core.errors import DataError, UnknownNameError
from genlabel_robust.data.load import load_table
from genlabel_robust.data.sources import files
from genlabel_robust.data.sources.files import is_file_spec, read_frame, read_spec

Csv = Callable[..., str]
GOOD = "a,b,t\n1,2.5,x\n3,4.5,x\n5,6.5,y\n7,8.5,y\n"


def test_a_csv_is_read_and_named_without_its_directory(csv: Csv) -> None:
    table = load_table(csv(GOOD) + "#t")
    assert table.name == "table.csv#t"
    assert table.feature_names == ("a", "b")
    assert table.classes == ("x", "y")
    np.testing.assert_array_equal(table.x, [[1, 2.5], [3, 4.5], [5, 6.5], [7, 8.5]])


def test_a_parquet_file_gives_the_same_table_as_its_csv(csv: Csv, tmp_path: Path) -> None:
    path = csv(GOOD)
    pd.read_csv(path).to_parquet(tmp_path / "table.parquet")
    from_csv, from_parquet = load_table(f"{path}#t"), load_table(f"{tmp_path}/table.parquet#t")
    np.testing.assert_array_equal(from_csv.x, from_parquet.x)
    assert from_csv.classes == from_parquet.classes
    assert from_parquet.name == "table.parquet#t"


@pytest.mark.parametrize("text", ["\ufeff" + GOOD, GOOD.replace("\n", "\r\n"), "\n" + GOOD])
def test_byte_order_marks_line_ends_and_blank_lines_do_not_matter(csv: Csv, text: str) -> None:
    assert load_table(csv(text) + "#t").feature_names == ("a", "b")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty; it needs a header row"),
        ("\n\n", "is empty; it needs a header row"),
        ("a,b,t\n", "the table has no rows"),
        ("a,b,t\n1,2,x\n1,2,3,y\n", "not well-formed CSV: .*Expected 3 fields in line 3, saw 4"),
        ("a,b,t\n1,2,x,9\n3,4,y,9\n", "not well-formed CSV: .*Length of header"),
        ('a,b,t\n"1,2,x\n', "not well-formed CSV: .*EOF inside string"),
        (b"a,b,t\n1,2,caf\xe9\n", "not well-formed CSV: 'utf-8' codec can't decode"),
        (b"\x89PNG\r\n\x00\x01\x02", "is not text, so not CSV"),
        ("a;b;t\n1;2;x\n", "is separated by semicolons; save it with commas"),
        ("a\tb\tt\n1\t2\tx\n", "is separated by tabs; save it with commas"),
        ("a,a,t\n1,2,x\n", "more than one column is named 'a'"),
        ("a,b,t\n1,2,x\n1,2\n", "target column 't' has no label in 1 row"),
        ("a,b,t\n1,inf,x\n1,2,y\n", r"infinite values in 'b' \(1 row\)"),
    ],
)
def test_a_file_that_is_no_table_is_one_sentence(csv: Csv, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        load_table(csv(text) + "#t")
    assert "\n" not in str(caught.value)


def test_garbage_in_a_parquet_file_is_one_sentence(csv: Csv) -> None:
    with pytest.raises(DataError, match="is not readable Parquet"):
        load_table(csv(b"\x00garbage" * 20, "a.parquet") + "#t")


def test_parquet_without_pyarrow_says_what_to_install(
    csv: Csv, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(DataError, match=r"pip install 'genlabel-robust\[parquet\]'"):
        load_table(csv(b"PAR1", "a.parquet") + "#t")


def test_a_missing_file_and_a_directory_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no file"):
        load_table(f"{tmp_path}/none.csv#t")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(DataError, match=r"is a directory; name a \.csv or"):
        load_table(f"{tmp_path}/folder.csv#t")


#: Reads what would be waited for, or never end, in a process of its own of bounded memory.
_ODD = """
import resource, sys
from pathlib import Path
from genlabel_robust.core.errors import DataError
from genlabel_robust.data.sources.files import read_frame
resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
for name in sys.argv[1:]:
    try:
        read_frame(Path(name))
    except DataError as error:
        print(error)
"""


def test_a_pipe_or_a_device_is_not_read(tmp_path: Path) -> None:
    paths = []
    for ending in ("csv", "parquet"):
        paths += [tmp_path / f"pipe.{ending}", tmp_path / f"zero.{ending}"]
        os.mkfifo(paths[-2])
        paths[-1].symlink_to("/dev/zero")
    done = subprocess.run(
        [sys.executable, "-c", _ODD, *map(str, paths)], capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    told = "is a pipe or a device, not a file; write its content to a file first"
    assert done.stdout.splitlines() == [f"{str(path)!r} {told}" for path in paths]


@pytest.mark.parametrize("spec", ["a.csv", "a.csv#", "dir/a.parquet"])
def test_a_file_without_a_target_says_how_to_name_it(spec: str) -> None:
    with pytest.raises(DataError, match=r"name it after a '#': .*(csv|parquet)#TARGET"):
        load_table(spec)


@pytest.mark.parametrize("spec", ["a.tsv#t", "dir/a#t", "iris#t", "a.xlsx"])
def test_other_kinds_of_file_say_what_is_allowed(spec: str) -> None:
    with pytest.raises(DataError, match=r"give path.csv#TARGET or path.parquet#TARGET"):
        load_table(spec)


def test_a_wrong_target_names_the_nearest_column(csv: Csv) -> None:
    with pytest.raises(UnknownNameError, match="no target column 'tt'; did you mean 't'"):
        load_table(csv(GOOD) + "#tt")


def test_a_target_may_hold_a_hash_and_an_ending_may_be_in_capitals(csv: Csv) -> None:
    path = csv(GOOD.replace(",t\n", ",no#1\n"), "T.CSV")
    assert load_table(path + "#no#1").classes == ("x", "y")


def test_a_nameless_column_is_pointed_out(csv: Csv) -> None:
    table = load_table(csv(",a,t\n0,1,x\n1,2,x\n2,3,y\n3,4,y\n") + "#t")
    assert "Column 'Unnamed: 0' has no name in the header" in table.notices[0]


def test_registered_names_are_not_taken_for_files() -> None:
    assert not is_file_spec("breast-cancer")
    assert is_file_spec("./breast-cancer")


FLOATS = st.floats(-1e99, 1e99)


@given(rows=st.lists(st.tuples(FLOATS, FLOATS, st.sampled_from("pq")), min_size=1, max_size=20))
@settings(max_examples=50, deadline=None)
def test_every_float_survives_the_way_through_a_csv(rows: list[tuple[float, float, str]]) -> None:
    text = "a,b,t\n" + "".join(f"{a!r},{b!r},{t}\n" for a, b, t in rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_text(text)
        frame = read_spec(f"{path}#t").frame
    np.testing.assert_array_equal(frame[["a", "b"]].to_numpy(), [row[:2] for row in rows])


@given(content=st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_no_bytes_whatever_give_another_error_than_the_packages_own(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_bytes(content)
        with pytest.raises((DataError, UnknownNameError)):
            load_table(f"{path}#a target that no random file has")


@pytest.mark.parametrize("name", ["large.csv", "large.parquet"])
def test_a_file_too_large_is_refused_before_it_is_read(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / name
    with path.open("wb") as file:
        file.truncate(2 * 10**9)  # sparse: it takes no room
    monkeypatch.setattr(Path, "open", lambda *_: pytest.fail("it was opened"))
    for reader in ("read_csv", "read_parquet"):
        monkeypatch.setattr(pd, reader, lambda *_, **__: pytest.fail("it was read"))
    told = "has 2.0 GB, but a file may have at most 1 GB; give a sample of its rows"
    with pytest.raises(DataError, match=told) as error:
        read_frame(path)
    assert str(path) in str(error.value)


def test_lists_in_the_cells_of_parquet_are_refused_and_the_columns_named(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pd.DataFrame({"u": [1, 2], "t": [["a"], ["b"]]}).to_parquet(path)
    with pytest.raises(DataError, match="has lists or tables in the cells of 't'"):
        load_table(f"{path}#t")


@pytest.mark.parametrize("about", [b"{}", b"[]", b"not json", b'{"index_columns": ["gone"]}'])
def test_damaged_metadata_of_pandas_in_parquet_is_one_sentence(
    about: bytes, tmp_path: Path
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = tmp_path / "a.parquet"
    table = pa.table({"u": [1, 2], "t": ["a", "b"]})
    pq.write_table(table.replace_schema_metadata({b"pandas": about}), path)
    with pytest.raises(DataError, match=r"a\.parquet' is not readable Parquet: "):
        read_frame(path)


def test_a_parquet_file_of_few_bytes_and_many_cells_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.parquet"
    pd.DataFrame({"u": np.zeros(5000), "t": ["a"] * 5000}).to_parquet(path)
    monkeypatch.setattr(files, "MOST_CELLS", 9999)
    with pytest.raises(
        DataError, match="has 5,000 rows and 2 columns, but a table may have at most"
    ):
        read_frame(path)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_table_of_too_many_columns_is_refused_by_its_header(
    ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"a.{ending}"
    frame = pd.DataFrame(np.zeros((2, 30)), columns=[f"c{i}" for i in range(30)])
    frame.to_csv(path, index=False) if ending == "csv" else frame.to_parquet(path)
    assert files.columns_of(path) == 30
    monkeypatch.setattr(files, "MOST_COLUMNS", 29)
    with pytest.raises(DataError, match="has 30 columns, but a table may have at most 29"):
        read_frame(path)
