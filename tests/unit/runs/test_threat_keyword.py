"""``threat=``: a file, or the result of reading one; other keyword arguments win over it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import genlabel_robust
from genlabel_robust import RunConfig
from genlabel_robust.core import ConfigurationError
from genlabel_robust.runs.config.keywords import of_threat
from genlabel_robust.threat.threat_file.read import read_threat

TOML = 'eps = 0.02\nnorm = "l2"\n\n[features.f1]\nimmutable = true\n'
QUICK: dict[str, Any] = {
    "strategies": "vanilla",
    "architectures": "logistic",
    "seeds": 1,
    "suite": "quick",
    "settings": {"train": {"epochs": 1}},
    "checks": "off",
    "certify": "off",
}


@pytest.fixture
def threat(tmp_path: Path) -> Path:
    path = tmp_path / "threat.toml"
    path.write_text(TOML.replace("f1", '"petal width (cm)"'))
    return path


def test_a_path_and_what_is_read_of_it_state_the_same(threat: Path) -> None:
    stated = read_threat(threat)
    assert of_threat(threat) == of_threat(str(threat)) == of_threat(stated) == stated
    assert of_threat(None) == {}


def test_evaluate_takes_a_threat_file_and_keywords_win_over_it(
    threat: Path, tmp_path: Path
) -> None:
    run = genlabel_robust.evaluate(
        datasets="iris", threat=threat, eps=0.03, out=tmp_path / "run", **QUICK
    )
    (row,) = run.results.rows
    assert (row.norm, row.eps) == ("l2", 0.03)
    stored = json.loads((run.path / "manifest.json").read_text())["config"]
    assert stored["constraints"]["value"] == {"immutable": ["petal width (cm)"]}


def test_a_threat_beside_a_whole_configuration_is_refused(threat: Path) -> None:
    with pytest.raises(
        ConfigurationError, match=r"both a RunConfig and threat; give only one of them"
    ):
        genlabel_robust.evaluate(RunConfig(), threat=threat)
