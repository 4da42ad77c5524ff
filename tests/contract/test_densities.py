"""The contract of every registered density."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch
from sklearn.datasets import load_iris

from genlabel_robust.core.errors import TooFewExamplesError, UnknownNameError
from genlabel_robust.densities import DENSITIES
from genlabel_robust.densities.density import posterior
from genlabel_robust.parts.contracts import densities as contract


@pytest.fixture(scope="module")
def iris():
    return load_iris(return_X_y=True)


@pytest.fixture(params=list(DENSITIES))
def density(request):
    return DENSITIES.load(request.param)()


def test_log_density_has_a_float64_column_per_class(density):
    contract.log_densities_are_numbers_per_class(density)


def test_posterior_mostly_names_the_class_of_the_training_points(density, iris):
    x, y = iris
    found = posterior(density.fit(x, y, 3).log_density(x))
    torch.testing.assert_close(found.sum(dim=1), torch.ones(150, dtype=torch.float64))
    assert (found.argmax(dim=1).numpy() == y).mean() > 0.95


def test_arrays_and_tensors_are_the_same(density):
    contract.arrays_and_tensors_are_the_same(density)


def test_a_class_with_one_example_is_refused_by_name_and_count(density):
    x, y = np.arange(8.0).reshape(4, 2), np.array([0, 0, 0, 1])
    with pytest.raises(TooFewExamplesError, match="class 1 has 1 training example;"):
        density.fit(x, y, 2)
    with pytest.raises(TooFewExamplesError, match="class 2 has 0 training examples;"):
        density.fit(x, np.array([0, 0, 1, 1]), 3)


@pytest.mark.parametrize(("x", "y"), contract.MALFORMED)
def test_malformed_data_is_refused(density, x, y):
    contract.refuses_malformed(density, x, y)


def test_unknown_density_answers_with_the_nearest():
    with pytest.raises(UnknownNameError, match="did you mean 'gaussian'"):
        DENSITIES.load("gausian")


@pytest.mark.parametrize("room", ["densities", "strategies", "models"])
def test_listing_names_imports_no_torch(room):
    code = (
        "import sys, importlib\n"
        f"module = importlib.import_module('genlabel_robust.{room}')\n"
        "[list(r) for r in vars(module).values() if type(r).__name__ == 'Registry']\n"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
