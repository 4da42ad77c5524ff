"""Gates for a model in memory: comparing it with its baseline, and saving it as the baseline."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from genlabel_robust.core import ConfigurationError, one_thread
from genlabel_robust.gates.baselines.baseline import Baseline, keep_baseline, read_baseline
from genlabel_robust.gates.baselines.owner import refuse_other_test
from genlabel_robust.gates.gate import gate
from genlabel_robust.gates.verdicts import wording
from genlabel_robust.gates.verdicts.endpoint import Endpoint, chosen_endpoints
from genlabel_robust.gates.verdicts.figures import SavedRate
from genlabel_robust.gates.verdicts.terms import Terms
from genlabel_robust.gates.verdicts.verdict import GateResult, Verdict
from genlabel_robust.runs.audit import evaluate_in_memory
from genlabel_robust.runs.evaluate import Run
from genlabel_robust.runs.folder.stored_run import read_run
from genlabel_robust.runs.plan.audit_plan import Called
from genlabel_robust.runs.results.row import Row
from genlabel_robust.runs.results.subgroups.subgroup import Subgroup


def check_model(
    model: Any, x: Any, y: Any, *, baseline: Path, terms: Terms, out: Path, test: str, **how: Any
) -> GateResult:
    """Attack ``model`` on the rows ``x`` with labels ``y``, and judge it by ``terms``.

    ``baseline``: a baseline with one recipe, whose names the model's results get. ``out``: the
    new run folder. ``test``: the calling test, which must own the baseline. ``how``: further
    arguments of ``evaluate_in_memory``. Raises ``UsageError`` if the gate is impossible; if
    possible, this is checked before any attack.
    """
    with read_baseline(baseline) as known:
        refuse_other_test(known.about, baseline, test)
        called = _called(known)
    with one_thread():
        run, queried = evaluate_in_memory(model, x, y, out=str(out), called=called, **how)
        result = gate(run.path, baseline, terms, models=lambda group, number: queried)
    return _noticed(result, run)


def keep_model(
    model: Any,
    x: Any,
    y: Any,
    *,
    name: str,
    baseline: Path,
    terms: Terms,
    reason: str,
    out: Path,
    test: str,
    **how: Any,
) -> GateResult:
    """Attack ``model``, and save or update ``baseline`` with the result, for a ``reason``.

    ``name``: the data set's name in later verdicts. ``test``: the test that will own the
    baseline. Nothing is saved if the robust accuracy is below the floor of ``terms``, as the
    result then states. Raises like ``check_model``, and ``ConfigurationError`` if a check of the
    numbers failed, or if no attack works on the model.
    """
    if baseline.exists():
        with read_baseline(baseline) as known:
            refuse_other_test(known.about, baseline, test)
    with one_thread():
        run, queried = evaluate_in_memory(model, x, y, out=str(out), called=Called(name), **how)
        floors = []
        if terms.min_robust is not None:
            result = gate(run.path, None, terms, models=lambda group, number: queried)
            if result.exit_code:
                return _noticed(result, run)
            floors = [*result.verdicts]
    (row,) = run.results.rows
    if row.robust_accuracy is None:
        raise ConfigurationError(
            f"there is no robust accuracy to keep: {row.reason}; choose another suite, such as "
            "standard, whose last attack needs labels only"
        )
    chosen = chosen_endpoints(terms.endpoints, read_run(run.path))
    saved = [
        _saved(endpoint, row, wording.ball(run.results.threat), baseline) for endpoint in chosen
    ]
    keep_baseline(baseline, run.path, reason, [endpoint.name for endpoint in chosen], test)
    return _noticed(GateResult([*saved, *floors], terms.inconclusive), run)


def _called(known: Baseline) -> Called:
    groups = list(dict.fromkeys(endpoint.group for endpoint in known.endpoints))
    if len(groups) > 1:
        names = ", ".join(dict.fromkeys(endpoint.subject for endpoint in known.endpoints))
        raise ConfigurationError(
            f"one model cannot take the place of {len(groups)} ({names}); save a baseline of one"
        )
    dataset, architecture, strategy = groups[0]
    return Called(dataset, strategy, architecture)


def _saved(endpoint: Endpoint, row: Row, ball: str, baseline: Path) -> Verdict:
    if endpoint.measure == "margin":
        raise ConfigurationError(
            f"the endpoint {endpoint.name!r} is a margin, and a test is held to accuracies; name "
            "robust or clean"
        )
    about: Row | Subgroup = row
    where = ""
    if endpoint.part is not None:
        where = f" where {endpoint.part}"
        about = next(one for one in row.subgroups if one.label == endpoint.part)
    robust = endpoint.measure == "robust"
    found = about.robust_accuracy if robust else about.clean_accuracy
    if found is None:
        raise ConfigurationError(f"there is no figure of {endpoint.name!r} to keep; leave it out")
    n = about.n_examples
    text = (
        f"{row.dataset} {ball} {row.eps:g}: {endpoint.measure}{where} "
        f"{wording.estimated(found, n)} is the baseline now, {baseline.name}"
    )
    figures = SavedRate(endpoint.measure, endpoint.eps, found, n, (row.n_seeds,))
    return Verdict(endpoint.name, "pass", text, figures, word="SAVED")


def _noticed(result: GateResult, run: Run) -> GateResult:
    """Return ``result`` with the run's notices about its rows added to the notes."""
    notices = [
        text
        for about in run.results.datasets.values()
        for text in (*(concern.text for concern in about.concerns), *about.notices)
    ]
    return replace(result, notes=[*notices, *result.notes])
