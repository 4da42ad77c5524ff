from __future__ import annotations

import pytest

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.trainers.config import TrainConfig


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("epochs", 0),
        ("epochs", 2.5),
        ("epochs", True),
        ("batch_size", 0),
        ("folds", 1),
        ("copies", 0),
        ("learning_rate", 0.0),
        ("learning_rate", float("nan")),
        ("learning_rates", (0.1, -0.1)),
        ("learning_rates", ()),
        ("weight_decay", -1e-4),
        ("weight_decay", float("inf")),
        ("gammas", (0.0, 1.2)),
        ("gammas", ()),
        ("shuffle", "no"),
        ("tune", 1),
    ],
)
def test_an_impossible_value_is_refused_by_name(setting, value):
    with pytest.raises(ConfigurationError, match=setting.removesuffix("s")):
        TrainConfig(**{setting: value})


def test_the_defaults_are_the_papers_protocol():
    config = TrainConfig()
    assert (config.epochs, config.batch_size, config.weight_decay) == (100, 128, 1e-4)
    assert config.learning_rates == (0.1, 0.01, 0.001, 0.0001)
    assert config.gammas == (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    assert (config.folds, config.shuffle) == (5, False)
