from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.tree import DecisionTreeClassifier
from torch import nn

import genlabel_robust
from genlabel_robust.core import ConfigurationError
from genlabel_robust.core.machine.devices import chosen_device
from genlabel_robust.core.padding import DEVICE_ROWS
from genlabel_robust.data.rows import identity_scaling
from genlabel_robust.models import MLP, TorchModel
from genlabel_robust.models.adapters.torch_module import ModuleAdapter
from genlabel_robust.models.model import SklearnModel
from genlabel_robust.models.on_device import device_of, on_device
from genlabel_robust.models.row_blocks import in_blocks, padded_rows
from genlabel_robust.models.wrapped import Wrapped
from genlabel_robust.strategies import STRATEGIES
from genlabel_robust.trainers.config import TrainConfig
from genlabel_robust.trainers.torch_trainer import accuracy, train
from tests.needs_gpu import cuda

#: How far scores on a device may be from the processor's, as a share of the largest: float32
#: sums of 128 terms in another order.
ROUNDING = 1e-5


def net(d: int = 30, k: int = 3, seed: int = 0) -> nn.Sequential:
    rng = np.random.default_rng(seed)
    return MLP.module(MLP.initialise(d, k, rng))


def rows(n: int, d: int = 30) -> np.ndarray:
    return np.random.default_rng(1).normal(size=(n, d))


def test_a_device_is_asked_for_blocks_of_one_size_only(monkeypatch) -> None:
    monkeypatch.setattr("genlabel_robust.models.row_blocks.rows_at_once", lambda device: 8)
    sizes = []
    module = net()
    module.register_forward_hook(lambda module, given, found: sizes.append(len(given[0])))
    x = padded_rows(rows(19), torch.device("cpu"), torch.float32)
    found = in_blocks(module, x)
    assert sizes == [8, 8, 8]
    assert x[19:].count_nonzero() == 0
    torch.testing.assert_close(found, module(x))


def test_the_processor_leaves_a_model_where_it_is() -> None:
    model = TorchModel(net(), identity_scaling(30), 3)
    assert on_device(model, "cpu") is model


def test_the_device_of_a_model_is_that_of_its_nets() -> None:
    module = net().to("meta")
    assert device_of(ModuleAdapter(module, 3)) == "meta"
    assert device_of(Wrapped(ModuleAdapter(module, 3))) == "meta"
    assert device_of(TorchModel(module, identity_scaling(30), 3, "meta")) == "meta"
    assert device_of(ModuleAdapter(net(), 3)) == "cpu"
    tree = DecisionTreeClassifier().fit([[0.0], [1.0]], [0, 1])
    assert device_of(SklearnModel(tree, identity_scaling(1), 2)) == "cpu"


