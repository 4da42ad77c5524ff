from __future__ import annotations

import json
from itertools import combinations, permutations

import pytest

from genlabel_robust.core.files.writing import json_text
from genlabel_robust.gates.verdicts.verdict import (
    EXIT_CODES,
    POLICIES,
    GateResult,
    Policy,
    Status,
    Verdict,
)

#: From the least to the most severe.
ORDER: tuple[Status, ...] = (
    "pass",
    "inconclusive",
    "fail",
    "attack not valid",
    "not comparable",
    "not evaluated",
)
CODES = {
    "pass": 0,
    "inconclusive": 5,
    "fail": 1,
    "attack not valid": 6,
    "not comparable": 4,
    "not evaluated": 3,
}


def gate(*statuses: Status, policy: Policy = "fail") -> GateResult:
    return GateResult([Verdict(s, s, s) for s in statuses], policy)


def test_the_exit_codes_are_the_documented_ones() -> None:
    assert EXIT_CODES == CODES


@pytest.mark.parametrize("pair", list(combinations(ORDER, 2)))
def test_the_most_severe_verdict_is_that_of_the_whole(pair: tuple[Status, Status]) -> None:
    for order in permutations(pair):
        result = gate(*order)
        assert result.status == pair[1]
        assert result.exit_code == CODES[pair[1]]


def test_no_verdict_at_all_is_no_pass() -> None:
    assert gate().status == "not evaluated"
    assert gate().exit_code == 3


@pytest.mark.parametrize("policy", POLICIES)
def test_a_policy_changes_what_is_inconclusive_and_nothing_else(policy: Policy) -> None:
    assert gate("inconclusive", policy=policy).exit_code == (5 if policy == "fail" else 0)
    for status in ORDER:
        if status != "inconclusive":
            assert gate(status, policy=policy).exit_code == CODES[status]
            assert gate("inconclusive", status, policy=policy).exit_code == CODES[status] or (
                status == "pass"
            )


def test_the_result_is_json() -> None:
    found = json.loads(json_text(gate("pass", "fail").as_dict()))
    assert found["status"] == "fail"
    assert found["exit_code"] == 1
    assert [one["name"] for one in found["endpoints"]] == ["pass", "fail"]
