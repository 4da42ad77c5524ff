"""Whether two runs measured the same thing in the same way."""

from dataclasses import fields
from typing import Any

from genlabel_robust.attacks import ATTACKS
from genlabel_robust.attacks.choice import CASES
from genlabel_robust.attacks.settings import is_budget
from genlabel_robust.core import quoted
from genlabel_robust.gates.comparison.outside_parts import part_differences
from genlabel_robust.gates.verdicts.endpoint import written
from genlabel_robust.runs.folder.stored_run import StoredRun
from genlabel_robust.runs.results.dataset import Dataset

#: Name in a data fingerprint -> its meaning in messages.
_WORDS = {
    "features": "the names of the features",
    "classes": "the names of the classes",
    "encoding": "the levels of categories, or which values can be missing",
    "test_ids": "which rows are tested",
    "test_features": "the features of the test rows",
    "test_labels": "the labels of the test rows",
    "attack_space": "the ranges that ε and the box refer to",
}

#: The reason for a run that stores no results on canaries.
UNPROVEN = (
    "checks were off, so no canary shows that the attacks work; run it again with --checks quick "
    "or full"
)


def differences(baseline: StoredRun, candidate: StoredRun, dataset: str) -> list[str]:
    """Return a clause for each difference in threat and data; empty if the runs are comparable."""
    found = []
    threats = [run.results.threat.as_dict() for run in (baseline, candidate)]
    for name in dict.fromkeys([*threats[0], *threats[1]]):
        then, here = (threat.get(name) for threat in threats)
        if then != here:
            found.append(f"{name}: {_plain(then)} in the baseline, {_plain(here)} now")
    before, now = (run.results.datasets.get(dataset) for run in (baseline, candidate))
    if before is None or now is None:
        missing = "the baseline" if before is None else "the candidate"
        return [*found, f"data: {missing} has no results on {dataset}"]
    if before.n_test != now.n_test:
        found.append(f"test rows: {before.n_test} in the baseline, {now.n_test} now")
    steps = _whole_numbers(*(_whole(run, dataset) for run in (baseline, candidate)))
    found += steps
    prints = before.fingerprint, now.fingerprint
    if not all(prints):
        found.append(f"data of {dataset}: one of the runs is too old to have data fingerprints")
        return found
    return found + [
        f"data of {dataset}: {_differing(name, before, now)} ({name})"
        for name in dict.fromkeys([*prints[0], *prints[1]])
        # the encoding includes which features move in integer steps, which ``steps`` reports
        if prints[0].get(name) != prints[1].get(name) and not (steps and name == "encoding")
    ]


def _whole(run: StoredRun, dataset: str) -> set[str]:
    """Return the features of ``dataset`` that the attacks changed in integer steps only.

    Older runs do not store ``moves``; there these are the threat's integer constraints.
    """
    features = run.results.datasets[dataset].features
    integer = run.results.threat.constraints.integer
    return {f.name for f in features if f.moves == "whole" or (f.mutable and f.name in integer)}


def _whole_numbers(then: set[str], now: set[str]) -> list[str]:
    """Return clauses on the integer features that only one side changed by fractions.

    Each clause includes advice.
    """
    sides = (
        (now - then, "now, and by fractions, too, in the baseline", "continuous"),
        (then - now, "in the baseline, and by fractions, too, now", "whole"),
    )
    return [
        f"whole numbers: {quoted(sorted(names))} changed by whole numbers only {where}; run with "
        f"--set whole_numbers={setting} (robustness.check: whole_numbers={setting!r}) to compare, "
        "or update the baseline"
        for names, where, setting in sides
        if names
    ]


def _differing(name: str, before: Dataset, now: Dataset) -> str:
    """Return what differs in the fingerprint's part ``name``, or that only the order differs."""
    then, here = ([feature.name for feature in one.features] for one in (before, now))
    if name != "features" or then == here or sorted(then) != sorted(here):
        return _WORDS.get(name, name)
    first = next(i for i in range(len(then)) if then[i] != here[i])
    return (
        f"the order of the columns: column {first} is {then[first]!r} in the baseline and "
        f"{here[first]!r} now"
    )


def attack_differences(baseline: StoredRun, candidate: StoredRun) -> tuple[list[str], list[str]]:
    """Return what makes the candidate's suite weaker, and its other differences, as clauses.

    An early stop makes a suite weaker: attacks that skip broken rows find larger margins.
    """
    suites = [
        {attack["name"]: attack for attack in run.manifest["suite"]["attacks"]}
        for run in (baseline, candidate)
    ]
    weaker: list[str] = []
    other: list[str] = []
    stops = [_stops_early(run) for run in (baseline, candidate)]
    if stops[0] != stops[1]:
        text = f"early_stop: {stops[0]} in the baseline, {stops[1]} now"
        (weaker if stops[1] else other).append(text)
    for name, before in suites[0].items():
        now = suites[1].get(name)
        if now is None:
            weaker.append(f"attack {name!r} is missing")
            continue
        budgets = _budgets(name)
        for setting in dict.fromkeys([*before, *now]):
            then, here = before.get(setting), now.get(setting)
            if then == here:
                continue
            if setting == "when":
                (weaker if _is_rarer(here, then) else other).append(
                    f"{name} ran {_cases(then)} in the baseline, and runs {_cases(here)} now"
                )
                continue
            text = f"{name}.{setting}: {_plain(then)} in the baseline, {_plain(here)} now"
            lower = setting in budgets and _is_lower(here, then)
            (weaker if lower else other).append(text)
    other += [f"attack {name!r} is new" for name in suites[1] if name not in suites[0]]
    other += part_differences(baseline.manifest, candidate.manifest)
    return weaker, other


def canary_differences(baseline: StoredRun, candidate: StoredRun) -> list[str]:
    """Return a clause for each canary on which the candidate's attacks broke less."""
    before, now = (run.results.canaries for run in (baseline, candidate))
    if before is None:
        return []
    if now is None:
        return [UNPROVEN]
    found = []
    # both sides have the affine canary; other canaries depend on the models
    for canary in (name for name in before if name in now):
        then, own = before[canary], now[canary]
        pairs = [(f"the {canary} canary", then.broken, own.broken)]
        pairs += [
            (f"{attack} on the {canary} canary", one.broken, own.attacks[attack].broken)
            for attack, one in then.attacks.items()
            if attack in own.attacks
        ]
        found += [
            f"{what}: {_share(old)} broken in the baseline, {_share(new)} now"
            for what, old, new in pairs
            if (new or 0.0) < (old or 0.0)
        ]
    return found


def _stops_early(run: StoredRun) -> bool:
    return bool(run.manifest["config"].get("early_stop", {}).get("value"))


def _budgets(name: str) -> set[str]:
    if name not in ATTACKS:
        return set()
    return {f.name for f in fields(ATTACKS.load(name)) if is_budget(f)}


def _is_lower(now: Any, before: Any) -> bool:
    numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in (now, before))
    return numbers and now < before


def _is_rarer(now: Any, before: Any) -> bool:
    """Return whether the cases ``now`` leave out a case of ``before``; None means all cases."""
    return now is not None and (before is None or not set(before) <= set(now))


def _cases(value: Any) -> str:
    return "always" if value is None else f"for {_or(value)}"


def _or(cases: list[str]) -> str:
    return ", or ".join(CASES.get(case, case) for case in cases)


def _share(broken: float | None) -> str:
    return "none" if broken is None else f"{100 * broken:.0f} %"


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    return written(value) if isinstance(value, float) else str(value)
