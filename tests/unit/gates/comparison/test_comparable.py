from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from genlabel_robust.attacks import ATTACKS
from genlabel_robust.gates.comparison.comparable import (
    attack_differences,
    canary_differences,
    differences,
)
from genlabel_robust.runs.cells.cell import CellResult
from genlabel_robust.runs.folder.stored_run import Group, StoredRun
from genlabel_robust.runs.results.dataset import Feature, Moves
from genlabel_robust.runs.results.results import Results

Make = Callable[..., StoredRun]
PGD = {"name": "pgd", "steps": 20, "restarts": 2, "step_ratio": 2.5}
FGSM = {"name": "fgsm"}


@pytest.fixture
def make(make_run: Make, make_result: Callable[..., CellResult], group: Group) -> Make:
    def run(n: int = 2, **settings: Any) -> StoredRun:
        return make_run({group: [make_result([[0.2] * n])]}, **settings)

    return run


def test_the_same_run_differs_in_nothing(make: Make) -> None:
    assert differences(make(), make(), "iris") == []
    assert attack_differences(make(), make()) == ([], [])
    assert canary_differences(make(), make()) == []


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"eps": (0.1, 0.2)}, "eps: 0.1 in the baseline, 0.1, 0.2 now"),
        ({"eps": (0.1 + 1e-9,)}, "eps: 0.1 in the baseline, 0.100000001 now"),
        ({"threat": {"norm": "l2"}}, "norm: linf in the baseline, l2 now"),
        ({"threat": {"unit": "std"}}, "unit: range in the baseline, std now"),
        ({"threat": {"constraints": {"immutable": ["a"]}}}, "constraints: None in the baseline"),
        ({"n": 3}, "test rows: 2 in the baseline, 3 now"),
        ({"fingerprint": {"test_ids": "x", "attack_space": "s"}}, "which rows are tested"),
        ({"fingerprint": {"test_ids": "i", "attack_space": "x"}}, "the ranges that ε and the box"),
        ({"fingerprint": {"test_ids": "i"}}, "the ranges that ε and the box"),
        (
            {"fingerprint": {"test_ids": "i", "attack_space": "s", "test_labels": "new"}},
            "the labels of the test rows",
        ),
    ],
)
def test_what_differs_is_named(make: Make, settings: dict[str, Any], told: str) -> None:
    for pair in ((make(), make(**settings)), (make(**settings), make())):
        assert len(differences(*pair, "iris")) == 1
    assert told in differences(make(), make(**settings), "iris")[0]


def test_a_data_set_that_one_side_lacks_is_named(make: Make) -> None:
    assert differences(make(), make(), "wine") == ["data: the baseline has no results on wine"]
    other = replace(make(), results=Results({**make().results, "datasets": {}}))
    assert differences(make(), other, "iris") == ["data: the candidate has no results on iris"]


def test_a_run_without_fingerprints_is_not_compared(make: Make) -> None:
    old = make(fingerprint={})
    assert "too old to have data fingerprints" in differences(old, make(), "iris")[0]


def _features(**moves: Moves | None) -> tuple[Feature, ...]:
    return tuple(
        Feature(name, mutable=True, raw_eps=(1.0,), moves=how) for name, how in moves.items()
    )


def test_a_baseline_made_before_whole_numbers_names_the_setting_that_makes_it_comparable(
    make: Make,
) -> None:
    other = {"test_ids": "i", "attack_space": "s", "encoding": "of ints"}
    before = make(features=_features(age=None, tenure=None))
    now = make(fingerprint=other, features=_features(age="whole", tenure=None))
    (said,) = differences(before, now, "iris")
    assert said == (
        "whole numbers: 'age' changed by whole numbers only now, and by fractions, too, in the "
        "baseline; run with --set whole_numbers=continuous (robustness.check: "
        "whole_numbers='continuous') to compare, or update the baseline"
    )
    (said,) = differences(now, before, "iris")
    assert "--set whole_numbers=whole " in said
    assert differences(now, now, "iris") == []


def test_whole_numbers_by_constraint_are_those_that_a_table_has_by_itself(make: Make) -> None:
    stated = {"constraints": {"integer": ["age"]}}
    old = make(threat=stated, features=_features(age=None))
    new = make(threat=stated, features=_features(age="whole"))
    assert differences(old, new, "iris") == []


