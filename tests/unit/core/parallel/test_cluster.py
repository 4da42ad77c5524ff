"""Calls on real workers that differ from this host, join late, or are lost with their data."""

from __future__ import annotations

import pickle
from asyncio import CancelledError
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("distributed")

from genlabel_robust.core import UnfinishedRunError, UsageError
from genlabel_robust.core.parallel import as_completed, as_completed_with, on_cluster, workers
from genlabel_robust.core.parallel.cluster import Cluster
from tests.cli.dask_cluster import DaskCluster, dask_cluster


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    """A cluster of one worker; a test that removes it must add another."""
    with dask_cluster(tmp_path_factory.mktemp("dask"), workers=1) as running:
        yield running


def replaced(cluster: DaskCluster, environ: dict[str, str] | None = None) -> None:
    lost = cluster.workers.pop()
    lost.kill()
    lost.wait()
    cluster.add_worker(environ)


def with_other_numpy(folder: Path) -> dict[str, str]:
    """Return environment variables for a worker that reports numpy 1.0."""
    import os

    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "import importlib.metadata as metadata\n"
        "real = metadata.version\n"
        "metadata.version = lambda name: '1.0' if name == 'numpy' else real(name)\n",
        encoding="utf-8",
    )
    return {"PYTHONPATH": os.pathsep.join((str(folder), os.environ.get("PYTHONPATH", "")))}


def test_calls_share_data_and_what_is_not_wanted_is_left_out(cluster: DaskCluster) -> None:
    big = list(range(10_000))
    with on_cluster(cluster.address):
        assert workers(None) == 1
        found = dict(
            as_completed_with(
                list.__getitem__,
                {"a": big, "b": big, "c": big},
                {"a": 1, "b": 22, "c": 333},
                None,
                wanted=lambda key: key != "b",
            )
        )
        assert found == {"a": 1, "c": 333}
        with pytest.raises(ValueError, match="invalid literal"):
            list(as_completed(int, {"good": "1", "bad": "x"}, 1))
        assert dict(as_completed(abs, {1: -1}, None)) == {1: 1}


@pytest.mark.nightly
def test_data_on_a_lost_worker_are_sent_to_the_next(cluster: DaskCluster) -> None:
    big = list(range(10_000))
    numbers = {n: n for n in range(200)}
    with on_cluster(cluster.address):
        calls = as_completed_with(_ask, numbers, dict.fromkeys(numbers, big), None)
        found = dict([next(calls)])
        replaced(cluster)
        assert found | dict(calls) == numbers


def test_a_result_counts_whose_worker_is_lost_after_it_came() -> None:
    lost = Cluster(client=None, address="tcp://nobody:1")
    assert lost._result(pickle.dumps(("key", 3))) == ("key", 3)
    with pytest.raises(UnfinishedRunError, match="the scheduler at tcp://nobody:1 was lost"):
        lost._result(CancelledError("key"))
    with pytest.raises(ZeroDivisionError):
        lost._result((ZeroDivisionError, ZeroDivisionError(), None))


@pytest.mark.nightly
def test_a_worker_with_another_library_is_refused_by_its_name(
    cluster: DaskCluster, tmp_path: Path
) -> None:
    other = with_other_numpy(tmp_path / "other")
    with on_cluster(cluster.address):
        # one that joins later is compared by its first call
        replaced(cluster, other)
        with pytest.raises(UsageError, match=r"has numpy 1\.0 and not \d\S* as this host"):
            list(as_completed(abs, {1: -1}, None))
    with (
        pytest.raises(UsageError, match=r"^the worker tcp://\S+ has numpy 1\.0 and not"),
        on_cluster(cluster.address),
    ):
        pass
    replaced(cluster)


def _ask(number: int, data: list[int]) -> int:
    return data[number]
