from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import numpy as np
import pytest

from genlabel_robust.core.errors import ConfigurationError, DataError
from genlabel_robust.data.load import load_table
from genlabel_robust.data.sources import openml
from genlabel_robust.data.table import make_table

from .openml_server import OpenMLServer

FILE = "a,row,target\n1,7,0\n2,8,0\n3,9,1\n4,6,1\n"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenMLServer]:
    """Make scikit-learn's own downloader use a server on this machine."""
    import sklearn.datasets._openml as fetch

    running = OpenMLServer()
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    for name in ("_DATA_INFO", "_DATA_FEATURES", "_DATA_QUALITIES"):
        # hosts differ between versions of scikit-learn
        monkeypatch.setattr(fetch, name, running.url + urlsplit(getattr(fetch, name)).path)
    monkeypatch.setattr(fetch, "time", SimpleNamespace(sleep=lambda _: None))
    yield running
    running.stop()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "copies"
    path.mkdir()
    (path / "61_crabs.csv").write_text(FILE)
    monkeypatch.setenv(openml.FOLDER_VARIABLE, str(path))
    return path


def test_a_downloaded_set_has_its_numbers_and_the_levels_of_what_is_nominal(
    server: OpenMLServer,
) -> None:
    table = load_table("openml:61")
    assert table.name == "openml:61"
    assert table.feature_names == ("FL", "sex=Female", "sex=Male", "count")
    assert table.classes == ("Blue", "Orange")
    np.testing.assert_array_equal(table.x[:, 0], [8.1, 8.8, 9.2, 9.6, 10.1, 10.8])
    assert table.y.tolist() == [0, 0, 0, 1, 1, 1]
    assert table.notices == ()


def test_a_second_load_needs_no_network(server: OpenMLServer) -> None:
    first = load_table("openml:61")
    assert len(server.requests) >= 4
    server.stop()
    second = load_table("openml:61")
    assert first.x.tobytes() == second.x.tobytes()
    assert list(openml.cache_folder().rglob("*.gz"))


def test_what_openml_warns_about_is_a_notice(server: OpenMLServer) -> None:
    server.description = {"status": "deactivated", "warning": "duplicated rows"}
    notices = load_table("openml:61").notices
    assert any(
        n.startswith("OpenML on openml:61: Version 1 of dataset crabs is in") for n in notices
    )
    assert any("duplicated rows" in n for n in notices)


@pytest.mark.parametrize("status", [None, 404])
def test_an_unknown_id_is_told_so(server: OpenMLServer, status: int | None) -> None:
    server.status = status
    with pytest.raises(DataError, match="openml:62: OpenML has no data set with this id"):
        load_table("openml:62")


def test_a_failing_server_is_named_by_its_code(server: OpenMLServer) -> None:
    server.status = 503
    with pytest.raises(DataError, match="OpenML answered with HTTP error 503; try later"):
        load_table("openml:61")


def test_no_network_says_what_to_do(server: OpenMLServer) -> None:
    server.stop()
    with pytest.raises(
        DataError, match=r"cannot be reached \(.*\); connect .* once, or set GENLABEL"
    ):
        load_table("openml:61")


@pytest.mark.parametrize(
    ("description", "message"),
    [
        ({"md5_checksum": "0" * 32}, "cannot be used as a table: .*md5 checksum"),
        ({"format": "Sparse_ARFF"}, "cannot be used as a table: Sparse ARFF"),
    ],
)
def test_a_set_that_is_no_table_is_refused(
    server: OpenMLServer, description: dict[str, str], message: str
) -> None:
    server.description = description
    with pytest.raises(DataError, match=message):
        load_table("openml:61")


@pytest.mark.parametrize("targets", [(), ("species", "sex")])
def test_a_set_without_one_target_is_refused(
    server: OpenMLServer, targets: tuple[str, ...]
) -> None:
    server.targets = targets
    with pytest.raises(DataError, match=f"OpenML names {len(targets)} target columns"):
        load_table("openml:61")


def test_a_cache_that_is_no_folder_is_told_so(server: OpenMLServer) -> None:
    openml.cache_folder().parent.mkdir(parents=True)
    openml.cache_folder().write_text("in the way")
    with pytest.raises(DataError, match=r"the cache folder .* cannot be used"):
        load_table("openml:61")


@pytest.mark.parametrize("spec", ["openml:abc", "openml:", "openml:-3", "openml:0", "openml:1.5"])
def test_an_id_that_is_no_number_is_refused(spec: str) -> None:
    with pytest.raises(DataError, match="the id is a whole number, such as openml:1413"):
        load_table(spec)


def test_the_folder_comes_before_the_network(folder: Path, server: OpenMLServer) -> None:
    table = load_table("openml:61")
    assert table.feature_names == ("a", "row")
    assert table.classes == ("0", "1")
    assert server.requests == []


def test_a_set_that_the_folder_lacks_is_fetched(folder: Path, server: OpenMLServer) -> None:
    (folder / "61_crabs.csv").rename(folder / "610_other.csv")
    assert "FL" in load_table("openml:61").feature_names


def test_columns_listed_as_nominal_are_categories(folder: Path) -> None:
    (folder / "nominal.csv").write_text("openml_id,column\n61,row\n62,a\n61,gone\n")
    table = load_table("openml:61", keep=("row",))
    assert table.feature_names[:2] == ("a", "row=6")


def test_for_the_papers_tables_columns_listed_as_nominal_are_dropped(folder: Path) -> None:
    (folder / "nominal.csv").write_text("openml_id,column\n61,row\n62,a\n61,gone\n")
    table = make_table(openml.read_openml("openml:61"), numbers_only=True)
    assert table.feature_names == ("a",)
    assert "Dropped 1 nominal column (listed in nominal.csv): 'row'" in table.notices[0]


def test_a_list_of_nominal_columns_without_its_header_is_refused(folder: Path) -> None:
    (folder / "nominal.csv").write_text("61,row\n")
    with pytest.raises(ConfigurationError, match="it needs openml_id and column"):
        load_table("openml:61")


def test_two_files_of_one_id_are_refused(folder: Path) -> None:
    (folder / "61_again.csv").write_text(FILE)
    with pytest.raises(ConfigurationError, match=r"holds '61_again\.csv', '61_crabs\.csv'; keep"):
        load_table("openml:61")


def test_a_folder_that_does_not_exist_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(openml.FOLDER_VARIABLE, str(tmp_path / "none"))
    with pytest.raises(ConfigurationError, match=r"OPENML_DIR is .*not a directory"):
        load_table("openml:61")


@pytest.mark.parametrize(
    ("number", "shape", "dropped"),
    [(446, (200, 6), "sex"), (1498, (462, 8), "V5"), (1413, (150, 4), None)],
)
def test_numbers_of_real_copies_have_their_published_shape(
    real_folder: Path, number: int, shape: tuple[int, int], dropped: str | None
) -> None:
    table = make_table(openml.read_openml(f"openml:{number}"), numbers_only=True)
    assert table.x.shape == shape
    assert len(table.notices) == (dropped is not None)
    assert all(repr(dropped) in notice for notice in table.notices)
