"""The contract of every registered architecture."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.core.seeds import generator
from genlabel_robust.data.task import Scaling
from genlabel_robust.models import ARCHITECTURES
from genlabel_robust.models.model import TorchModel


@pytest.fixture(params=list(ARCHITECTURES))
def architecture(request):
    found = ARCHITECTURES.load(request.param)
    assert found.name == request.param
    return found


def test_the_same_generator_draws_the_same_layers(architecture):
    first = architecture.initialise(4, 3, generator(0, "a"))
    again = architecture.initialise(4, 3, generator(0, "a"))
    other = architecture.initialise(4, 3, generator(1, "a"))
    for (w, b), (w2, b2), (w3, _) in zip(first, again, other, strict=True):
        assert w.dtype == b.dtype == np.float32
        assert np.array_equal(w, w2)
        assert np.array_equal(b, b2)
        assert not np.array_equal(w, w3)


def test_initial_layers_lie_within_torchs_default_bound(architecture):
    for weight, bias in architecture.initialise(4, 3, generator(0, "a")):
        bound = len(weight) ** -0.5
        assert np.abs(weight).max() <= bound
        assert np.abs(bias).max() <= bound
        assert np.abs(weight).max() > 0.7 * bound


def test_module_computes_the_layers(architecture):
    layers = architecture.initialise(4, 3, generator(0, "a"))
    x = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
    expected = x
    for index, (weight, bias) in enumerate(layers):
        expected = expected @ weight + bias
        if architecture.relu and index < len(layers) - 1:
            expected = np.maximum(expected, 0)
    module = architecture.module(layers)
    assert not module.training
    np.testing.assert_allclose(module(torch.tensor(x)).detach().numpy(), expected, atol=1e-5)


def test_only_an_affine_architecture_has_an_affine_form(architecture):
    module = architecture.module(architecture.initialise(4, 3, generator(0, "a")))
    model = TorchModel(module, Scaling("none", np.zeros(4), np.ones(4)), 3)
    affine = model.affine()
    if architecture.relu:
        assert affine is None
    else:
        x = np.random.default_rng(0).normal(size=(5, 4))
        np.testing.assert_allclose(model.scores(x), x @ affine[0].T + affine[1], atol=1e-5)


@pytest.mark.parametrize("widths", [(0,), (-3,), (2.5,), (True,)])
def test_impossible_widths_are_refused(widths):
    with pytest.raises(ConfigurationError, match="whole numbers above 0"):
        ARCHITECTURES.load("mlp").with_widths(widths)


def test_hidden_widths_of_logistic_regression_are_refused():
    with pytest.raises(ConfigurationError, match="no hidden layers"):
        ARCHITECTURES.load("logistic").with_widths((8,))
