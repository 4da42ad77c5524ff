from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import nn

from genlabel_robust.core.errors import ConfigurationError, UnknownNameError
from genlabel_robust.core.seeds import generator
from genlabel_robust.models.nets.architecture import Architecture


@dataclass(frozen=True)
class Bilinear(Architecture):
    """A net that is no chain: logits from products of two maps of the features."""

    name: str = "bilinear"
    learning_rate: float = 0.01
    width: int = 8
    ranks: tuple[int, ...] = (1,)

    def net(self, n_features, n_classes):
        return _Products(n_features, self.width, n_classes)


class _Products(nn.Module):
    def __init__(self, n_features, width, n_classes):
        super().__init__()
        self.first, self.second = (nn.Linear(n_features, width) for _ in range(2))
        self.last = nn.Linear(width, n_classes)

    def forward(self, x):
        return self.last(self.first(x) * self.second(x))


def arrays(net):
    return {name: tensor.numpy() for name, tensor in net.state_dict().items()}


def test_the_generator_alone_decides_on_the_weights() -> None:
    torch.manual_seed(1)
    state = torch.get_rng_state()
    first, again, other = (
        arrays(Bilinear().draw(4, 3, generator(seed, "test"))) for seed in (0, 0, 1)
    )
    assert torch.equal(torch.get_rng_state(), state)
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not np.array_equal(first["last.weight"], other["last.weight"])


def test_a_net_is_drawn_for_evaluation() -> None:
    assert not Bilinear().draw(4, 3, generator(0, "test")).training


def test_restored_weights_give_the_same_logits() -> None:
    net = Bilinear().draw(4, 3, generator(0, "test"))
    again = Bilinear().restore(arrays(net), 4, 3)
    x = torch.ones(2, 4)
    assert not again.training
    with torch.no_grad():
        assert torch.equal(net(x), again(x))


@pytest.mark.parametrize("change", ["shape", "missing", "another"])
def test_weights_of_another_net_are_refused(change) -> None:
    tensors = arrays(Bilinear().draw(4, 3, generator(0, "test")))
    if change == "shape":
        tensors["last.bias"] = np.zeros(4, dtype=np.float32)
    elif change == "missing":
        del tensors["last.bias"]
    else:
        tensors["more.bias"] = np.zeros(3, dtype=np.float32)
    with pytest.raises(ConfigurationError, match="not of architecture 'bilinear' with 4 features"):
        Bilinear().restore(tensors, 4, 3)


def test_the_other_fields_of_an_architecture_are_its_settings() -> None:
    assert Bilinear().configured({}) == Bilinear()
    assert Bilinear().configured({"width": 3, "ranks": [1, 2]}) == Bilinear(width=3, ranks=(1, 2))
    for setting in ("widht", "name", "learning_rate"):
        with pytest.raises(UnknownNameError, match=f"'bilinear' has no setting '{setting}"):
            Bilinear().configured({setting: 3})