def test_a_module_that_lies_on_a_device_is_audited_as_one_that_is_there(
    tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr("genlabel_robust.runs.plan.audit_plan.device_of", lambda model: "meta")
    module, x = net(d=4, k=2), rows(40, 4)
    with pytest.raises(ConfigurationError, match="device 'meta' cannot be used"):
        genlabel_robust.audit(module, x, np.arange(40) % 2, out=str(tmp_path / "run"))


def test_the_first_of_its_kind_has_one_name() -> None:
    assert chosen_device("cuda:0") == "cuda"
    assert chosen_device("cuda:1") == "cuda:1"


def test_a_model_that_its_library_answers_for_is_refused(tmp_path) -> None:
    x, y = rows(40, 3), np.arange(40) % 2
    tree = DecisionTreeClassifier(max_depth=2).fit(x, y)
    device = "cuda" if torch.cuda.is_available() else "meta"
    told = "cannot be used"
    with pytest.raises(ConfigurationError, match=told):
        genlabel_robust.audit(tree, x, y, device=device, out=str(tmp_path / "run"))
    assert not (tmp_path / "run").exists()


def test_auto_is_the_processor_where_there_is_no_other(monkeypatch) -> None:
    monkeypatch.setattr("genlabel_robust.core.machine.devices._BESIDE", ("nothing", "meta"))
    from genlabel_robust.runs.config.attack_config import AttackConfig

    config = AttackConfig(device="auto")
    assert config.device == "cpu"
    assert "device" not in config.identity


@cuda
def test_a_row_has_the_same_bits_in_any_company_on_a_device() -> None:
    model = on_device(TorchModel(net(k=2), identity_scaling(30), 2), "cuda")
    x = rows(3 * DEVICE_ROWS + 5)
    together, order = model.scores(x), np.random.default_rng(2).permutation(len(x))
    np.testing.assert_array_equal(model.scores(x[order]), together[order])
    for row in (0, 5, DEVICE_ROWS, len(x) - 1):
        np.testing.assert_array_equal(model.scores(x[row : row + 1])[0], together[row])
    weigh = np.ones_like
    slopes = model.vjp(x, weigh)[1]
    np.testing.assert_array_equal(model.vjp(x[order], weigh)[1], slopes[order])
    np.testing.assert_array_equal(model.vjp(x[7:8], weigh)[1][0], slopes[7])


@cuda
@pytest.mark.parametrize("kind", ["run's own", "module"])
def test_scores_and_gradients_on_a_device_are_the_processors_but_for_rounding(kind) -> None:
    module = net()
    here = (
        TorchModel(module, identity_scaling(30), 3)
        if kind == "run's own"
        else ModuleAdapter(module, 3)
    )
    there = on_device(here, "cuda")
    assert next(module.parameters()).device.type == "cpu"
    x = rows(2000)
    np.testing.assert_allclose(
        there.scores(x), here.scores(x), atol=ROUNDING * np.abs(here.scores(x)).max(), rtol=0
    )
    scores, slopes = here.vjp(x, np.ones_like)
    found, elsewhere = there.vjp(x, np.ones_like)
    np.testing.assert_allclose(found, scores, atol=ROUNDING * np.abs(scores).max(), rtol=0)
    # where a ReLU's input is 0 but for rounding its slope is either
    apart = np.abs(elsewhere - slopes).max(axis=1) > ROUNDING * np.abs(slopes).max()
    assert apart.mean() < 0.005


@cuda
def test_an_audit_on_a_device_says_so_and_is_another_run(tmp_path) -> None:
    module, x = net(d=4, k=2), rows(60, 4)
    y = ModuleAdapter(module, 2).predict(x)
    y[:2] = 0, 1
    settings = {"eps": 0.05, "suite": "quick"}
    here = genlabel_robust.audit(module, x, y, out=str(tmp_path / "here"), **settings)
    there = genlabel_robust.audit(
        module, x, y, device="cuda", out=str(tmp_path / "there"), **settings
    )
    (a,), (b,) = here.results.rows, there.results.rows
    assert a.clean_accuracy.value == b.clean_accuracy.value
    assert abs(a.robust_accuracy.value - b.robust_accuracy.value) <= 1 / 60
    (about,) = there.results.datasets.values()
    assert any("Nets compute on cuda" in notice for notice in about.notices)
    manifest = (tmp_path / "there" / "manifest.json").read_text()
    assert '"device": "cuda (' in manifest


@cuda
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_module_that_lies_on_a_device_stays_there_and_the_run_is_that_of_the_device(
    tmp_path, jobs
) -> None:
    module, x = net(d=4, k=2), rows(60, 4)
    y = ModuleAdapter(module, 2).predict(x)
    y[:2] = 0, 1
    settings = {"eps": 0.05, "suite": "quick"}
    asked = genlabel_robust.audit(
        module, x, y, device="cuda", out=str(tmp_path / "asked"), **settings
    )
    lies = genlabel_robust.audit(
        module.to("cuda"), x, y, jobs=jobs, out=str(tmp_path / "lies"), **settings
    )
    assert next(module.parameters()).device.type == "cuda"
    results = [(run.path / "results.json").read_bytes() for run in (asked, lies)]
    assert results[0] == results[1]


@cuda
def test_a_net_of_convolutions_is_the_processors_but_for_rounding() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.last = nn.Conv1d(1, 64, 5), nn.Linear(64 * 26, 3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.last(torch.relu(self.first(x[:, None])).flatten(1))

    torch.manual_seed(0)
    here = ModuleAdapter(Net().eval(), 3)
    x, there = rows(200), on_device(here, "cuda")
    scores, slopes = here.vjp(x, np.ones_like)
    found, elsewhere = there.vjp(x, np.ones_like)
    np.testing.assert_allclose(found, scores, atol=ROUNDING * np.abs(scores).max(), rtol=0)
    apart = np.abs(elsewhere - slopes).max(axis=1) > ROUNDING * np.abs(slopes).max()
    assert apart.mean() < 0.05  # a ReLU whose input is 0 but for rounding has either slope


@cuda
@pytest.mark.parametrize("strategy", list(STRATEGIES))
def test_every_strategy_trains_on_a_device(strategy) -> None:
    x = rows(60, 4).astype(np.float32)
    y = (x[:, 0] + 0.3 * x[:, 1] > 0).astype(np.int64)
    settings = {"attack_step": lambda net, x, y, rng: x} if strategy == "adversarial" else {}
    config = TrainConfig(epochs=12, learning_rates=(0.01,))
    trained = train(x, y, 2, MLP, strategy, {}, config, device="cuda", **settings)
    assert next(trained.module.parameters()).device.type == "cuda"
    assert accuracy(trained.module, x, y) > 0.7
