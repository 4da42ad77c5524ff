from __future__ import annotations

import re
from pathlib import Path

import pytest

import genlabel_robust
from genlabel_robust.core.admitted import admitting
from genlabel_robust.core.parts.naming import parts_named
from genlabel_robust.reports.page.document import html_report
from genlabel_robust.runs.folder.stored_run import read_run

OWN = '''
from dataclasses import dataclass
from typing import ClassVar
from genlabel_robust.parts import BatchStrategy, SoftBatch

@dataclass(eq=False)
class Own(BatchStrategy):
    """Rows <b>as they are</b>, of less weight. More words."""

    name: ClassVar[str] = "own"
    share: float = 0.5
    limit: float | None = None
    kept: float = 1.0

    def _soften(self, x, y, rng):
        return SoftBatch(x, self._one_hot(x, y), x[:, 0] * 0 + self.share)
'''


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> genlabel_robust.Run:
    (tmp_path / "own_shown.py").write_text(OWN)
    monkeypatch.syspath_prepend(str(tmp_path))
    return genlabel_robust.evaluate(
        datasets="iris",
        strategies=["vanilla", "mixup", "genlabel-gm", "own_shown:Own"],
        strategy={"mixup": {"alpha": 0.4}, "own": {"share": 0.25}},
        architectures="logistic",
        seeds=1,
        suite="quick",
        checks="off",
        train={"epochs": 1},
        jobs=1,
        out=str(tmp_path / "run"),
    )


def test_every_strategy_has_its_settings_and_a_part_its_origin(run: genlabel_robust.Run) -> None:
    stored = read_run(run.path)
    page = html_report(stored)
    (part,) = stored.manifest["parts"]
    (table,) = re.findall(r"Training strategies</caption>(.*?)</table>", page, re.S)
    rows = re.findall(r'<tr><th scope="row"[^>]*><bdi>(.*?)</bdi></th>(.*?)</tr>', table, re.S)
    cells = {
        name: [re.sub("<[^>]+>", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row)]
        for name, row in rows
    }
    assert cells["vanilla"][1] == "none"
    assert cells["mixup"][1] == "alpha = 0.4"
    assert cells["genlabel-gm"][1].startswith("alpha = 1, gamma = 1")
    assert cells["own"][1] == "kept = 1, share = 0.25"
    assert cells["own"][0] == (
        "Rows &lt;b&gt;as they are&lt;/b&gt;, of less weight. From outside: "
        f"own_shown:Own, of no distribution, source {part['source'][:12]}"
    )
    assert f"source of <bdi>own</bdi></th><td><code>{part['source']}</code>" in page
    # the page is the same where the part is at hand
    with admitting(parts_named("own_shown:Own")):
        assert html_report(read_run(run.path)) == page


def test_a_run_from_before_parts_were_described_says_what_it_knows(
    run: genlabel_robust.Run,
) -> None:
    stored = read_run(run.path)
    for part in stored.manifest["parts"]:
        del part["about"], part["settings"]
    page = html_report(stored)
    assert "<bdi>share = 0.25</bdi>" in page
    assert "From outside: <bdi>own_shown:Own</bdi>, of no distribution" in page