@pytest.mark.parametrize(
    ("now", "weaker", "other"),
    [
        ([FGSM], ["attack 'pgd' is missing"], ["attack 'fgsm' is new"]),
        ([{**PGD, "steps": 19}], ["pgd.steps: 20 in the baseline, 19 now"], []),
        ([{**PGD, "restarts": 1}], ["pgd.restarts: 2 in the baseline, 1 now"], []),
        ([{**PGD, "steps": 21}], [], ["pgd.steps: 20 in the baseline, 21 now"]),
        ([{**PGD, "step_ratio": 2.0}], [], ["pgd.step_ratio: 2.5 in the baseline, 2 now"]),
        ([PGD, FGSM], [], ["attack 'fgsm' is new"]),
        ([{**PGD, "new": 1}], [], ["pgd.new: None in the baseline, 1 now"]),
        ([{**PGD, "name": "own"}], ["attack 'pgd' is missing"], ["attack 'own' is new"]),
        (
            [{**PGD, "when": ["no gradients"]}],
            ["pgd ran always in the baseline, and runs for models without gradients now"],
            [],
        ),
    ],
)
def test_lower_budgets_and_missing_attacks_are_weaker(
    make: Make, now: Sequence[dict[str, Any]], weaker: list[str], other: list[str]
) -> None:
    assert attack_differences(make(), make(attacks=now)) == (weaker, other)


def test_an_attack_that_runs_in_more_cases_is_not_weaker(make: Make) -> None:
    some, more = (
        make(attacks=[{**PGD, "when": cases}])
        for cases in (["no gradients"], ["no gradients", "discrete features"])
    )
    assert attack_differences(some, more)[0] == []
    assert len(attack_differences(some, more)[1]) == 1
    assert len(attack_differences(more, some)[0]) == 1
    assert attack_differences(some, make(attacks=[PGD]))[0] == []


def test_the_budgets_of_every_attack_are_known_to_the_gate(make: Make) -> None:
    for name in ATTACKS:
        attack = ATTACKS.load(name)
        budgets = [f for f, d in attack.__dataclass_fields__.items() if d.metadata.get("budget")]
        for setting in budgets:
            then, now = ([{"name": name, setting: count}] for count in (7, 6))
            weaker, _ = attack_differences(make(attacks=then), make(attacks=now))
            assert weaker == [f"{name}.{setting}: 7 in the baseline, 6 now"]


def test_an_early_stop_is_weaker_and_its_end_another_suite(make: Make) -> None:
    stops, goes_on = make(early_stop=True), make()
    assert attack_differences(goes_on, stops)[0] == ["early_stop: False in the baseline, True now"]
    assert attack_differences(stops, goes_on)[1] == ["early_stop: True in the baseline, False now"]


def _canary(broken: float | None, **attacks: float | None) -> dict[str, Any]:
    rest = {"median_ratio": None, "lost": 0, "outside": 0}
    each = {name: {"broken": share, **rest} for name, share in attacks.items()}
    return {"eps": 0.1, "broken": broken, "attacks": each}


def test_the_canary_must_be_broken_as_before(make: Make) -> None:
    weak = {"affine": _canary(0.9, pgd=0.8)}
    assert canary_differences(make(), make(canaries=weak)) == [
        "the affine canary: 100 % broken in the baseline, 90 % now",
        "pgd on the affine canary: 100 % broken in the baseline, 80 % now",
    ]
    assert canary_differences(make(canaries=weak), make()) == []
    assert "checks were off" in canary_differences(make(), make(canaries=None))[0]


def test_every_canary_that_both_sides_have_is_compared(make: Make) -> None:
    def both(share: float | None) -> StoredRun:
        forest = _canary(share, pgd=None, noise=share)
        return make(canaries={"affine": _canary(1.0), "forest": forest})

    assert canary_differences(both(0.9), both(0.9)) == []
    assert canary_differences(both(0.9), both(0.8)) == [
        "the forest canary: 90 % broken in the baseline, 80 % now",
        "noise on the forest canary: 90 % broken in the baseline, 80 % now",
    ]
    assert canary_differences(both(0.9), both(None))[0] == (
        "the forest canary: 90 % broken in the baseline, none now"
    )
    # a baseline without it, of an older version or of nets, has nothing to compare with
    assert canary_differences(make(), both(0.1)) == canary_differences(both(0.9), make()) == []
