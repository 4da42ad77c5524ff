"""The short search: train only candidates that can still win."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from genlabel_robust.models.nets.architecture import Architecture
from genlabel_robust.models.nets.chain import Chain
from genlabel_robust.trainers.config import Search, TrainConfig
from genlabel_robust.trainers.grid import Candidate
from genlabel_robust.trainers.trials import Measure, Scores, ScoreTable

#: How many learning rates remain after candidates at the ends of γ ran on the first fold.
RATES = 2
#: How many candidates remain after the first fold, after the second, and so on.
KEPT = (8, 4, 2)


def _schedule(rates: int, kept: Sequence[int]) -> Mapping[str, Any]:
    return MappingProxyType(
        {
            "rates": rates,
            "rates_by": "first labels, and last of each density, on the first fold",
            "kept": list(kept),
            "ties": "first",
        }
    )


#: Everything that determines which candidates are trained, as JSON; a new value is a new search.
SCHEDULE = _schedule(RATES, KEPT)
#: The schedules of earlier versions, whose runs can be read and verified, but not trained again.
EARLIER_SCHEDULES = (_schedule(3, (12, 6)),)


def short_search(
    plans: Sequence[Sequence[Candidate]], n_folds: int, measure: Measure
) -> list[Scores]:
    """Eliminate candidates of each plan over the folds, starting with learning rates.

    The first fold begins with the candidates at the smallest γ and at the largest γ of each
    density, at every learning rate. The ``RATES`` best learning rates remain, each judged by its
    best candidate. All of their candidates are then trained on the first fold, the best ``KEPT``
    of them on the second, and so on. Scores are compared by their mean over the folds so far; at
    ties the first in the order of the grid stays. Every model trains for all epochs, because high
    learning rates lead after a part of them. A plan that is not ``shortened`` is searched in full.
    Scores are NaN where nothing was trained.
    """
    table = ScoreTable(plans, n_folds)
    ends = [_ends(plan) if shortened(plan) else [] for plan in plans]
    table.fill(ends, [1], measure)
    alive = [
        _of_best_rates(table, number, plan, ends[number]) if ends[number] else list(plan)
        for number, plan in enumerate(plans)
    ]
    rest = [[c for c in left if c not in own] for left, own in zip(alive, ends, strict=True)]
    table.fill(rest, [1], measure)
    rungs = min(len(KEPT), n_folds - 1)
    for fold in range(1, rungs + 1):
        alive = [
            table.best(plan, left, fold, KEPT[fold - 1]) if ends[plan] else left
            for plan, left in enumerate(alive)
        ]
        last = fold == rungs
        table.fill(alive, range(fold + 1, n_folds + 1) if last else [fold + 1], measure)
    return table.scores()


def search_of(config: TrainConfig, architecture: Architecture | None) -> Search:
    """Return the kind of search for ``architecture``; None stands for scikit-learn estimators.

    Only a search among nets with hidden layers is shortened. Logistic regressions are so
    small that the whole grid takes no longer than a part of it.
    """
    logistic = isinstance(architecture, Chain) and not architecture.widths
    return "full" if architecture is None or logistic else config.search


def shortened(candidates: Sequence[Candidate]) -> bool:
    """Say whether the short search of ``candidates`` trains fewer models than the full one.

    True if there are more candidates than remain after the first fold.
    """
    return len(candidates) > KEPT[0]


def _of_best_rates(
    table: ScoreTable, number: int, plan: Sequence[Candidate], ends: Sequence[Candidate]
) -> list[Candidate]:
    """Return the candidates of ``plan`` at the best learning rates, by the scores of ``ends``."""
    by_rate = _by_rate(ends)
    leaders = [table.best(number, same, 1, 1)[0] for same in by_rate.values()]
    rates = _by_rate(table.best(number, leaders, 1, RATES))
    return [candidate for candidate in plan if candidate.learning_rate in rates]


def _ends(plan: Sequence[Candidate]) -> list[Candidate]:
    """Return the candidates at the first label setting and each density's last, at every rate."""
    labels = list(dict.fromkeys((candidate.density, candidate.gamma) for candidate in plan))
    last = {density: (density, gamma) for density, gamma in labels}  # γ ascends
    wanted = {labels[0], *last.values()}
    return [candidate for candidate in plan if (candidate.density, candidate.gamma) in wanted]


def _by_rate(candidates: Sequence[Candidate]) -> dict[float | None, list[Candidate]]:
    rates: dict[float | None, list[Candidate]] = {}
    for candidate in candidates:
        rates.setdefault(candidate.learning_rate, []).append(candidate)
    return rates
