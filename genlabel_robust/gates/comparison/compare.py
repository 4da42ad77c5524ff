"""Comparison of a candidate with a baseline, endpoint by endpoint."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from genlabel_robust.core import BoolArray
from genlabel_robust.gates.comparison.comparable import (
    UNPROVEN,
    attack_differences,
    canary_differences,
    differences,
)
from genlabel_robust.gates.comparison.reattacked_baseline import bridged
from genlabel_robust.gates.comparison.replayed_examples import broken_by_replay
from genlabel_robust.gates.comparison.same_model import same_model
from genlabel_robust.gates.comparison.thoroughness import (
    less_checked,
    unlike_proofs,
    without_proofs,
)
from genlabel_robust.gates.verdicts import wording
from genlabel_robust.gates.verdicts.endpoint import Endpoint
from genlabel_robust.gates.verdicts.figures import Mode, NothingCompared, SameModel
from genlabel_robust.gates.verdicts.judge import (
    Side,
    choose_mode,
    invalid,
    judge,
    judge_floor,
    masked,
    proved,
    right,
    unevaluated,
)
from genlabel_robust.gates.verdicts.part import part_of, rows_of, unlike_parts
from genlabel_robust.gates.verdicts.terms import Terms
from genlabel_robust.gates.verdicts.verdict import Status, Verdict
from genlabel_robust.models import Model
from genlabel_robust.runs.cells.model_record import random_answers
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.config.stored_config import suite_file
from genlabel_robust.runs.folder.stored_run import Group, StoredRun
from genlabel_robust.runs.results.check_result import CheckResult
from genlabel_robust.statistics import apply_holm, rate

#: Returns the candidate's model for a group and the position of a seed.
Models: TypeAlias = Callable[[Group, int], Model]


class Court:
    """Judges a candidate against a baseline.

    ``baseline``: None if there are only floors. ``models``: reads the candidate's models.
    ``notes``: sentences for the reader, collected on the way.
    """

    def __init__(
        self, candidate: StoredRun, baseline: StoredRun | None, terms: Terms, models: Models
    ) -> None:
        self.candidate, self.before, self.terms, self.models = candidate, baseline, terms, models
        self.notes: list[str] = []
        self._replayed: dict[tuple[Group, float], BoolArray] = {}

    def over_a_bridge(self, endpoints: Sequence[Endpoint]) -> Court:
        """Return a court in which the candidate's suite has attacked the baseline's models.

        Returns this court if that suite is weaker, as everything looks robust to a weak suite, or
        if the suites do not differ.
        """
        if self.before is None:
            return self
        weaker, other = attack_differences(self.before, self.candidate)
        if weaker or not other:
            return self
        again = bridged(self.before, self.candidate, [endpoint.group for endpoint in endpoints])
        court = Court(self.candidate, again, self.terms, self.models)
        court.notes = ["The baseline's models were attacked again with the run's suite (bridge)."]
        return court

    def verdicts(self, endpoints: Sequence[Endpoint]) -> list[Verdict]:
        """Return a verdict for every endpoint against the baseline; empty without a baseline."""
        if self.before is None:
            return []
        judged = [verdict for endpoint in endpoints for verdict in self._judge(endpoint)]
        tested = [index for index, (_, p_value) in enumerate(judged) if p_value is not None]
        rejected = apply_holm([judged[index][1] or 0.0 for index in tested])
        verdicts = [verdict for verdict, _ in judged]
        for index, worse in zip(tested, rejected, strict=True):
            if verdicts[index].status == "fail" and not worse:
                verdicts[index] = _spared(verdicts[index], len(tested))
        return verdicts

    def floors(self, endpoints: Sequence[Endpoint]) -> list[Verdict]:
        """Return a verdict for every robust accuracy against the floor."""
        found = []
        for endpoint in endpoints:
            if endpoint.measure != "robust" or self.terms.min_robust is None:
                continue
            panel = self.candidate.panels.get(endpoint.group)
            problem = self._problem(endpoint, panel, None)
            if problem is not None or panel is None:
                status, reason = problem or ("not evaluated", "no results")
                name = f"{endpoint.name} >= floor"
                found.append(_blocked(endpoint, status, reason, ball=self._ball, name=name))
                continue
            mode = "checkpoint" if len(panel.results) == 1 else "recipe"
            panel = part_of(panel, rows_of(endpoint, self.candidate))
            side = self._side(endpoint, panel, self.candidate)
            sign = masked(side.checks, ())
            if sign is not None:
                self.notes.append(f"{endpoint.subject}: a sign of masked gradients: {sign}")
            found.append(judge_floor(endpoint, side, mode, self.terms.min_robust, self._ball))
        return found

    @property
    def _ball(self) -> str:
        return wording.ball(self.candidate.results.threat)

    def _judge(self, endpoint: Endpoint) -> list[tuple[Verdict, float | None]]:
        if self.before is None:
            return []
        baseline = self.before.panels.get(endpoint.group)
        candidate = self.candidate.panels.get(endpoint.group)
        problem = self._problem(endpoint, candidate, baseline)
        if problem is not None or baseline is None or candidate is None:
            status, reason = problem or ("not comparable", "one side has no results")
            return [(_blocked(endpoint, status, reason, ball=self._ball), None)]
        rows = rows_of(endpoint, self.candidate)
        candidate, baseline = part_of(candidate, rows), part_of(baseline, rows)
        mode = choose_mode(self.terms.mode, len(candidate.results), len(baseline.results))
        unlike = unlike_proofs(self.candidate, self.before, candidate, baseline)
        if unlike is not None and endpoint.measure != "clean":
            candidate, baseline = without_proofs(candidate), without_proofs(baseline)
            nothing = unevaluated(endpoint, candidate, baseline)
            if nothing is not None:
                reason = f"{nothing}, and proofs are not compared, as {unlike}"
                return [(_blocked(endpoint, "not evaluated", reason, ball=self._ball), None)]
            self._note(f"{endpoint.subject}: compared by attacks alone, as {unlike}.")
        now = self._side(endpoint, candidate, self.candidate)
        then = self._side(endpoint, baseline, self.before)
        sign = masked(now.checks, then.checks)
        if sign is not None:
            reason = f"the candidate masks gradients, and the baseline does not: {sign}"
            return [(_blocked(endpoint, "attack not valid", reason, ball=self._ball), None)]
        if same_model(self.candidate, self.before, endpoint.group):
            return [(_same(endpoint, now, then, mode, self._ball), None)]
        if mode == "recipe" or len(candidate.results) == 1:
            return [self._weigh(endpoint, now, then, mode)]
        seeds = [cell.seed for cell in self.candidate.cells[endpoint.group]]
        parts = []
        for number, seed in enumerate(seeds):
            sides = (_of_seed(now, number), _of_seed(then, number))
            verdict, p_value = self._weigh(endpoint, *sides, mode)
            parts.append((replace(verdict, name=f"{endpoint.name} seed {seed}"), p_value))
        return parts

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def _weigh(
        self, endpoint: Endpoint, now: Side, then: Side, mode: Mode
    ) -> tuple[Verdict, float | None]:
        return judge(endpoint, now, then, mode, self.terms.max_drop, self._ball)

    def _problem(
        self, endpoint: Endpoint, candidate: Panel | None, baseline: Panel | None
    ) -> tuple[Status, str] | None:
        """Return the status and reason that prevent a verdict, or None; the most severe first."""
        if candidate is None:
            return "not comparable", f"the run has no results of {endpoint.subject}"
        elsewhere = unlike_parts(endpoint, self.before, self.candidate)
        if self.before is not None and baseline is not None:
            unlike = differences(self.before, self.candidate, endpoint.dataset)
            weaker, other = attack_differences(self.before, self.candidate)
            if unlike:
                return "not comparable", "; ".join(unlike)
            if elsewhere is not None:
                return "not comparable", elsewhere
            if weaker:
                return "attack not valid", f"weaker than the baseline's: {'; '.join(weaker)}"
            if other:
                return "not comparable", (
                    f"the suites differ ({'; '.join(other)}); {_same_suite(self.before)}attack the "
                    "baseline's models again with this one (--bridge of the command), or make a "
                    "new baseline"
                )
            worse = canary_differences(self.before, self.candidate)
            if worse:
                return "attack not valid", "; ".join(worse)
        elif elsewhere is not None:
            return "not comparable", elsewhere
        elif self.candidate.results.canaries is None:
            return "attack not valid", UNPROVEN
        nothing = unevaluated(endpoint, candidate, baseline or candidate)
        if nothing is not None:
            return "not evaluated", nothing
        if self.before is not None and baseline is not None:
            less = less_checked(self.before, self.candidate, baseline, candidate)
            if less:
                return "attack not valid", f"checked less than the baseline: {'; '.join(less)}"
        for who, run in (("candidate", self.candidate), ("baseline", self.before)):
            reason = None if run is None else random_answers(run.results.model)
            if reason is not None:
                return "attack not valid", f"{who}: {reason}"
        void = invalid(_checks(self.candidate, endpoint))
        return None if void is None else ("attack not valid", void)

    def _side(self, endpoint: Endpoint, panel: Panel, run: StoredRun) -> Side:
        also = None
        if run is self.candidate and endpoint.eps is not None and self.before is not None:
            also = self._broken_by_replay(endpoint.group, endpoint.eps)
            rows = rows_of(endpoint, self.candidate)
            also = also if also is None or rows is None else also[:, rows]
        checks = _checks(run, endpoint)
        return Side(panel, right(endpoint, panel, also), checks, proved(endpoint, panel))

    def _broken_by_replay(self, group: Group, eps: float) -> BoolArray | None:
        """Mark the candidate's rows that the baseline's examples break; None without any.

        Examples of other rows, or of another attacker, prove nothing. A floor is judged even if
        the two runs are not comparable.
        """
        if self.before is None or group not in self.before.panels:
            return None
        if differences(self.before, self.candidate, group[0]):
            return None
        if (group, eps) not in self._replayed:
            before, now = self.before.panels[group], self.candidate.panels[group]
            broken = broken_by_replay(before, now, lambda i: self.models(group, i), eps)
            self._replayed[group, eps] = broken
            nearest = now.nearest
            robust = np.zeros_like(broken) if nearest is None else now.robust(nearest, eps)
            only = int((broken & robust).sum())
            if only:
                self.notes.append(
                    f"{group[0]}/{group[2]}/{group[1]}: the baseline's adversarial examples break "
                    f"{only} answer(s) of the candidate that its own attacks left; they count."
                )
        return self._replayed[group, eps]


def _same_suite(baseline: StoredRun) -> str:
    """Return advice to use the baseline's suite, or "" if its file has changed since."""
    label = str(baseline.manifest["suite"]["label"])
    changed = label != suite_file(baseline.manifest)
    return "" if changed else f"run it with --suite {label} as the baseline, "


