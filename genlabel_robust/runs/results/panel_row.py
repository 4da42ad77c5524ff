"""A row of the results, computed from the per-example results."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.attacks.choice import kept_for
from genlabel_robust.core import BoolArray, quoted
from genlabel_robust.data import Task
from genlabel_robust.data.subgroups.grouping import groupings
from genlabel_robust.runs.cells.canary_record import CanaryRecord
from genlabel_robust.runs.cells.panel import Panel
from genlabel_robust.runs.checks import run_checks
from genlabel_robust.runs.plan.plan import Plan
from genlabel_robust.runs.results.certification import certification
from genlabel_robust.runs.results.check_result import CheckResult
from genlabel_robust.runs.results.few_features import FewFeaturesRow, few_features_row
from genlabel_robust.runs.results.margins import margin_summary
from genlabel_robust.runs.results.row import ClassRow, Row, unable
from genlabel_robust.runs.results.subgroups.subgroups import subgroups
from genlabel_robust.statistics import Estimate, balanced_rate, rate
from genlabel_robust.threat import attack_space, within
from genlabel_robust.threat.table_columns import table_columns


def panel_row(
    key: tuple[str, str, str],
    panel: Panel,
    plan: Plan,
    eps: float,
    canaries: Mapping[str, CanaryRecord] | None,
    attacks: Sequence[str],
) -> Row:
    """Return the row of a panel at ``eps``; ``key``: its data set, architecture and strategy.

    ``canaries``: the records for its kind of models, None if there are none; ``attacks``: those of
    the run with a column.
    """
    dataset, architecture, strategy = key
    task = plan.tasks[dataset]
    row = Row(
        dataset,
        strategy,
        architecture,
        eps,
        plan.threat.norm,
        plan.threat.unit,
        n_examples=len(panel.labels),
        n_seeds=len(panel.results),
        attacks=dict.fromkeys(attacks),
        hyper_parameters=tuple(dict(r.hyper_parameters) for r in panel.results),
        reason=panel.not_applicable,
    )
    if panel.not_applicable is not None:
        return row
    checked = plan.config.checks != "off"
    checks = run_checks(panel, eps, plan.threat.eps, canaries) if checked else ()
    certified, untried = panel.certified(eps), int(panel.untried(eps).sum())
    looked_for = panel.exact is not None or not untried
    exact = panel.exactly_robust(eps)
    row = replace(
        row,
        clean_accuracy=rate(panel.clean),
        balanced_clean_accuracy=_balanced(panel.clean, panel, task),
        logit_margin=_quantiles(np.stack([r.logit_margin for r in panel.results])),
        checks=tuple(map(CheckResult.of, checks)),
        exact_robust_accuracy=None if exact is None else rate(exact),
        certified_accuracy=None if certified is None else rate(certified),
        certification=certification(panel, eps),
        # without a search, distances are unknown rather than large
        margin=margin_summary(panel, plan.threat.norm, plan.threat.eps) if looked_for else None,
    )
    row = _attacked(row, panel, plan)
    found = subgroups(panel, groupings(task.by), eps, attacked=not untried)
    row = replace(row, subgroups=found)
    row = replace(row, few_features=_few_features(panel, plan, task, eps))
    if panel.nearest is None:
        return replace(row, reason="no attack of the suite can work on this model")
    if untried:
        late = f"no attack had the time to try {untried} of the examples (max_seconds)"
        return replace(row, reason=late)
    robust = panel.robust(panel.nearest, eps)
    return replace(
        row,
        robust_accuracy=rate(robust),
        balanced_robust_accuracy=_balanced(robust, panel, task),
        per_class=tuple(
            ClassRow(
                task.classes[label],
                int((panel.labels == label).sum()),
                rate(panel.clean[:, panel.labels == label]),
                rate(robust[:, panel.labels == label]),
            )
            for label in np.unique(panel.labels)
        ),
    )


def _few_features(panel: Panel, plan: Plan, task: Task, eps: float) -> FewFeaturesRow | None:
    space = attack_space(task, plan.threat)
    columns = table_columns(task.feature_names, task.encoding, space.rules.one_hot)
    budget = plan.threat.eps.index(eps)
    return few_features_row(panel, eps, budget, columns, space, task.x_test)


def _attacked(row: Row, panel: Panel, plan: Plan) -> Row:
    """Return ``row`` with the results of each of its attacks, or why there are none."""
    timed = plan.config.max_seconds is not None
    rates, outcomes = dict(row.attacks), {}
    not_chosen, not_applicable = {}, {}
    for index, name in enumerate(panel.attacks):
        if name not in row.attacks:
            continue
        if name in panel.not_chosen:
            not_chosen[name] = kept_for(plan.when[name])
        elif not panel.applicable(index):
            not_applicable[name] = unable(panel.needs[index])
        outcomes[name] = _outcomes(panel, index, row.eps, timed)
        if panel.has_own_rate(index, row.eps):
            rates[name] = rate(panel.robust(panel.distances[:, index], row.eps))
    return replace(
        row, attacks=rates, outcomes=outcomes, not_chosen=not_chosen, not_applicable=not_applicable
    )


def _balanced(correct: BoolArray, panel: Panel, task: Task) -> Estimate:
    found = balanced_rate(correct, panel.labels, task.n_classes)
    present = [task.classes[label] for label in np.unique(panel.labels)]
    if len(present) < task.n_classes:
        return replace(found, method=f"{found.method}: over {quoted(present)} only")
    return found


def _outcomes(panel: Panel, index: int, eps: float, timed: bool) -> dict[str, float]:
    """Count the examples by outcome; one that is broken only beyond ``eps`` survived.

    The same holds if the attack had no time only beyond ``eps``; ``timed``: count the others.
    """
    outcomes, late = panel.outcomes[:, index], panel.out_of_time(index, eps)
    beyond = (outcomes == Outcome.BROKEN) & ~within(panel.distances[:, index], eps)
    beyond |= (outcomes == Outcome.OUT_OF_TIME) & ~late
    outcomes = np.where(beyond, int(Outcome.SURVIVED), outcomes)
    counted = [outcome for outcome in Outcome if timed or outcome != Outcome.OUT_OF_TIME]
    counts = {outcome.name.lower(): int((outcomes == outcome).sum()) for outcome in counted}
    queries = np.stack([r.queries[index] for r in panel.results])
    positive = queries[queries > 0]
    return counts | {"mean_queries": float(positive.mean()) if positive.size else 0.0}


def _quantiles(values: np.ndarray) -> dict[str, float]:
    names = {"median": 0.5, "q05": 0.05, "q25": 0.25, "q75": 0.75}
    return {name: float(np.quantile(values, q, method="inverted_cdf")) for name, q in names.items()}
