"""The gate: whether robustness dropped below the baseline by more than allowed."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from genlabel_robust.core import ConfigurationError
from genlabel_robust.gates.baselines.baseline import Baseline, read_baseline
from genlabel_robust.gates.comparison.compare import Court, Models
from genlabel_robust.gates.verdicts import wording
from genlabel_robust.gates.verdicts.endpoint import Endpoint, chosen_endpoints
from genlabel_robust.gates.verdicts.terms import Terms
from genlabel_robust.gates.verdicts.verdict import Description, GateResult, Judged
from genlabel_robust.runs.folder.stored_run import StoredRun, read_run


def gate(
    run: Path,
    baseline: Path | None,
    terms: Terms,
    *,
    bridge: bool = False,
    models: Models | None = None,
    trust: bool = False,
    command: str = "",
) -> GateResult:
    """Judge the finished run in folder ``run`` by ``terms``, against ``baseline`` or floors alone.

    ``bridge``: if only the suites differ, attack the baseline's models again with the run's
    suite. ``models``: returns the run's models; None reads them from the run folder. ``trust``:
    whether to read models whose loader executes code in a file. ``command``: the command that
    repeats this gate, for the result. Raises ``OutputError`` for damaged files,
    ``UnfinishedRunError`` for an unfinished run, and ``ConfigurationError`` for terms that do not
    fit the run.
    """
    if baseline is None and terms.min_robust is None:
        raise ConfigurationError(
            "there is nothing to compare with: give --baseline, --min-robust, or both"
        )
    candidate = read_run(run)
    with ExitStack() as stack:
        known = None if baseline is None else stack.enter_context(read_baseline(baseline))
        chosen = _endpoints(terms, known, candidate)
        if terms.min_robust is not None and all(e.measure != "robust" for e in chosen):
            raise ConfigurationError(
                "min_robust is a floor for robust accuracy, but no endpoint is a robust accuracy; "
                "add --endpoint robust, or leave out min_robust"
            )
        before = None if known is None else known.run
        court = Court(candidate, before, terms, models or _stored_models(candidate, trust))
        if bridge and known is not None:
            court = court.over_a_bridge(chosen)
        verdicts = court.verdicts(chosen)
        floors = court.floors(chosen) if terms.min_robust is not None else []
        return GateResult(
            verdicts=[*verdicts, *floors],
            policy=terms.inconclusive,
            described=_described(candidate, chosen),
            notes=court.notes,
            command=command,
            judged=_judged(candidate, known),
        )


def _endpoints(terms: Terms, known: Baseline | None, candidate: StoredRun) -> tuple[Endpoint, ...]:
    if known is None:
        return chosen_endpoints(terms.endpoints, candidate)
    if terms.endpoints:
        return chosen_endpoints(terms.endpoints, known.run)
    return known.endpoints


def _stored_models(run: StoredRun, trust: bool) -> Models:
    return lambda group, number: run.model(run.cells[group][number], trust=trust)


def _described(run: StoredRun, endpoints: Sequence[Endpoint]) -> list[Description]:
    """Return a description of every row of the results that is not an endpoint."""
    judged = {(*endpoint.group, endpoint.eps) for endpoint in endpoints}
    described = []
    for row in run.results.rows:
        if (*row.group, row.eps) in judged:
            continue
        found = row.robust_accuracy
        text = row.reason or "" if found is None else f"robust {wording.estimated(found)}"
        name = Endpoint("robust", row.dataset, row.strategy, row.architecture, row.eps).subject
        described.append(
            Description(f"{name} {wording.ball(run.results.threat)} {row.eps:g}", text)
        )
    return described


def _judged(run: StoredRun, known: Baseline | None) -> Judged:
    judged = Judged(run.results.suite, run.results.threat)
    if known is None:
        return judged
    return replace(judged, digest=known.digest, history=known.about.history)
