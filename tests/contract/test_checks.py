"""The contract of every registered check."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.certify.certificate import Certificate
from genlabel_robust.certify.singles.singles import Singles
from genlabel_robust.runs import checks as room
from genlabel_robust.runs.assess.assess import assess
from genlabel_robust.runs.assess.canaries import CANARY_OF
from genlabel_robust.runs.assess.probes import Subject
from genlabel_robust.runs.cells.canary_record import AttackOnCanary, CanaryRecord
from genlabel_robust.runs.cells.cell import CellResult
from genlabel_robust.runs.cells.few_features import FewFeatures
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.checks import CHECKS, criteria, run_checks
from genlabel_robust.runs.checks.judging import Check

NAMES = list(CHECKS)
INF, EPS = np.inf, 0.25
CANARIES = {
    name: CanaryRecord(0.1, 1.0, {"pgd": AttackOnCanary(1.0, 1.0, lost=0, outside=0)})
    for name in CANARY_OF.values()
}
PROBES = {
    "repeated": {"rows": 4, "changed": 0},
    "scores": {"rows": 4, "gradients": 1, "probabilities": 0, "saturated": 0},
    "stored": {"rows": 10, "bad": 0},
    "full range": {"rows": 1, "sampled": 1, "robust": 0, "breakable": 0, "constant": 0},
    "convergence at 0.25": {"rows": 2, "sampled": 2, "broken": 0},
}


def cell(**changes: object) -> CellResult:
    """A cell of four rows, two broken, one proved and one open, so that every check applies."""
    distances = np.array([[0.2, INF, 0.3, INF], [0.1, 0.2, 0.3, 0.4], [0.2, INF, INF, INF]])
    exact = np.array([0.1, 0.2, 0.3, 0.4])
    found = CellResult(
        ids=np.arange(4),
        labels=np.array([0, 0, 1, 1]),
        predictions=np.array([0, 0, 1, 1]),
        logit_margin=np.arange(4) + 1.0,
        attacks=("fgsm", "pgd", "noise"),
        needs=("gradients", "gradients", "decisions"),
        distances=distances,
        outcomes=np.where(np.isinf(distances), Outcome.SURVIVED, Outcome.BROKEN).astype(np.int64),
        queries=np.ones((3, 4), dtype=np.int64),
        adversarial=np.full((3, 4, 2), np.nan),
        exact=exact,
        evidence={"pgd": {"gradients": 100.0}},
        probes=PROBES,
        certificate=Certificate(
            lower=np.array([0.1, 0.2, 0.3, 0.0]),
            upper=np.array([0.1, 0.2, 0.3, INF]),
            witness=np.full((4, 2), np.nan),
            work=np.zeros(4, dtype=np.int64),
        ),
        few=FewFeatures(
            Singles(np.zeros((4, 2)), np.full((4, 2), INF), np.full((4, 2), np.nan)),
            np.full((1, 4, 2), np.nan),
        ),
    )
    return replace(found, **changes)


def made(result: CellResult, canaries: dict | None = CANARIES) -> dict[str, Check]:
    return {check.name: check for check in run_checks(Panel([result]), EPS, (EPS,), canaries)}


def test_a_file_of_the_room_is_a_check() -> None:
    files = {path.stem for path in Path(room.__file__).parent.glob("*.py")} - {"__init__"}
    assert files == {name.replace("-", "_") for name in NAMES}
    for name in NAMES:
        assert CHECKS[name].startswith(f"{room.__name__}.{name.replace('-', '_')}:")


@pytest.mark.parametrize("name", NAMES)
def test_a_check_is_named_for_its_subject_and_says_what_it_asks(name: str) -> None:
    outcomes = {"not", "no", "nothing", "never", "only", "ran", "found", "holds", "usable"}
    assert not {"repeat", *outcomes} & set(name.split("-"))
    assert CHECKS.describe(name)


def test_a_row_has_its_checks_under_their_names_and_in_their_order() -> None:
    assert list(made(cell())) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_check_is_a_sentence_a_figure_and_its_limit(name: str) -> None:
    check = made(cell())[name]
    assert re.fullmatch(r"[A-Z0-9].*\.", check.sentence)
    within = check.value <= check.limit if check.bound == "at most" else check.value >= check.limit
    assert (check.status == "pass") is within
    assert np.isfinite([check.value, check.limit]).all()
    assert [type(value) for value in check.as_dict().values()] == [str, str, str, float, str, float]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("probe", PROBES)
def test_a_check_of_a_probe_says_which_it_needs(probe: str, name: str) -> None:
    others = {key: counts for key, counts in PROBES.items() if key != probe}
    of_it = criteria()[name].probe
    assert (name in made(cell(probes=others))) is not (of_it and probe.startswith(of_it))


@pytest.mark.parametrize("name", NAMES)
def test_a_check_of_attacks_says_nothing_where_none_could_work(name: str) -> None:
    idle = cell(
        outcomes=np.full((3, 4), int(Outcome.NOT_APPLICABLE)), distances=np.full((3, 4), INF)
    )
    assert (name in made(idle)) is (criteria()[name].needs != "attacks")


@pytest.mark.parametrize("name", NAMES)
def test_a_check_of_canaries_says_nothing_where_none_was_run(name: str) -> None:
    assert (name in made(cell(), None)) is (criteria()[name].needs != "canaries")


@pytest.mark.parametrize("name", NAMES)
def test_where_all_is_decided_no_attack_has_to_be_trusted(name: str) -> None:
    bounds = cell().certificate
    bounds.lower[:] = bounds.upper[:] = (0.1, 0.2, 0.3, 0.4)
    missing = criteria()[name].needs == "canaries" or name == "exact-bound"
    assert (name in made(cell(certificate=bounds))) is not missing


@pytest.mark.parametrize("canary", CANARY_OF.values())
def test_every_canary_has_its_check(canary: str) -> None:
    failed = {canary: replace(CANARIES[canary], broken=0.5)}
    assert [c.name for c in made(cell(), failed).values() if c.status == "fail"] == [
        f"canary-{canary}"
    ]


def test_every_probe_of_a_run_is_judged(make_target) -> None:
    from genlabel_robust.attacks.art.fgsm import FGSM
    from genlabel_robust.threat.threat_model import ThreatModel

    target = make_target(n=20)
    threat = ThreatModel("linf", (0.05,))
    where = (target.model, target.space, target.raw, target.y, target.pool)
    found = assess(Subject(*where, threat, (FGSM(),), 0), target.y).probes
    judged = tuple({criterion.probe for criterion in criteria().values()} - {None})
    assert len(found) == len(judged)
    assert all(name.startswith(judged) for name in found)
