"""A command killed while it writes a file leaves no lasting temporary files."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from genlabel_robust.core.files.leftovers import boot

if TYPE_CHECKING:
    from tests.cli.conftest import Finished, ForkServer

pytestmark = pytest.mark.skipif(boot() is None, reason="needs the name of the boot")

SAVE = ("baseline", "save", "{run}", "--endpoint", "robust@0.1:iris/vanilla/logistic")
WRITE = {
    "a baseline in a file": (*SAVE, "--out", "{out}/base.zip"),
    "a baseline in a folder": (*SAVE, "--out", "{out}/base"),
    "a bundle": ("report", "{run}", "--bundle", "{out}/bundle.zip"),
    "a report": ("report", "{run}", "--format", "md", "--out", "{out}/report.md"),
    "examples": ("examples", "{run}", "--out", "{out}/examples.csv"),
    "a comparison": ("compare", "{run}", "{run}", "--out", "{out}/compare.md"),
    "a threat file": ("threat", "init", "--data", "{table}", "--out", "{out}/threat.toml"),
}


@pytest.mark.nightly(but=["a baseline in a file", "a baseline in a folder"])
@pytest.mark.parametrize("what", WRITE)
def test_what_a_killed_command_was_writing_goes_with_the_next(
    what: str, fork_server: ForkServer, finished: Finished, tmp_path: Path
) -> None:
    out, log = tmp_path / "out", tmp_path / "log"
    out.mkdir()
    table = tmp_path / "table.csv#label"
    table.with_name("table.csv").write_text(
        "a,b,label\n" + "".join(f"{n},{n % 7},{n % 2}\n" for n in range(40))
    )
    command = [part.format(run=finished.path, out=out, table=table) for part in WRITE[what]]
    assert fork_server.run(command, log, moment="half", kill_at=1) == -signal.SIGKILL, (
        log.read_text()
    )
    (left,) = out.iterdir()
    assert left.name.startswith(".writing-")
    assert fork_server.run(command, log) == 0, log.read_text()
    (written,) = out.iterdir()
    assert not written.name.startswith(".")
