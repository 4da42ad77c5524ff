"""The choice of models that are compared with each other."""

from collections.abc import Sequence

from genlabel_robust.core import NotComparableError
from genlabel_robust.reports.words.audited_model import named_run
from genlabel_robust.runs.folder.stored_run import Group, StoredRun

#: The parts of a data fingerprint that are equal if the model gets the same test rows.
_ROWS = ("test_features", "test_labels", "features", "classes", "encoding")

#: Position of a run -> its model, for two runs or more.
Matched = dict[int, Group]


def matched(runs: Sequence[StoredRun]) -> tuple[list[Matched], list[tuple[int, Group]]]:
    """Match the models of ``runs``; also return the models that only one run has.

    Matches are in the order of the first run. Models match by data set, architecture and
    strategy. If each run has only one model for a data set, these match regardless of their
    names. Data sets match by name or by test rows. Raises ``NotComparableError`` if no two runs
    have anything in common.
    """
    data = _datasets(runs)
    subjects: list[Matched] = []
    keys: list[tuple[int, str, str]] = []
    for number, run in enumerate(runs):
        for group in run.panels:
            key = (data[number, group[0]], group[1], group[2])
            if key in keys and number not in subjects[keys.index(key)]:
                subjects[keys.index(key)][number] = group
            else:
                keys.append(key)
                subjects.append({number: group})
    subjects = _with_only_models(subjects, [key[0] for key in keys])
    shared = [one for one in subjects if len(one) > 1]
    if not shared:
        raise NotComparableError(_nothing_shared(runs, data))
    alone = [(number, group) for one in subjects if len(one) == 1 for number, group in one.items()]
    return [dict(sorted(one.items())) for one in shared], alone


def other_rows(first: StoredRun, one: str, second: StoredRun, other: str) -> str | None:
    """Return why the test rows of two data sets differ, as a clause, or None if they are equal.

    ``one``, ``other``: the name of the data set in the ``first`` and in the ``second`` run.
    """
    before, now = first.results.datasets[one], second.results.datasets[other]
    if before.n_test != now.n_test:
        return f"{before.n_test} test rows in one and {now.n_test} in the other"
    prints = before.fingerprint, now.fingerprint
    if not all("test_features" in one for one in prints):
        return "a run that is older than data fingerprints does not say which rows it tested"
    if any(prints[0].get(name) != prints[1].get(name) for name in _ROWS):
        return "they are other rows"
    return None


def _datasets(runs: Sequence[StoredRun]) -> dict[tuple[int, str], int]:
    """Number the data sets of all runs; equal data sets get the same number."""
    numbers: dict[tuple[int, str], int] = {}
    known: list[tuple[int, str]] = []
    for number, run in enumerate(runs):
        for name in dict.fromkeys(group[0] for group in run.panels):
            same = [at for at, (_, called) in enumerate(known) if called == name]
            same += [
                at
                for at, (of, called) in enumerate(known)
                if of != number and other_rows(runs[of], called, run, name) is None
            ]
            numbers[number, name] = same[0] if same else len(known)
            known += [] if same else [(number, name)]
    return numbers


def _with_only_models(subjects: list[Matched], data: list[int]) -> list[Matched]:
    """Join the models of each data set for which every run has at most one model."""
    joined: list[Matched] = []
    done: set[int] = set()
    for subject, number in zip(subjects, data, strict=True):
        same = [one for one, of in zip(subjects, data, strict=True) if of == number]
        counts = [run for one in same for run in one]
        if len(counts) > len(set(counts)):
            joined.append(subject)
        elif number not in done:
            done.add(number)
            joined.append({run: group for one in same for run, group in one.items()})
    return joined


def _nothing_shared(runs: Sequence[StoredRun], data: dict[tuple[int, str], int]) -> str:
    models = [_listed(named_run(run)) for run in runs]
    numbers = [{data[number, name] for name in _listed(run)} for number, run in enumerate(runs)]
    if not set.intersection(*numbers):
        what, has = "no data set", [", ".join(known) for known in models]
    else:
        what = "no model"
        has = [", ".join(f"{name}: {', '.join(own)}" for name, own in k.items()) for k in models]
    listed = "; ".join(f"{run.path} has {own}" for run, own in zip(runs, has, strict=True))
    return f"the runs share {what}, so nothing can be compared: {listed}"


def _listed(run: StoredRun) -> dict[str, list[str]]:
    """Return data set -> names of its models."""
    found: dict[str, list[str]] = {}
    for dataset, architecture, strategy in run.panels:
        found.setdefault(dataset, []).append(f"{strategy} ({architecture})")
    return found
