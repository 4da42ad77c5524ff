"""The probes that run besides the attacks, on models with known results."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from genlabel_robust.attacks.art.pgd import PGD
from genlabel_robust.runs.assess import probes
from genlabel_robust.runs.assess.attacking import attack_model
from genlabel_robust.runs.assess.probes import Subject, probe
from genlabel_robust.runs.cells.cell import OF_SAMPLE, at
from genlabel_robust.threat import Constraints, ThreatModel


@pytest.fixture
def subject(make_target):
    def make(attack=None, eps=0.05, **settings):
        attack = attack or PGD(steps=10, restarts=2)
        target = make_target(**settings)
        return Subject(
            target.model,
            target.space,
            target.raw,
            target.y,
            target.pool,
            ThreatModel("linf", (eps,)),
            (attack,),
            0,
        )

    return make


def attack(subject: Subject):
    return attack_model(
        subject.model,
        subject.space,
        subject.raw,
        subject.y,
        subject.pool,
        subject.threat,
        subject.attacks,
        subject.seed,
    )


def test_a_sound_model_gives_sound_counts(subject) -> None:
    sound = subject(n=20)
    attacked = attack(sound)
    found = probe(sound, attacked, "full")
    survivors = int((attacked.nearest > 0.05 * 1.00001).sum())
    assert found["repeated"] == {"rows": 20, "changed": 0}
    assert found["stored"] == {"rows": int(np.isfinite(attacked.nearest).sum()), "bad": 0}
    assert found[at("convergence", 0.05)] == {
        "rows": survivors,
        "sampled": survivors,
        "broken": 0,
    }
    assert found["full range"]["robust"] == 0
    assert found["full range"]["sampled"] == survivors > 0


def test_twice_the_budget_finds_what_too_small_a_one_left(subject) -> None:
    weak = subject(attack=PGD(steps=1, restarts=1, step_ratio=1.0), n=200, widths=(32,), eps=0.15)
    found = probe(weak, attack(weak), "full")[at("convergence", 0.15)]
    assert 0 < found["broken"] < found["sampled"] == found["rows"]


def test_a_quick_run_looks_at_a_sample(subject) -> None:
    large = subject(n=200, eps=1e-4)
    found = probe(large, attack(large), "quick")
    assert found[at("convergence", 1e-4)]["sampled"] == 50
    assert found[at("convergence", 1e-4)]["rows"] > 190


def test_of_many_rows_a_sample_by_label_and_outcome_is_asked_again(
    subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = subject(n=200, eps=0.3)
    attacked, all_rows = attack(large), probe(large, attack(large), "quick")
    assert OF_SAMPLE not in all_rows
    monkeypatch.setattr(probes, "ASKED_AGAIN", 40)
    found = probe(large, attacked, "quick")
    assert found[OF_SAMPLE] == {"rows": 40, "of": 200}
    assert found["repeated"] == {"rows": 40, "changed": 0}
    assert found["scores"]["rows"] == 40
    share = found["stored"]["rows"] / all_rows["stored"]["rows"]
    assert found["stored"]["bad"] == 0
    assert abs(share - 40 / 200) < 0.03
    # what is drawn by itself from all rows, or all were asked about anyway, stays as it was
    for name in (at("convergence", 0.3), "full range"):
        assert found[name] == all_rows[name]
    assert probe(large, attacked, "full")["repeated"]["rows"] == 200


def test_stored_examples_that_were_tampered_with_are_counted(subject) -> None:
    sound = subject(n=20, eps=0.3)
    attacked = attack(sound)
    broken = np.flatnonzero(np.isfinite(attacked.nearest))
    attacked.adversarial[0, broken[0]] = sound.raw[broken[0]]
    attacked.distances[0, broken[1]] *= 0.5
    attacked.adversarial[0, broken[2]] += 7.0
    assert probe(sound, attacked, "quick")["stored"]["bad"] == 3


def test_a_constant_model_is_named_so(subject) -> None:
    constant = subject(n=5)
    model = constant.model
    model.module[0].weight.data.zero_()
    constant = replace(constant, y=model.predict(constant.raw))
    assert probe(constant, attack(constant), "quick")["full range"]["constant"] == 1


def test_without_checks_nothing_is_asked(subject) -> None:
    sound = subject(n=3)
    assert probe(sound, attack(sound), "off") == {}


def blind_to_all(subject: Subject, monkeypatch: pytest.MonkeyPatch):
    """Return the results of attacks that find nothing, not even in probes."""

    def nothing(*args, **kwargs):
        found = attack_model(*args, **kwargs)
        found.distances[:] = np.inf
        return found

    monkeypatch.setattr("genlabel_robust.runs.assess.probes.attack_model", nothing)
    return nothing(
        subject.model,
        subject.space,
        subject.raw,
        subject.y,
        subject.pool,
        subject.threat,
        subject.attacks,
        subject.seed,
    )


def test_rows_that_stay_at_the_full_range_are_known_to_be_breakable(subject, monkeypatch) -> None:
    blind = subject(n=20)
    found = probe(blind, blind_to_all(blind, monkeypatch), "full")["full range"]
    assert found["robust"] == found["sampled"] == found["breakable"] == 20


def test_rows_that_nothing_in_their_box_breaks_are_not_breakable(subject, monkeypatch) -> None:
    """All features but one are fixed, and that one has no weight."""
    fixed = subject(n=20, immutable=(1, 2, 3, 4))
    fixed.model.module[0].weight.data[:, 0] = 0.0
    fixed = replace(fixed, y=fixed.model.predict(fixed.raw))
    assert len(np.unique(fixed.y)) > 1
    found = probe(fixed, blind_to_all(fixed, monkeypatch), "full")["full range"]
    assert (found["robust"], found["breakable"], found["constant"]) == (20, 0, 0)


@pytest.mark.parametrize(
    ("limits", "limited"),
    [
        ({}, 0),
        ({"integer": ["f0"]}, 0),
        ({"immutable": ["f0"]}, 1),
        ({"relations": ["f0 <= f1"]}, 1),
    ],
)
def test_a_threat_that_forbids_moves_is_counted_at_the_full_range(
    subject, limits: dict[str, list[str]], limited: int
) -> None:
    made = subject(n=20)
    made = replace(made, threat=replace(made.threat, constraints=Constraints(**limits)))
    assert probe(made, attack(subject(n=20)), "quick")["full range"].get("limited", 0) == limited
