from __future__ import annotations

import pytest

from genlabel_robust.runs.config.attack_config import AttackConfig
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.config.stored_config import stored_config, stored_identity, suite_file


@pytest.mark.parametrize(
    "suite",
    [
        {"label": "custom (from quick-2)", "file": "quick-2"},
        {"label": "quick-2", "file": "quick-2"},
        # as runs of earlier versions have it
        {"label": "custom (from quick-2)"},
        {"label": "quick-2"},
    ],
)
def test_the_suite_that_attacks_came_from_is_known(suite: dict[str, str]) -> None:
    assert suite_file({"suite": suite}) == "quick-2"


def test_a_run_from_before_there_was_a_setting_did_what_runs_did_then() -> None:
    older = stored_config({"config": {"seeds": {"value": 2}}}, RunConfig)
    assert older == RunConfig(
        seeds=2, whole_numbers="continuous", certify="off", search="full", proofs="full"
    )
    now = stored_config({"config": {"certify": {"value": "exact"}}}, RunConfig)
    assert now.certify == "exact"


def test_of_an_older_audit_only_what_an_audit_has_is_read() -> None:
    manifest = {"config": {"seeds": {"value": 1}, "seed": {"value": 3}}}
    assert stored_config(manifest, AttackConfig).seed == 3
    assert not hasattr(stored_config(manifest, AttackConfig), "seeds")


def test_the_identity_of_an_older_audit_is_that_of_its_attack() -> None:
    older = {"seed": 0, "strategies": ["vanilla"], "fingerprints": {}}
    assert stored_identity(older, {"seed": 0, "fingerprints": {}}) == {
        "seed": 0,
        "fingerprints": {},
    }
    assert stored_identity(older, older) == older


def test_a_run_from_before_the_short_search_is_the_full_search_and_not_the_short_one() -> None:
    short, full = RunConfig().identity, RunConfig(search="full").identity
    older = {name: value for name, value in full.items() if name != "search"}
    assert stored_identity(older, full) == full
    assert stored_identity(older, short) != short


def test_an_audit_from_before_short_proofs_is_one_with_full_ones() -> None:
    short, full = AttackConfig().identity, AttackConfig(proofs="full").identity
    older = {name: value for name, value in full.items() if name != "proofs"}
    assert stored_identity(older, full) == full
    assert stored_identity(older, short) != short
