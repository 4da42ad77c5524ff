from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from safetensors.torch import save
from torch import nn

from genlabel_robust.core.errors import ConfigurationError
from genlabel_robust.core.seeds import generator
from genlabel_robust.model_files.checked_values import UnfitError
from genlabel_robust.model_files.reading import Permission
from genlabel_robust.model_files.safetensors.file import read
from genlabel_robust.model_files.safetensors.net import restored, sizes_of
from genlabel_robust.models import ARCHITECTURES
from genlabel_robust.models.nets.architecture import Architecture
from genlabel_robust.models.nets.chain import MLP


@dataclass(frozen=True)
class Skipping(Architecture):
    name: str = "skipping"
    learning_rate: float = 0.01
    width: int = 6

    def net(self, n_features, n_classes):
        return _Skip(n_features, self.width, n_classes)


class _Skip(nn.Module):
    def __init__(self, n_features, width, n_classes):
        super().__init__()
        self.norm = nn.BatchNorm1d(n_features)
        self.deep = nn.Sequential(
            nn.Linear(n_features, width), nn.ReLU(), nn.Linear(width, n_classes)
        )
        self.wide = nn.Linear(n_features, n_classes)

    def forward(self, x):
        x = self.norm(x)
        return self.deep(x) + self.wide(x)


SKIPPING = Skipping()


@pytest.fixture
def registered(monkeypatch):
    entry = (f"{__name__}:SKIPPING", "a net with a connection past its layers")
    monkeypatch.setitem(ARCHITECTURES._entries, "skipping", entry)
    load = ARCHITECTURES.load
    monkeypatch.setattr(
        ARCHITECTURES, "load", lambda name: SKIPPING if name == "skipping" else load(name)
    )


def net_of(width=6):
    return Skipping(width=width).draw(4, 3, generator(0, "test"))


def content(net, **settings):
    about = {"architecture": "skipping", "settings": {"architecture": settings}}
    return save(dict(net.state_dict()), {"cell": json.dumps(about)})


def arrays(net):
    return {name: tensor.numpy() for name, tensor in net.state_dict().items()}


def test_sizes_are_told_by_the_shapes_that_change_with_them() -> None:
    assert sizes_of(SKIPPING, arrays(net_of())) == (4, 3)
    assert sizes_of(SKIPPING, arrays(SKIPPING.draw(1, 7, generator(0, "test")))) == (1, 7)


def test_tensors_of_another_width_are_not_of_the_net() -> None:
    with pytest.raises(UnfitError, match="other names or shapes"):
        sizes_of(SKIPPING, arrays(net_of(width=7)))
    with pytest.raises(UnfitError, match="do not show for how many features"):
        sizes_of(SKIPPING, {})


def test_a_chain_is_restored_whatever_its_layers_are_called() -> None:
    layers = MLP.with_widths((5,)).initialise(4, 3, generator(0, "test"))
    module = MLP.module(layers)
    tensors = {f"net.{name}": array for name, array in arrays(module).items()}
    x = torch.ones(2, 4)
    with torch.no_grad():
        assert torch.equal(restored(MLP, tensors, 4, 3)(x), module(x))


def test_a_file_of_a_run_is_read_as_the_net_that_it_names(registered, tmp_path) -> None:
    net = net_of(width=5)
    foreign = read(tmp_path / "x.safetensors", content(net, width=5), Permission())
    x = np.random.default_rng(0).normal(size=(6, 4))
    with torch.no_grad():
        expected = net(torch.tensor(x, dtype=torch.float32)).numpy()
    assert foreign.model.n_classes == 3
    assert np.allclose(foreign.model.scores(x), expected, atol=1e-6)


@pytest.mark.parametrize("settings", [{"width": 10**9}, {"width": 7}, {"wdith": 5}])
def test_settings_that_the_weights_rule_out_are_refused(registered, tmp_path, settings) -> None:
    path = tmp_path / "x.safetensors"
    with pytest.raises(ConfigurationError):
        read(path, content(net_of(width=5), **settings), Permission())


def test_a_file_of_other_weights_is_refused_by_its_name(registered, tmp_path) -> None:
    other = save(dict(MLP.module(MLP.initialise(4, 3, generator(0, "test"))).state_dict()))
    path = tmp_path / "x.safetensors"
    with pytest.raises(ConfigurationError, match="does not contain the weights of a skipping"):
        read(path, other, Permission(architecture="skipping"))