def _checks(run: StoredRun, endpoint: Endpoint) -> Sequence[CheckResult]:
    """Return the checks of the endpoint's row, or of all rows if the endpoint has no ε."""
    rows = [r for r in run.rows(endpoint.group) if endpoint.eps in (None, r.eps)]
    found = {(check.name, check.sentence): check for row in rows for check in row.checks}
    return list(found.values())


def _of_seed(side: Side, number: int) -> Side:
    alone, one = Panel([side.panel.results[number]]), slice(number, number + 1)
    proofs = None if side.proved is None else side.proved[one]
    return Side(alone, side.right[one], side.checks, proofs)


def _same(endpoint: Endpoint, now: Side, then: Side, mode: Mode, ball: str) -> Verdict:
    about = wording.subject(endpoint, ball, mode)
    value = float(now.right.mean())
    text = f"identical weights, data and suite: {wording.measure(endpoint)} "
    text += wording.percent(value) if endpoint.measure != "margin" else "unchanged"
    seeds, n = now.right.shape
    figures = SameModel(mode, endpoint.measure, endpoint.eps, n, (seeds, seeds))
    if endpoint.measure != "margin":
        figures = replace(figures, baseline=rate(then.right), candidate=rate(now.right))
    return Verdict(endpoint.name, "pass", f"{about}: {text}", figures)


def _blocked(
    endpoint: Endpoint, status: Status, reason: str, *, ball: str, name: str | None = None
) -> Verdict:
    at = "" if endpoint.eps is None else f" {ball} {endpoint.eps:g}"
    figures = NothingCompared(endpoint.measure, endpoint.eps, reason)
    return Verdict(name or endpoint.name, status, f"{endpoint.subject}{at}: {reason}", figures)


def _spared(verdict: Verdict, count: int) -> Verdict:
    """Make a failure inconclusive that is not significant after correction for ``count`` tests."""
    among = f"; worse by itself, not after Holm's correction for {count} endpoints"
    return replace(verdict, status="inconclusive", text=verdict.text + among)
