from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.special import rel_entr
from scipy.stats import norm

from genlabel_robust.core.errors import ConfigurationError, NotApplicableError
from genlabel_robust.core.seeds import generator
from genlabel_robust.densities.gaussian import RIDGE
from genlabel_robust.strategies.adamixup import AdaMixup
from genlabel_robust.strategies.diagnostics import diagnose
from genlabel_robust.strategies.genlabel_gm import GenLabelGM
from genlabel_robust.strategies.genlabel_kde import GenLabelKDE
from genlabel_robust.strategies.genlabel_latent import GenLabelGMLatent
from genlabel_robust.strategies.genlabel_nn import GenLabelNN
from genlabel_robust.strategies.mixup import Mixup
from genlabel_robust.strategies.mixup_exclude_mi import MixupExcludeMI
from genlabel_robust.strategies.vanilla import Vanilla

# class 0 at ±0.2, class 1 at ±1, ten times each: every pair of the four is equally likely
PLACES, LABELS = np.array([-0.2, 0.2, -1.0, 1.0]), np.array([0, 0, 1, 1])
X, Y = np.repeat(PLACES, 10)[:, None], np.repeat(LABELS, 10)
# λ is drawn once a draw: with 2,000 draws a share's standard error is below 0.002
DRAWS = 2000


@pytest.fixture(scope="module")
def found():
    return diagnose(GenLabelGM(), X, Y, 2, draws=DRAWS)


def gaussian_label(x):
    """Return the probability of class 1 for means 0 and population variances 0.04 and 1."""
    zero, one = (norm.logpdf(x, scale=np.sqrt(v + RIDGE)) for v in (0.04, 1.0))
    return 1 / (1 + np.exp(zero - one))


def integrated(value):
    """Return the mean of value(x_mix, weight of class 1, parents) over pairs and λ ~ U(0, 1)."""
    ratio = (np.arange(20_000) + 0.5) / 20_000
    return np.mean(
        [
            value(ratio * a + (1 - ratio) * b, ratio * own + (1 - ratio) * other, (own, other))
            for a, own in zip(PLACES, LABELS, strict=True)
            for b, other in zip(PLACES, LABELS, strict=True)
        ]
    )


def test_the_rates_of_a_line_of_points_are_those_of_integration(found):
    nearest = integrated(lambda x, _, parents: ~np.isin(np.abs(x) > 0.6, parents))
    foreign = integrated(lambda x, _, parents: ~np.isin(gaussian_label(x) > 0.5, parents))
    assert found.n_points == DRAWS * 40
    assert found.intrusion_rate == pytest.approx(nearest, abs=0.01)
    assert found.foreign_label_rate == pytest.approx(foreign, abs=0.01)
    # neither of the two is the other
    assert abs(nearest - foreign) > 0.02


def test_the_divergence_is_that_of_mixups_label_from_genlabels(found):
    def nats(x, share, _):
        label = gaussian_label(x)
        return rel_entr(share, label) + rel_entr(1 - share, 1 - label)

    assert found.kl_divergence == pytest.approx(integrated(nats), rel=0.02)
    assert found.infinite_kl_rate == 0.0


def test_where_a_label_is_one_hot_the_divergence_is_zero_or_infinite():
    found = diagnose(GenLabelNN(), X, Y, 2, draws=50)
    assert found.foreign_label_rate == found.intrusion_rate
    assert found.kl_divergence == 0.0
    # infinite for every pair of different classes, half of all, and for intruders
    assert found.infinite_kl_rate == pytest.approx(0.5 + found.intrusion_rate, abs=0.06)


def test_far_classes_have_a_large_but_finite_divergence():
    x = np.concatenate([np.full(20, -1e3), np.full(20, 1e3)])[:, None]
    x += np.random.default_rng(0).normal(size=x.shape)
    found = diagnose(GenLabelGM(), x, np.repeat([0, 1], 20), 2, draws=20)
    assert found.infinite_kl_rate == 0.0
    assert found.kl_divergence > 1e4


def test_the_intrusion_rate_is_the_share_that_exclude_mi_drops():
    strategy, rng = MixupExcludeMI(alpha=0.7).fit(X, Y, 2), generator(3, "diagnostics")
    x, y = torch.tensor(X), torch.tensor(Y)
    kept = np.mean([strategy(x, y, rng).weight.mean().item() for _ in range(30)])
    found = diagnose(MixupExcludeMI(alpha=0.7), X, Y, 2, seed=3, draws=30)
    assert found.intrusion_rate == pytest.approx(1 - kept, abs=1e-12)


def test_strategies_are_diagnosed_on_the_same_points_whatever_their_gamma():
    kinds = (Mixup(), MixupExcludeMI(), GenLabelKDE(), GenLabelGM(gamma=0.0), GenLabelGM())
    found = [diagnose(strategy, X, Y, 2, seed=1) for strategy in kinds]
    assert len({one.intrusion_rate for one in found}) == 1
    assert found[3] == found[4]
    assert found[0].foreign_label_rate is None
    assert found[0].kl_divergence is None


def test_a_latent_strategy_is_diagnosed_by_its_features():
    # a body that changes nothing gives what the features themselves do
    body = torch.nn.Identity()
    plain, latent = (
        diagnose(strategy, X, Y, 2) for strategy in (GenLabelGM(), GenLabelGMLatent(body=body))
    )
    assert latent == plain


@pytest.mark.parametrize("strategy", [Vanilla(), AdaMixup()])
def test_a_strategy_that_does_not_mix_by_a_fixed_distribution_is_refused(strategy):
    with pytest.raises(NotApplicableError, match=strategy.name):
        diagnose(strategy, X, Y, 2)


@pytest.mark.parametrize("setting", ["draws", "points"])
def test_no_draws_and_no_points_are_refused(setting):
    with pytest.raises(ConfigurationError, match=f"{setting} is 0"):
        diagnose(Mixup(), X, Y, 2, **{setting: 0})


def test_some_points_of_each_draw_give_what_all_of_them_do(found):
    some = diagnose(GenLabelGM(), X, Y, 2, draws=DRAWS, points=10)
    assert some.n_points == DRAWS * 10
    assert some.intrusion_rate == pytest.approx(found.intrusion_rate, abs=0.015)
    assert some.foreign_label_rate == pytest.approx(found.foreign_label_rate, abs=0.015)
    assert some.kl_divergence == pytest.approx(found.kl_divergence, rel=0.04)


def test_more_points_than_there_are_rows_are_all_of_them():
    assert diagnose(GenLabelGM(), X, Y, 2, points=99) == diagnose(GenLabelGM(), X, Y, 2)
