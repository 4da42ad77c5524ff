from __future__ import annotations

import pytest
import torch

from genlabel_robust.core.errors import ConfigurationError, UnknownNameError
from genlabel_robust.strategies.build import build, setting_names
from genlabel_robust.strategies.soft_batch import SoftBatch


def test_settings_reach_the_strategy():
    strategy = build("genlabel-kde", {"alpha": 0.5, "gamma": 0.2, "bandwidth": 0.1})
    assert (strategy.alpha, strategy.gamma, strategy.bandwidth) == (0.5, 0.2, 0.1)


def test_what_only_code_can_give_is_no_setting():
    assert setting_names("genlabel-gm-latent") == ("alpha", "gamma", "warmup")
    assert setting_names("adversarial") == ()
    assert setting_names("adamixup") == ()


def test_an_unknown_strategy_answers_with_the_nearest():
    with pytest.raises(UnknownNameError, match="did you mean 'mixup'"):
        build("mixpu")


@pytest.mark.parametrize("name", ["genlabel-kde", "genlabel-cv"])
def test_a_wrong_bandwidth_is_refused_when_it_is_given(name):
    with pytest.raises(ConfigurationError, match="bandwidth is -1"):
        build(name, {"bandwidth": -1})


def test_a_soft_batch_of_other_shapes_is_refused():
    with pytest.raises(ConfigurationError, match=r"\(b, d\), \(b, k\) and \(b,\)"):
        SoftBatch(torch.zeros(3, 2), torch.zeros(3), torch.zeros(3))
    with pytest.raises(ConfigurationError, match=r"\(b, d\), \(b, k\) and \(b,\)"):
        SoftBatch(torch.zeros(3, 2), torch.zeros(3, 2), torch.zeros(2))
