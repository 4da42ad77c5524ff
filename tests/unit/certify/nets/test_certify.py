"""The content of a net's certificate, and the effect of its budget."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from genlabel_robust.certify.certify import certify
from genlabel_robust.certify.nets import BUDGETS, certify_net
from genlabel_robust.certify.nets.bounds.backward import Passed, backward
from genlabel_robust.core.errors import AttackError
from genlabel_robust.data.task import Scaling
from genlabel_robust.models.model import TorchModel
from genlabel_robust.models.nets.chain import MLP
from genlabel_robust.structure import ReluNet
from genlabel_robust.threat.space import AttackSpace
from genlabel_robust.threat.threat_model import within

D = 8
RNG = np.random.default_rng(0)
LAYERS = MLP.with_widths((16, 16)).initialise(D, 3, RNG)
MODEL = TorchModel(
    MLP.module(tuple((4 * w, 4 * b) for w, b in LAYERS)),
    Scaling("range", np.zeros(D), np.ones(D)),
    3,
)
NET = ReluNet(
    np.zeros(D),
    np.ones(D),
    tuple(4 * w.T.astype(np.float64) for w, _ in LAYERS),
    tuple(4 * b.astype(np.float64) for _, b in LAYERS),
    2.0**-24,
)
SPACE = AttackSpace(np.zeros(D), np.ones(D), np.zeros(D), np.ones(D), np.ones(D, dtype=bool))
RAW = RNG.uniform(0, 1, (12, D))
Y = MODEL.predict(RAW)
EPS = (0.02, 0.1, 0.3)


def decided(work: int) -> tuple[np.ndarray, np.ndarray]:
    found = certify_net(NET, MODEL, SPACE, RAW, Y, "linf", EPS, work)
    return found.lower, found.upper


def test_a_larger_budget_decides_all_that_a_smaller_one_does() -> None:
    least, some, most = (decided(work) for work in (BUDGETS["bounds"], 200, 100_000))
    assert (least[0] <= some[0]).all()
    assert (some[0] <= most[0]).all()
    assert np.isfinite(most[1]).sum() >= np.isfinite(least[1]).sum()
    assert all((~within(most[0], eps) | within(most[1], eps)).all() for eps in EPS)
    assert (least[0] < most[0]).any()


@pytest.mark.parametrize("trusted", [True, False])
def test_a_net_on_a_device_that_multiplies_in_float64_is_bounded_there(
    monkeypatch: pytest.MonkeyPatch, trusted: bool
) -> None:
    expected = decided(200)
    sent: list[str | None] = []

    def sending(*args: Any, device: str | None, **named: Any) -> Passed:
        sent.append(device)
        return backward(*args, device=device, **named)

    module = "genlabel_robust.certify.nets."
    # torch on the processor computes the same way as on a GPU
    monkeypatch.setattr(module + "row.device_of", lambda model: "cpu")
    monkeypatch.setattr(module + "row.multiplies_in_float64", lambda device: trusted)
    monkeypatch.setattr(module + "bounds.local.faster_on_gpu", lambda functions, shapes: True)
    monkeypatch.setattr(module + "bounds.local.backward", sending)
    np.testing.assert_array_equal(decided(200), expected)
    assert set(sent) == ({"cpu"} if trusted else {None})


def test_a_misclassified_row_has_distance_zero_and_no_witness() -> None:
    found = certify_net(NET, MODEL, SPACE, RAW[:2], (Y[:2] + 1) % 3, "linf", EPS)
    assert (found.lower == 0).all()
    assert (found.upper == 0).all()
    assert np.isnan(found.witness).all()


def test_nothing_is_decided_after_the_caller_said_stop_but_what_one_pass_proves() -> None:
    stopped = certify_net(NET, MODEL, SPACE, RAW, Y, "linf", EPS, stop=lambda: True)
    np.testing.assert_array_equal(np.minimum(stopped.lower, decided(100_000)[0]), stopped.lower)


def test_a_row_whose_whole_box_is_proved_is_infinitely_far() -> None:
    fixed = replace(SPACE, mutable=np.zeros(D, dtype=bool))
    found = certify_net(NET, MODEL, fixed, RAW, Y, "l2", (0.1,))
    assert np.isinf(found.lower).all()


def test_coarser_rounding_is_never_proved_more() -> None:
    coarse = replace(NET, rounding=2.0**-11)
    fine = certify_net(NET, MODEL, SPACE, RAW, Y, "linf", EPS, 300)
    rough = certify_net(coarse, MODEL, SPACE, RAW, Y, "linf", EPS, 300)
    assert (rough.lower <= fine.lower).all()
    assert (rough.lower < fine.lower).any()


def test_a_structure_that_is_not_the_model_s_own_is_found_out() -> None:
    weights = (*NET.weights[:-1], 0 * NET.weights[-1])
    other = replace(NET, weights=weights, biases=(*NET.biases[:-1], 9 * np.eye(3)[Y[0]]))
    row = slice(0, 1)
    with pytest.raises(AttackError, match=r"^row 0 is proved to be robust"):
        contradict(other, row)


def test_a_contradiction_names_the_row_of_the_data() -> None:
    y = Y.copy()
    y[:3] = (Y[:3] + 1) % 3  # misclassified: these are not asked about
    with pytest.raises(AttackError, match=r"^row 103 of the source is proved to be robust"):
        contradict(NET, slice(None), y)


def contradict(other: ReluNet, row: slice, y: np.ndarray | None = None) -> None:
    """Certify while each proved row gets a witness inside the proved distance."""
    from genlabel_robust.certify.nets import certify as module

    real = module.Row.decide

    def decide(self: module.Row, eps: float, work: int) -> str:
        outcome = real(self, eps, work)
        if outcome == "proved":
            self.nearest.distance, self.nearest.row = eps / 2, self.raw
        return outcome

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module.Row, "decide", decide)
        if y is None:
            certify_net(other, MODEL, SPACE, RAW[row], Y[row], "linf", EPS)
        else:
            certify(
                other,
                MODEL,
                SPACE,
                RAW,
                y,
                "linf",
                EPS,
                row_name=lambda i: f"row {100 + i} of the source",
            )
