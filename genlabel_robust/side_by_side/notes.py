"""The notes that a reader must know before the numbers of a comparison."""

from collections.abc import Iterator, Mapping, Sequence

from genlabel_robust.gates.comparison.comparable import attack_differences
from genlabel_robust.reports.words.audited_model import named_results, varying
from genlabel_robust.reports.words.remarks import failures
from genlabel_robust.runs.folder.stored_run import Group, StoredRun
from genlabel_robust.side_by_side.subjects import Matched, other_rows


def notes(runs: Mapping[str, StoredRun], shared: Sequence[Matched]) -> Iterator[str]:
    """Yield the notes, each once: first what invalidates numbers, then causes of differences.

    ``runs``: letter -> run. ``shared``: the models that ``runs``, in this order, have in common.
    """
    for letter, run in runs.items():
        for said in (*failures(named_results(run.results)), *filter(None, [varying(run.results)])):
            yield f"{letter}: {said}"
        if run.results.checks == "off":
            yield f"{letter}: checks were off, so nothing says whether its numbers can be believed."
    letters = list(runs)
    found = [
        sentence
        for one in shared
        for number in [*one][1:]
        for sentence in _of_pair(runs, letters[min(one)], letters[number], one)
    ]
    yield from dict.fromkeys(found)


def _of_pair(
    runs: Mapping[str, StoredRun], first: str, other: str, subject: Matched
) -> Iterator[str]:
    """Yield what limits the comparison of a model in the run ``first`` with that in ``other``."""
    letters = list(runs)
    then, now = runs[first], runs[other]
    before, here = subject[letters.index(first)], subject[letters.index(other)]
    reason = other_rows(then, before[0], now, here[0])
    if reason is not None:
        yield (
            f"{first} and {other} did not test the same rows of {before[0]} ({reason}), so their "
            "differences are not paired."
        )
    if _other_attacker(then, now, before, here):
        yield (
            f"The attacker of {other} may change rows in other ways than that of {first}, so a "
            "difference in robustness comes from models and attackers together."
        )
    if any(attack_differences(then, now)):
        yield (
            f"{first} and {other} were attacked in different ways, so a difference in what attacks "
            "broke comes from models and attacks together. What is proved does not depend on the "
            "attacks."
        )
    sides = {first: then.panels[before].lower, other: now.panels[here].lower}
    without = [letter for letter, lower in sides.items() if lower is None]
    if len(without) == 1:
        yield (
            f"Nothing is proved about the model of {without[0]} on {before[0]}. A proof also finds "
            "adversarial examples that attacks missed, so the other side may look less robust for "
            "that reason alone."
        )


def attacked_otherwise(then: StoredRun, now: StoredRun, before: Group, here: Group) -> bool:
    """Return whether the runs' models in two groups met different attackers or attacks."""
    return _other_attacker(then, now, before, here) or any(attack_differences(then, now))


def _other_attacker(then: StoredRun, now: StoredRun, before: Group, here: Group) -> bool:
    one, other = then.results.threat, now.results.threat
    if (one.norm, one.unit, one.constraints) != (other.norm, other.unit, other.constraints):
        return True
    about = then.results.datasets[before[0]], now.results.datasets[here[0]]
    spaces = [found.fingerprint.get("attack_space") for found in about]
    return spaces[0] != spaces[1]
