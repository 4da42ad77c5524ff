from __future__ import annotations

import numpy as np
import pytest
import torch

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.core.seeds import generator
from genlabel_robust.models.nets.chain import LINEAR3, LOGISTIC, MLP, Chain


def test_a_module_computes_what_its_layers_say() -> None:
    layers = MLP.initialise(5, 3, generator(0, "test"))
    x = generator(1, "test").normal(size=(7, 5)).astype(np.float32)
    hidden = x
    for weight, bias in layers[:-1]:
        hidden = np.maximum(hidden @ weight + bias, 0)
    expected = hidden @ layers[-1][0] + layers[-1][1]
    with torch.no_grad():
        assert np.allclose(MLP.module(layers)(torch.from_numpy(x)).numpy(), expected, atol=1e-6)


def test_initial_weights_are_spread_as_torch_spreads_them() -> None:
    layers = LINEAR3.initialise(400, 10, generator(0, "test"))
    torch.manual_seed(0)
    reference = torch.nn.Linear(400, 128)
    assert abs(layers[0][0]).max() <= 400**-0.5
    assert layers[0][0].std() == pytest.approx(float(reference.weight.detach().std()), rel=0.02)


def test_building_a_module_leaves_torchs_random_state_alone() -> None:
    state = torch.get_rng_state()
    LOGISTIC.module(LOGISTIC.initialise(3, 2, generator(0, "test")))
    assert torch.equal(state, torch.get_rng_state())


@pytest.mark.parametrize("widths", [(), (0,), (2.5,), (True,), (8, -1)])
def test_widths_must_be_whole_numbers_above_zero(widths) -> None:
    with pytest.raises(ConfigurationError, match="width"):
        MLP.with_widths(widths)


def test_an_architecture_without_hidden_layers_has_no_widths_to_set() -> None:
    with pytest.raises(ConfigurationError, match="no hidden layers"):
        LOGISTIC.with_widths((8,))


def test_other_widths_keep_everything_else() -> None:
    assert MLP.with_widths((7,)) == Chain("mlp", (7,), True, MLP.learning_rate)
