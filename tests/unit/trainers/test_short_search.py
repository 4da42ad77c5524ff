from __future__ import annotations

import numpy as np
import pytest

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.models import ARCHITECTURES
from genlabel_robust.strategies.build import build
from genlabel_robust.trainers.config import TrainConfig
from genlabel_robust.trainers.grid import Candidate, grid
from genlabel_robust.trainers.search import first_best
from genlabel_robust.trainers.short_search import search_of, short_search, shortened
from genlabel_robust.trainers.trials import Trial, full_search


def plan_of(strategy="genlabel-cv", **settings):
    return grid(build(strategy), TrainConfig(tune=True, **settings), 0.1, gamma_is_set=False)


class Scorer:
    """Returns scores from a table, and records what it was asked to train."""

    def __init__(self, score):
        self.score, self.trained = score, []

    def __call__(self, trials):
        self.trained += [(t.plan, t.candidate, t.fold) for t in trials]
        return [self.score(t) for t in trials]


def drawn(seed, levels=8):
    """Return a score that is the same at every call, with many ties."""

    def score(trial):
        words = f"{seed} {trial.candidate} {trial.fold}".encode()
        return int(np.random.default_rng(list(words)).integers(levels)) / levels

    return score


def by_hand(plan, score, n_folds):
    """Return the choice of the short search, computed step by step from the scores of one plan."""

    def mean(candidate, folds):
        return np.mean([score(Trial(0, candidate, fold)) for fold in range(1, folds + 1)])

    ends = {("gaussian", 0.0), ("gaussian", 1.0), ("kde", 1.0)}
    by_rate = {
        rate: max(
            mean(c, 1) for c in plan if c.learning_rate == rate and (c.density, c.gamma) in ends
        )
        for rate in (0.1, 0.01, 0.001, 0.0001)
    }
    rates = sorted(by_rate, key=lambda rate: -by_rate[rate])[:2]  # the first of equals
    alive = [c for c in plan if c.learning_rate in rates]
    for fold, kept in zip(range(1, n_folds), (8, 4, 2), strict=False):
        best = sorted(alive, key=lambda c, fold=fold: -mean(c, fold))[:kept]
        alive = [c for c in alive if c in best]
    return max(alive, key=lambda c: mean(c, n_folds))


def chosen(scores):
    return scores[first_best([values for _, values in scores])][0]


@pytest.mark.parametrize("n_folds", [2, 3, 5])
def test_it_chooses_what_its_rules_say_whatever_the_scores(n_folds):
    plan = plan_of()
    for seed in range(40):
        (scores,) = short_search([plan], n_folds, Scorer(drawn(seed)))
        assert [candidate for candidate, _ in scores] == list(plan)
        assert chosen(scores) == by_hand(plan, drawn(seed), n_folds)


def test_a_fifth_of_the_grid_is_trained_and_nothing_twice():
    plan, scorer = plan_of(), Scorer(drawn(0))
    short_search([plan], 5, scorer)
    # 4 rates of 3 labels and 2 of the other 8 on the first fold, then 8, 4, and 2 on two folds
    assert len(scorer.trained) == len(set(scorer.trained)) == 12 + 16 + 8 + 4 + 2 * 2
    full = Scorer(drawn(0))
    full_search([plan], 5, full)
    assert len(full.trained) == 220


def test_a_candidate_that_leads_everywhere_is_chosen_by_both_searches():
    plan = plan_of()
    for best in plan:

        def score(trial, best=best):
            same_rate = trial.candidate.learning_rate == best.learning_rate
            return 0.5 * same_rate + 0.5 * (trial.candidate == best)

        for search in (short_search, full_search):
            (scores,) = search([plan], 5, score_all(score))
            assert chosen(scores) == best


def score_all(score):
    return lambda trials: [score(trial) for trial in trials]


def test_of_equals_the_first_stays():
    plan = plan_of()
    (scores,) = short_search([plan], 5, score_all(lambda trial: 0.5))
    assert chosen(scores) == plan[0]
    kept = [candidate for candidate, values in scores if not np.isnan(values).any()]
    assert kept == list(plan[:2])


def test_plans_that_are_searched_together_choose_as_alone():
    plans = [plan_of(), plan_of("genlabel-gm"), plan_of("vanilla"), plan_of("genlabel-nn")]
    for seed in range(10):
        together = short_search(plans, 5, score_all(drawn(seed)))
        for plan, scores in zip(plans, together, strict=True):
            (alone,) = short_search([plan], 5, score_all(drawn(seed)))
            for (one, values), (other, others) in zip(scores, alone, strict=True):
                assert one == other
                np.testing.assert_array_equal(values, others)


def test_of_a_few_candidates_all_are_trained():
    for plan in (plan_of("vanilla"), plan_of("genlabel-gm", learning_rates=(0.1,))):
        assert not shortened(plan)
        short, full = (s([plan], 5, score_all(drawn(1)))[0] for s in (short_search, full_search))
        for (one, values), (other, others) in zip(short, full, strict=True):
            assert one == other
            np.testing.assert_array_equal(values, others)


def test_only_nets_with_hidden_layers_are_searched_shortly():
    short = TrainConfig(search="short")
    names = ("mlp", "linear3", "logistic")
    assert [search_of(short, ARCHITECTURES.load(name)) for name in names] == ["short"] * 2 + [
        "full"
    ]
    assert search_of(short, None) == "full"
    assert search_of(TrainConfig(), ARCHITECTURES.load("mlp")) == "full"


def test_a_score_that_is_no_number_never_stays_and_all_of_them_are_refused():
    plan = plan_of()
    bad = {c for c in plan if c.gamma is not None and c.gamma < 0.9}

    def score(trial):
        return float("nan") if trial.candidate in bad else 0.1

    (scores,) = short_search([plan], 5, score_all(score))
    assert chosen(scores) == Candidate(0.1, "gaussian", 1.0)
    (nothing,) = short_search([plan], 5, score_all(lambda trial: float("nan")))
    with pytest.raises(ConfigurationError, match="NaN"):
        chosen(nothing)
