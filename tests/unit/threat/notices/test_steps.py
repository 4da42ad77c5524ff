from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.data.rows import identity_scaling
from genlabel_robust.data.task import Task
from genlabel_robust.threat.box_of_task import attack_space
from genlabel_robust.threat.constraints.constraints import Constraints
from genlabel_robust.threat.notices.steps import moved_by_fractions, under_one_step, whole_steps
from genlabel_robust.threat.threat_model import ThreatModel

NAMES = ("measure", "age", "grade", "to_a", "to_b", "same")


@pytest.fixture
def task() -> Task:
    """A measure, an age with range 65, a grade with range 7, a category of two, and a constant."""
    a = np.array([0.0, 1, 0, 1])
    x = np.column_stack(
        [[0, 0.25, 2, 3], [17, 30, 31, 82], [9, 12, 13, 16], a, 1 - a, np.full(4, 5)]
    )
    y = np.array([0, 1, 0, 1])
    return Task(
        "t",
        x,
        y,
        x.copy(),
        y,
        np.arange(4),
        NAMES,
        ("p", "q"),
        identity_scaling(6),
        whole=("age", "grade", "same"),
    )


def threat(*eps: float, norm: str = "linf", **limits: object) -> ThreatModel:
    return ThreatModel(norm, eps, "range", Constraints.of(limits))  # type: ignore[arg-type]


def test_the_whole_numbers_of_a_task_are_integer_unless_the_threat_frees_them(task: Task) -> None:
    assert attack_space(task, threat(0.1)).rules.integer == (1, 2, 5)
    freed = threat(0.1, continuous=["age"], integer=["grade"])
    assert attack_space(task, freed).rules.integer == (2, 5)
    # a column of a group moves with its group
    grouped = threat(0.1, one_hot=[["to_a", "to_b"]])
    task_of_groups = attack_space(task, grouped)
    assert task_of_groups.rules.integer == (1, 2, 5)
    assert task_of_groups.rules.one_hot == ((3, 4),)


def test_a_notice_names_what_is_changed_by_whole_numbers_only(task: Task) -> None:
    (said,) = whole_steps(task, attack_space(task, threat(0.1)))
    assert "The attacker changes 'age', 'grade' by whole numbers only" in said
    assert "whole_numbers = continuous" in said
    (said,) = whole_steps(task, attack_space(task, threat(0.1, continuous=["age"])))
    assert "'age'" not in said


def test_a_budget_under_one_step_is_a_notice_with_the_largest_budget(task: Task) -> None:
    stated = threat(0.01, 0.1, one_hot=[["to_a", "to_b"]])
    told = under_one_step(task, attack_space(task, stated), stated)
    assert told == [
        "Up to ε = 0.1 no attacker can change 'grade' (0.7): the budget (in brackets) is below one "
        "step of 1.",
        "Up to ε = 0.1 no attacker can switch the category 'to_a / to_b': that moves two columns "
        "by 1 each, which the budget does not allow.",
        "Up to ε = 0.01 no attacker can change 'age' (0.65): the budget (in brackets) is below one "
        "step of 1.",
    ]
    (said,) = under_one_step(task, attack_space(task, threat(0.1)), threat(0.1))
    assert said.startswith("At ε = 0.1 no attacker can change 'grade' (0.7):")
    assert under_one_step(task, attack_space(task, threat(0.2)), threat(0.2)) == []


def test_an_attacker_who_can_change_nothing_is_a_notice(task: Task) -> None:
    """The figure would read like robustness."""
    stated = threat(0.001, 0.1, immutable=["measure", "to_a", "to_b"])
    told = under_one_step(task, attack_space(task, stated), stated)
    assert [said.split(",")[0] for said in told] == [
        "Up to ε = 0.1 no attacker can change 'grade' (0.7): the budget (in brackets) is below one "
        "step of 1.",
        "Up to ε = 0.001 an attacker can change nothing at all",
        "Up to ε = 0.001 no attacker can change 'age' (0.065): the budget (in brackets) is below "
        "one step of 1.",
    ]


def test_whole_numbers_that_an_attack_moved_by_fractions_are_named(task: Task) -> None:
    """By what was found: neither what is whole anyway, nor what nobody moved, nor a measure."""
    free = attack_space(task, threat(0.1, continuous=["age", "grade"]))
    found = np.full((2, 4, 6), np.nan)
    found[0, 1] = task.x_test[1] + [0.1, 0.5, 2.0, 0, 0, 0]
    (said,) = moved_by_fractions(task, free, [found])
    assert "Attacks moved 'age' by fractions" in said
    assert moved_by_fractions(task, attack_space(task, threat(0.1)), [found]) == []
    assert moved_by_fractions(task, free, [np.full((2, 4, 6), np.nan)]) == []
