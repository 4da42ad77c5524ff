"""Imports are begun for processes of this host alone."""

from __future__ import annotations

import pytest

from genlabel_robust.runs.config.attack_config import AttackConfig
from genlabel_robust.runs.execute import early
from genlabel_robust.runs.execute.early import begin_imports


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (AttackConfig(jobs=2), 1),
        (AttackConfig(jobs=1), 0),
        (AttackConfig(jobs=2, device="cuda"), 0),
        (AttackConfig(jobs=2, cluster="tcp://scheduler:8786"), 0),
    ],
)
def test_imports_are_begun_if_calls_go_to_several_processes_of_this_host(
    config: AttackConfig, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []
    monkeypatch.setattr(early, "import_early", begun.append)
    begin_imports(config)
    assert begun == ["genlabel_robust.runs.execute.imported"] * expected
