from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from genlabel_robust.certify.affine.certify import certify_affine, proved_distance
from genlabel_robust.certify.exact import exact_margins
from genlabel_robust.data.task import Scaling
from genlabel_robust.models.model import TorchModel
from genlabel_robust.models.nets.alone import places_agree
from genlabel_robust.models.structures.structure_of import structure_of
from genlabel_robust.structure.affine import Affine
from genlabel_robust.threat.norms import NORMS, Norm
from genlabel_robust.threat.space import AttackSpace
from genlabel_robust.threat.threat_model import within


def certified(target, norm: Norm, work: int | None = None):
    structure = structure_of(target.model, target.space, target.raw)
    arguments = target.model, target.space, target.raw, target.y, norm
    return certify_affine(structure, *arguments, (0.1,), work)


@pytest.mark.parametrize("norm", NORMS)
def test_the_exact_distance_lies_between_the_bounds_which_differ_by_rounding(
    norm: Norm, make_target
) -> None:
    target = make_target(n=40)
    found = certified(target, norm)
    exact = exact_margins(target.model, target.space, target.raw, target.y, norm)
    assert (found.lower <= exact).all()
    finite = np.isfinite(found.upper)
    assert finite.sum() > 20
    assert (found.upper[finite] >= exact[finite] * (1 - 1e-5)).all()
    assert (found.upper[finite] <= exact[finite] * (1 + 1e-4)).all()
    assert found.exact[finite].all()
    assert (finite == np.isfinite(exact)).all()
    # a witness is mislabelled alone as well
    for row in np.flatnonzero(finite):
        assert target.model.predict(found.witness[row : row + 1])[0] != target.y[row]


@pytest.mark.parametrize("norm", NORMS)
def test_an_example_does_not_depend_on_its_company(norm: Norm, make_mixed_target) -> None:
    """To the bit, but for builds of torch whose products depend on where a row lies in a block."""
    target = make_mixed_target(n=12, widths=())
    together = certified(target, norm)
    bits = places_agree(((target.raw.shape[1], target.model.n_classes),))
    for row in range(12):
        alone = certified(target.subset(np.array([row])), norm)
        assert alone.lower[0] == together.lower[row]
        if bits:
            assert alone.upper[0] == together.upper[row]
            np.testing.assert_array_equal(alone.witness[0], together.witness[row])
        else:
            assert alone.upper[0] == pytest.approx(together.upper[row], rel=1e-5)


def test_misclassified_examples_are_at_0(make_target) -> None:
    target = make_target(n=10)
    target.y = (target.y + 1) % 3
    found = certified(target, "l2")
    assert found.lower.tolist() == found.upper.tolist() == [0.0] * 10
    np.testing.assert_array_equal(found.witness, target.raw)


def test_no_rows_have_no_certificates(make_target) -> None:
    target = make_target(n=3)
    structure = structure_of(target.model, target.space, target.raw)
    nothing = target.raw[:0], target.y[:0]
    found = certify_affine(structure, target.model, target.space, *nothing, "linf", (0.1,))
    assert found.lower.shape == found.upper.shape == (0,)


def test_where_no_feature_may_change_everything_is_certified(make_target) -> None:
    target = make_target(n=5, immutable=(0, 1, 2, 3, 4))
    found = certified(target, "linf")
    assert np.isinf(found.lower).all()
    assert np.isinf(found.upper).all()
    assert np.isnan(found.witness).all()


def test_an_epsilon_at_the_boundary_itself_is_open_and_never_certified(make_target) -> None:
    target = make_target(n=40)
    found = certified(target, "linf")
    exact = exact_margins(target.model, target.space, target.raw, target.y, "linf")
    for row in np.flatnonzero(np.isfinite(exact)):
        assert within(found.lower[row], exact[row])


def test_classes_with_equal_weights_can_swap_at_once() -> None:
    linear = torch.nn.Linear(2, 2)
    with torch.no_grad():
        linear.weight.copy_(torch.tensor([[1.0, 2.0], [1.0, 2.0]]))
        linear.bias.zero_()
    space = AttackSpace(np.zeros(2), np.ones(2), np.zeros(2), 2 * np.ones(2), np.ones(2, bool))
    model = TorchModel(linear, Scaling("range", np.zeros(2), np.ones(2)), 2)
    raw, y = np.ones((1, 2)), np.array([0])
    structure = structure_of(model, space, raw)
    assert proved_distance(structure, space, raw, y, "l2")[0] == 0.0


def test_less_work_leaves_wider_bounds_that_still_hold(make_mixed_target) -> None:
    target = make_mixed_target(n=12, widths=())
    full, little = certified(target, "l1"), certified(target, "l1", work=1)
    assert (little.lower <= full.lower * (1 + 1e-9)).all()
    assert (little.upper >= full.lower).all()
    assert (little.lower < full.lower * (1 - 1e-3)).any()


def test_where_a_value_may_become_missing_nothing_is_proved(make_target) -> None:
    target = make_target(n=5)
    structure = structure_of(target.model, target.space, target.raw)
    assert isinstance(structure, Affine)
    flagged = replace(structure, flags=np.array([1, -1, -1, -1, -1]))
    arguments = target.model, target.space, target.raw, target.y, "linf"
    found = certify_affine(flagged, *arguments, (0.1,))
    assert (found.lower == 0).all()
    assert np.isinf(found.upper).all()
    assert exact_margins(*arguments, flagged) is None
