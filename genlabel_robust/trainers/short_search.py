"""The short search: train what can still win, and nothing else."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from genlabel_robust.models.architecture import Architecture
from genlabel_robust.models.chain import Chain
from genlabel_robust.trainers.config import Search, TrainConfig
from genlabel_robust.trainers.grid import Candidate
from genlabel_robust.trainers.trials import Measure, Scores, ScoreTable

#: Learning rates are compared after this share of the epochs, on the first so many folds.
SCREENED_SHARE, SCREENED_FOLDS = 0.3, 2
#: How many of them are left.
RATES = 2
#: How many candidates are left after the first fold, after the second, and so on.
KEPT = (8, 4)
#: All that determines what is trained, as JSON has it. Another value is another search.
SCHEDULE: Mapping[str, Any] = MappingProxyType(
    {
        "screened_share": SCREENED_SHARE,
        "screened_folds": SCREENED_FOLDS,
        "screened_labels": "first, and last of each density",
        "rates": RATES,
        "kept": list(KEPT),
        "ties": "first",
    }
)


def short_search(
    plans: Sequence[Sequence[Candidate]], n_folds: int, measure: Measure
) -> list[Scores]:
    """Choose the learning rates that can win in each plan, then race candidates over the folds.

    Rates are compared by their best candidate among those of the least γ and of each
    density's largest, after ``SCREENED_SHARE`` of the epochs, on ``SCREENED_FOLDS`` folds.
    All candidates of the ``RATES`` best are trained on the first fold for all epochs, the
    best ``KEPT`` of them on the second, and so on. Scores are compared by their mean over the
    folds so far; of equals the first in the order of the grid stays. A plan that is not
    ``shortened`` is searched in full, on its own. Scores are NaN where nothing was trained
    for all epochs.
    """
    table = ScoreTable(plans, n_folds)
    alive = _screened(plans, min(SCREENED_FOLDS, n_folds), measure)
    rungs = min(len(KEPT), n_folds - 1)
    for fold in range(1, rungs + 1):
        table.fill(alive, [fold], measure)
        alive = [
            table.best(plan, left, fold, KEPT[fold - 1]) if shortened(plans[plan]) else left
            for plan, left in enumerate(alive)
        ]
    table.fill(alive, range(rungs + 1, n_folds + 1), measure)
    return table.scores()


def search_of(config: TrainConfig, architecture: Architecture | None) -> Search:
    """Return how models of ``architecture`` are searched; None stands for scikit-learn's.

    Only a search among nets with hidden layers is shortened. Logistic regressions are so
    small that the whole grid takes no longer than a part of it.
    """
    logistic = isinstance(architecture, Chain) and not architecture.widths
    return "full" if architecture is None or logistic else config.search


def shortened(candidates: Sequence[Candidate]) -> bool:
    """Say whether the short search of ``candidates`` is another than the full one.

    It is where one learning rate has more candidates than the last rung keeps: to compare a
    few learning rates alone, all are trained.
    """
    return len(_labels(candidates)) > min(KEPT)


def _screened(
    plans: Sequence[Sequence[Candidate]], n_folds: int, measure: Measure
) -> list[Sequence[Candidate]]:
    """Return the candidates of each plan's best learning rates; all where there is no choice."""
    tried = [_ends(plan) if shortened(plan) and len(_rates(plan)) > RATES else [] for plan in plans]
    table = ScoreTable(tried, n_folds)
    table.fill(tried, range(1, n_folds + 1), measure, SCREENED_SHARE)
    alive: list[Sequence[Candidate]] = list(plans)
    for number, ends in enumerate(tried):
        if ends:
            leaders: list[float | None] = []
            while len(leaders) < RATES:
                left = [c for c in ends if c.learning_rate not in leaders]
                leaders += _rates(table.best(number, left, n_folds, 1))
            alive[number] = [c for c in plans[number] if c.learning_rate in leaders]
    return alive


def _ends(plan: Sequence[Candidate]) -> list[Candidate]:
    """Return the candidates of the first labels and of each density's last, at every rate."""
    labels = _labels(plan)
    last = {density: (density, gamma) for density, gamma in labels}
    wanted = {labels[0], *last.values()}
    return [candidate for candidate in plan if (candidate.density, candidate.gamma) in wanted]


def _labels(plan: Sequence[Candidate]) -> list[tuple[str | None, float | None]]:
    """Return the pairs of density and γ in ``plan``, in their order: γ ascends."""
    return list(dict.fromkeys((candidate.density, candidate.gamma) for candidate in plan))


def _rates(plan: Sequence[Candidate]) -> list[float | None]:
    return list(dict.fromkeys(candidate.learning_rate for candidate in plan))
