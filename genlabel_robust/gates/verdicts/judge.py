"""The statistics of the gate: a verdict from two panels, and the conditions for one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.core import BoolArray, ConfigurationError, plural
from genlabel_robust.gates.verdicts import wording
from genlabel_robust.gates.verdicts.endpoint import Endpoint
from genlabel_robust.gates.verdicts.figures import ComparedRates, Mode, RateOverFloor
from genlabel_robust.gates.verdicts.margin import compare_margins
from genlabel_robust.gates.verdicts.verdict import Status, Verdict
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.checks import criteria
from genlabel_robust.runs.results.check_result import CheckResult
from genlabel_robust.statistics import Comparison, compare_checkpoints, compare_recipes, rate
from genlabel_robust.statistics.noninferiority import LEVEL, Decision
from genlabel_robust.statistics.recipes import LEAST_SEEDS


@dataclass(frozen=True, eq=False)
class Side:
    """One side of an endpoint, candidate or baseline.

    ``right`` (S, n): the rows that are correct by the endpoint's measure, for each seed.
    ``checks``: the checks of the row of results. ``proved`` (S, n): the rows that are proved to be
    correct, None without proofs.
    """

    panel: Panel
    right: BoolArray
    checks: Sequence[CheckResult]
    proved: BoolArray | None = None

    @property
    def certain(self) -> BoolArray:
        """The rows (S, n) that are correct even if all open rows count as broken."""
        return self.right if self.proved is None else self.right & self.proved

    @property
    def undecided(self) -> int:
        """The number of open rows, neither proved nor broken; 0 without proofs."""
        return int((self.right & ~self.certain).sum())


def choose_mode(wanted: str | None, n_candidate: int, n_baseline: int) -> Mode:
    """Return ``wanted``, or if None the mode that fits the numbers of seeds.

    Raises ``ConfigurationError`` if the numbers of seeds do not allow it.
    """
    counts = f"the candidate has {plural(n_candidate, 'training seed')}, the baseline {n_baseline}"
    one, many = n_candidate == n_baseline, min(n_candidate, n_baseline) >= LEAST_SEEDS
    if wanted is None:
        if n_candidate == n_baseline == 1:
            return "checkpoint"
        if many:
            return "recipe"
        raise ConfigurationError(
            f"{counts}: 1 on each side compares checkpoints, {LEAST_SEEDS} or more on each side "
            "compare recipes; train more seeds, or give --mode checkpoint to compare seed by seed"
        )
    if wanted == "checkpoint" and not one:
        raise ConfigurationError(
            f"{counts}: checkpoints are compared seed by seed, so both sides need the same number"
        )
    if wanted == "recipe" and not many:
        raise ConfigurationError(
            f"{counts}: comparing recipes needs at least {LEAST_SEEDS} on each side"
        )
    return "checkpoint" if wanted == "checkpoint" else "recipe"


def unevaluated(endpoint: Endpoint, candidate: Panel, baseline: Panel) -> str | None:
    """Return why the panels give no result for ``endpoint``, as a clause, or None if they do.

    Rows that a time budget left out never count as robust, on either side: a baseline with
    unattacked rows would look too robust, and any candidate would fail.
    """
    if candidate.not_applicable is not None:
        return f"nothing was trained: {candidate.not_applicable}"
    if not len(candidate.labels):
        return "no example was evaluated"
    for who, panel in (("candidate", candidate), ("baseline", baseline)):
        if panel.nearest is None:
            return f"no attack could work on the {who}"
    for index, name in enumerate(baseline.attacks):
        if name in candidate.attacks and baseline.applicable(index):
            here = candidate.attacks.index(name)
            # an attack that the suite reserves for other models is replaced by others
            if not candidate.applicable(here) and name not in candidate.not_chosen:
                return f"attack {name!r} could not work on the candidate, as it did on the baseline"
    for who, panel in (("candidate", candidate), ("baseline", baseline)):
        late = _out_of_time(panel, endpoint.eps)
        if late:
            return (
                f"a time budget left out {late} of the {panel.outcomes.size} attempts at the "
                f"{who}'s examples; run it without --max-seconds"
            )
    return None


def _out_of_time(panel: Panel, eps: float | None) -> int:
    if eps is None:
        return int((panel.outcomes == Outcome.OUT_OF_TIME).sum())
    return int(sum(panel.out_of_time(index, eps).sum() for index in range(len(panel.attacks))))


def invalid(checks: Sequence[CheckResult]) -> str | None:
    """Return the sentences of the failed checks, which invalidate the numbers, or None."""
    return " ".join(_sentence_of(check) for check in checks if check.status == "fail") or None


def _sentence_of(check: CheckResult) -> str:
    return f"{check.sentence} (check {check.name})"


def masked(candidate: Sequence[CheckResult], baseline: Sequence[CheckResult]) -> str | None:
    """Return the signs of masked gradients that only the candidate has, or None."""
    signs = {name for name, criterion in criteria().items() if criterion.masking}
    signs -= {check.name for check in baseline if check.status != "pass"}
    new = [check for check in candidate if check.name in signs and check.status != "pass"]
    return " ".join(map(_sentence_of, new)) or None


def judge(
    endpoint: Endpoint, candidate: Side, baseline: Side, mode: Mode, max_drop: float, ball: str
) -> tuple[Verdict, float | None]:
    """Return the verdict from the confidence interval, and the p-value for a failure.

    ``max_drop``: a fraction; for a median margin, a fraction of the baseline's. ``ball``: as in
    ``wording``.
    """
    about = wording.subject(endpoint, ball, mode)
    if endpoint.measure == "margin":
        return compare_margins(endpoint, candidate.panel, baseline.panel, mode, max_drop, about)
    found, decision = _decided(candidate, baseline, mode, max_drop)
    before, now = float(baseline.right.mean()), float(candidate.right.mean())
    seeds = (len(candidate.right), len(baseline.right)) if mode == "recipe" else None
    text = wording.compared(wording.measure(endpoint), before, now, found, seeds)
    undecided = candidate.undecided + baseline.undecided
    if undecided:
        text += f"; {wording.with_undecided(undecided, decided=decision != 'inconclusive')}"
    elif decision == "inconclusive":
        text += f"; {wording.undecided(found, recipe=mode == 'recipe')}"
    figures = ComparedRates(
        mode,
        endpoint.measure,
        endpoint.eps,
        baseline=rate(baseline.right),
        candidate=rate(candidate.right),
        difference=found.difference,
        max_drop=max_drop,
        gained=found.gained,
        lost=found.lost,
        n_examples=found.difference.n,
        n_seeds=(len(candidate.right), len(baseline.right)),
        p_not_worse=found.p_not_worse,
        p_worse=found.p_worse,
        mcnemar_midp=found.evidence,
        needed=found.needed,
    )
    if candidate.proved is not None and baseline.proved is not None:
        figures = replace(
            figures,
            exact=not undecided,
            open=(candidate.undecided, baseline.undecided),
            certified=(rate(candidate.certain), rate(baseline.certain)),
        )
    return Verdict(endpoint.name, decision, f"{about}: {text}", figures), found.p_worse


def _decided(
    candidate: Side, baseline: Side, mode: Mode, max_drop: float
) -> tuple[Comparison, Decision]:
    """Compare two sides, and decide only if the decision holds for any outcome of open rows.

    A pass must hold if the candidate's open rows are broken and the baseline's robust, a failure
    in the opposite case.
    """
    found = _compare(candidate.right, baseline.right, mode, max_drop)
    if not candidate.undecided and not baseline.undecided:
        return found, found.decision
    worst = _compare(candidate.certain, baseline.right, mode, max_drop)
    if worst.decision == "pass":
        return worst, "pass"
    best = _compare(candidate.right, baseline.certain, mode, max_drop)
    if best.decision == "fail":
        return best, "fail"
    return found, "inconclusive"


def judge_floor(endpoint: Endpoint, candidate: Side, mode: str, least: float, ball: str) -> Verdict:
    """Judge whether the rate is at least ``least``, by its confidence interval."""
    found, certain = rate(candidate.right, LEVEL), rate(candidate.certain, LEVEL)
    status: Status = "inconclusive"
    if certain.low >= least:
        status = "pass"
    elif found.high < least:
        status = "fail"
    about = wording.subject(endpoint, ball, f"{mode}, floor")
    text = wording.floored(wording.measure(endpoint), found, least)
    if candidate.undecided:
        decided = status != "inconclusive"
        said = wording.with_undecided(candidate.undecided, decided=decided, difference=False)
        text += f"; {said}"
    seeds = (len(candidate.right),)
    figures = RateOverFloor(endpoint.measure, endpoint.eps, least, found, found.n, seeds)
    return Verdict(f"{endpoint.name} >= {least:g}", status, f"{about}: {text}", figures)


def right(endpoint: Endpoint, panel: Panel, also_broken: BoolArray | None = None) -> BoolArray:
    """Mark the rows (S, n) that are correct by the endpoint's measure.

    ``also_broken`` (S, n): rows that replayed examples broke, or None.
    """
    if endpoint.measure != "robust" or endpoint.eps is None or panel.nearest is None:
        return panel.clean
    robust = panel.robust(panel.nearest, endpoint.eps)
    return robust if also_broken is None else np.asarray(robust & ~also_broken)


def proved(endpoint: Endpoint, panel: Panel) -> BoolArray | None:
    """Mark the rows (S, n) that are proved to be correct by the measure; None without proofs."""
    if endpoint.measure != "robust" or endpoint.eps is None:
        return None
    return panel.certified(endpoint.eps)


def _compare(candidate: BoolArray, baseline: BoolArray, mode: Mode, max_drop: float) -> Comparison:
    if mode == "recipe":
        return compare_recipes(candidate, baseline, max_drop)
    return compare_checkpoints(candidate[0], baseline[0], max_drop)
