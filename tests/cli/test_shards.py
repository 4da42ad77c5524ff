"""Three hosts share one run folder; even if some are killed, the bytes are the same."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from genlabel_robust.runs.folder.store import RunFolder

if TYPE_CHECKING:
    from tests.cli.conftest import Call, ForkServer

#: Twelve tiny cells.
TINY = (
    "evaluate",
    *("--dataset", "iris", "--dataset", "wine", "--strategy", "vanilla", "--strategy", "mixup"),
    *("--arch", "logistic", "--suite", "quick", "--checks", "off", "--certify", "off"),
    *("--max-examples", "20", "--set", "train.epochs=2", "--seeds", "3", "--jobs", "1"),
)

#: A host is told apart by its name among other things.
HOST = """
import socket, sys
socket.gethostname = lambda: sys.argv[1]
from genlabel_robust.cli.main import run
sys.exit(run(sys.argv[2:]))
"""


class Host:
    """A process that pretends to run on the host ``name``."""

    def __init__(self, name: str, arguments: Sequence[str | Path]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOST, name, *map(str, arguments), "-v"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def kill_after(self, cells: int) -> None:
        assert self.process.stderr is not None
        while cells:
            line = self.process.stderr.readline()
            assert line, "it ended too early"
            cells -= line.rstrip().endswith(": done")
        self.process.send_signal(signal.SIGKILL)
        self.end()

    def end(self) -> tuple[int, str, str]:
        stdout, stderr = self.process.communicate()
        return self.process.returncode, stdout, stderr


@pytest.mark.nightly
def test_three_shards_at_once_with_kills_give_the_bytes_of_one_process(
    call: Callable[..., Call], tmp_path: Path
) -> None:
    one, out = tmp_path / "one", tmp_path / "shared"
    assert call(*TINY, "-q", "--out", one).code == 0
    hosts = [Host(f"host-{n}", (*TINY, "--out", out, "--shard", f"{n}/3")) for n in (1, 2, 3)]
    hosts[0].kill_after(1)
    hosts[1].kill_after(2)
    # what the killed ones were writing stays until their own hosts come back
    theirs = out / "cells" / ".writing-0123456789ab-7-x"
    theirs.write_bytes(b"half")
    # twice the same shard, beside the third
    again = [Host(f"host-{n}", (*TINY, "--out", out, "--shard", f"{n}/3")) for n in (1, 2, 2)]
    for host in (*again, hosts[2]):
        code, stdout, stderr = host.end()
        assert code == 0, stderr
        assert "its 4 cells are in" in stdout
    assert theirs.exists()
    assert not (out / "results.json").exists()
    assert len(list((out / "cells").glob("*.json"))) == 12
    for path in (out / "cells").glob("*.json"):
        assert RunFolder(out).holds(path.stem)
    together = call(*TINY, "-v", "--out", out)
    assert together.code == 0
    assert together.stderr.count("already in the folder") == 12
    for name in ("results.json", "results.csv"):
        assert (out / name).read_bytes() == (one / name).read_bytes()


@pytest.mark.nightly
def test_a_killed_shard_beside_another_host_leaves_the_bytes_of_one_process(
    call: Callable[..., Call], tmp_path: Path
) -> None:
    one, out = tmp_path / "one", tmp_path / "shared"
    assert call(*TINY, "-q", "--out", one).code == 0
    hosts = [Host(f"host-{n}", (*TINY, "--out", out, "--shard", f"{n}/2")) for n in (1, 2)]
    hosts[0].kill_after(1)
    assert hosts[1].end()[0] == 0
    assert call(*TINY, "-v", "--out", out).stderr.count("already in the folder") >= 7
    assert (out / "results.json").read_bytes() == (one / "results.json").read_bytes()


def test_a_shard_that_was_killed_in_a_write_is_finished_by_another_host(
    call: Callable[..., Call], fork_server: ForkServer, tmp_path: Path
) -> None:
    one, out, log = tmp_path / "one", tmp_path / "shared", tmp_path / "log"
    assert call(*TINY, "-q", "--out", one).code == 0
    shards = [(*TINY, "--out", out, "--shard", f"{n}/2") for n in (1, 2)]
    # the sixth write is one of its second cell
    plant: dict[str, int | str] = {"moment": "half", "kill_at": 6, "host": "host-1"}
    assert fork_server.run(shards[0], log, **plant) == -signal.SIGKILL
    (left,) = out.rglob(".writing-*")
    assert fork_server.run(shards[1], log, host="host-2") == 0, log.read_text()
    assert left.exists()  # it might still be at work there
    assert call(*TINY, "-v", "--out", out).stderr.count("already in the folder") >= 7
    assert (out / "results.json").read_bytes() == (one / "results.json").read_bytes()


def test_one_command_computes_what_shards_left_out(
    call: Callable[..., Call], tmp_path: Path
) -> None:
    done = call(*TINY, "--out", tmp_path, "--shard", "1/6")
    assert done.code == 0
    assert done.stdout == (
        f"shard 1/6: its 2 cells are in {tmp_path}; 2 of the run's 12 cells are finished. When all "
        "are finished, "
        "give the command without --shard.\n"
    )
    assert call(*TINY, "-q", "--out", tmp_path).code == 0
    assert len(json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))["cells"]) == 12


@pytest.mark.parametrize("text", ["0/200", "201/200", "3"])
def test_a_shard_that_is_none_is_one_sentence(
    text: str, call: Callable[..., Call], tmp_path: Path
) -> None:
    done = call(*TINY, "--out", tmp_path / "run", "--shard", text)
    assert done.code == 2
    assert done.stderr.startswith(f"error: shard is '{text}'; it must be K/N")
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "run").exists()


def test_a_shard_of_other_settings_on_one_folder_is_one_sentence(
    call: Callable[..., Call], snapshot: Callable[[Path], object], tmp_path: Path
) -> None:
    assert call(*TINY, "--out", tmp_path, "--shard", "1/6").code == 0
    before = snapshot(tmp_path)
    done = call(*TINY, "--eps", "0.2", "--out", tmp_path, "--shard", "2/6")
    assert done.code == 2
    assert "contains a run with another configuration (it differs in eps)" in done.stderr
    assert snapshot(tmp_path) == before


def test_a_shard_has_no_results_to_print(call: Callable[..., Call], tmp_path: Path) -> None:
    for option in (("--dry-run",), ("--format", "json")):
        done = call(*TINY, *option, "--out", tmp_path / "run", "--shard", "1/2")
        assert done.code == 2
        assert "leave out --dry-run and --format" in done.stderr
    assert not (tmp_path / "run").exists()
