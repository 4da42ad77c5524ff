from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save
from torch import nn

from genlabel_robust.core.errors import ConfigurationError, UnknownNameError
from genlabel_robust.data.task import Scaling
from genlabel_robust.model_files.reading import Permission, Reading, read_model_file
from genlabel_robust.models.model import TorchModel
from genlabel_robust.models.nets.chain import LINEAR3, LOGISTIC, MLP
from genlabel_robust.runs.folder.weights import weights_file

X = np.random.default_rng(0).normal(size=(40, 4)) * 5


def read(content: bytes, tmp_path: Path, arch: str | None = "mlp") -> Reading:
    path = tmp_path / "m.safetensors"
    path.write_bytes(content)
    return read_model_file(path, content, Permission(arch))


def net(*between: nn.Module, widths: tuple[int, ...] = (4, 7, 5, 3)) -> nn.Sequential:
    torch.manual_seed(0)
    layers: list[nn.Module] = []
    for wide, narrow in itertools.pairwise(widths):
        layers += [*(between if layers else ()), nn.Linear(wide, narrow)]
    return nn.Sequential(*layers)


def logits(module: nn.Module) -> Any:
    with torch.no_grad():
        return module(torch.from_numpy(X.astype(np.float32))).double().numpy()


@pytest.mark.parametrize("prefix", ["", "net.", "model.0."])
def test_the_weights_of_a_sequential_are_the_same_net(prefix: str, tmp_path: Path) -> None:
    for module, arch in ((net(nn.ReLU()), "mlp"), (net(), "linear3")):
        state = {prefix + name: tensor for name, tensor in module.state_dict().items()}
        found = read(save(state), tmp_path, arch)
        assert isinstance(found.model, TorchModel)
        assert np.allclose(found.model.scores(X), logits(module), atol=1e-5)
        assert (found.model.n_classes, found.notes, found.format) == (3, (), "safetensors")


def test_more_than_ten_layers_stay_in_their_order(tmp_path: Path) -> None:
    module = net(nn.ReLU(), widths=(4, *[6] * 8, 3))
    found = read(save(module.state_dict()), tmp_path)
    assert np.allclose(found.model.scores(X), logits(module), atol=1e-6)


def test_one_layer_is_logistic_and_needs_no_name(tmp_path: Path) -> None:
    module = net(widths=(4, 3))
    for state in (module.state_dict(), {"fc.weight": module[0].weight, "fc.bias": module[0].bias}):
        found = read(save({k: v.detach() for k, v in state.items()}), tmp_path, None)
        assert np.allclose(found.model.scores(X), logits(module), atol=1e-5)
        assert found.model.affine() is not None


def test_layers_with_names_are_put_in_order_by_their_widths(tmp_path: Path) -> None:
    module = net(nn.ReLU())
    names = {"0": "start", "2": "middle", "4": "end"}
    state = {names[k[0]] + k[1:]: v for k, v in module.state_dict().items()}
    assert np.allclose(read(save(state), tmp_path).model.scores(X), logits(module), atol=1e-5)
    square = net(nn.ReLU(), widths=(4, 7, 4))
    state = {names[k[0]] + k[1:]: v for k, v in square.state_dict().items()}
    with pytest.raises(ConfigurationError, match=r"the order of its layers .* is not clear"):
        read(save(state), tmp_path)


@pytest.mark.parametrize(("widths", "arch"), [((4, 1), None), ((4, 6, 1), "mlp")])
def test_a_last_layer_of_one_output_gives_a_logit(
    widths: tuple[int, ...], arch: str | None, tmp_path: Path
) -> None:
    module = net(nn.ReLU(), widths=widths)
    found = read(save(module.state_dict()), tmp_path, arch)
    assert found.model.n_classes == 2
    assert "one output, which is read as a logit" in found.notes[0]
    assert np.allclose(found.model.scores(X)[:, 1:], logits(module), atol=1e-5)
    assert (found.model.scores(X)[:, 0] == 0).all()
    assert (found.model.affine() is not None) == (len(widths) == 2)


def test_a_layer_without_bias_has_none(tmp_path: Path) -> None:
    module = nn.Sequential(nn.Linear(4, 6, bias=False), nn.ReLU(), nn.Linear(6, 2))
    found = read(save(module.state_dict()), tmp_path)
    assert np.allclose(found.model.scores(X), logits(module), atol=1e-5)


@pytest.mark.parametrize("architecture", [LOGISTIC, LINEAR3, MLP])
def test_a_runs_own_weights_bring_their_scaling_and_architecture(
    architecture: Any, tmp_path: Path
) -> None:
    rng = np.random.default_rng(1)
    scaling = Scaling("range", rng.normal(size=4), rng.random(4) + 0.5)
    module = architecture.module(architecture.initialise(4, 3, rng))
    model = TorchModel(module, scaling, 3)
    _, content = weights_file(model, {"architecture": architecture.name})
    found = read(content, tmp_path, None)
    assert (found.model.scores(X) == model.scores(X)).all()
    assert found.model.scaling.offset.dtype == np.float64
    with pytest.raises(ConfigurationError, match="says that its weights are of"):
        read(content, tmp_path, "mlp" if architecture.name != "mlp" else "linear3")


@pytest.mark.parametrize(
    ("kind", "word"),
    [(torch.float16, "read as"), (torch.bfloat16, "read as"), (torch.float64, "rounded")],
)
def test_weights_of_other_types_are_told_of(kind: Any, word: str, tmp_path: Path) -> None:
    module = net(nn.ReLU()).to(kind)
    found = read(save(module.state_dict()), tmp_path)
    assert len(found.notes) == 1
    assert word in found.notes[0]
    assert str(kind).removeprefix("torch.") in found.notes[0]
    assert np.allclose(found.model.scores(X), logits(module.float()), atol=1e-5)


def changed(**tensors: torch.Tensor | None) -> bytes:
    state = {k: v.clone() for k, v in net(nn.ReLU()).state_dict().items()}
    for name, tensor in tensors.items():
        key = name.replace("_", ".")
        state.pop(key, None)
        if tensor is not None:
            state[key] = tensor
    return save(state)


@pytest.mark.parametrize(
    ("content", "arch", "told"),
    [
        (changed(), None, "name the architecture: --arch linear3 or --arch mlp"),
        (changed(), "logistic", "'logistic' has one linear layer"),
        (changed(), "linear3", "there are other layers between them"),
        (save(net(widths=(4, 3)).state_dict()), "mlp", "two linear layers or more"),
        (changed(**{"2_weight": torch.zeros(5, 8)}), "mlp", "do not fit together"),
        (changed(**{"2_bias": torch.zeros(4)}), "mlp", r"the bias of '2' has shape \(4,\)"),
        (changed(**{"2_weight": torch.zeros(5)}), "mlp", r"must be \(out, in\)"),
        (changed(**{"2_weight": torch.zeros(0, 7)}), "mlp", r"must be \(out, in\)"),
        (changed(**{"2_weight": None}), "mlp", "'2.bias', which does not belong"),
        (changed(**{"1_running": torch.zeros(7)}), "mlp", "'1.running', which does not belong"),
        (changed(**{"2_bias": torch.full((5,), torch.nan)}), "mlp", "'2.bias' contains NaN"),
        (changed(**{"2_bias": torch.zeros(5, dtype=torch.int64)}), "mlp", "of type int64"),
        (changed(scaling_offset=torch.zeros(4)), "mlp", "only one"),
        (changed(scaling_offset=torch.zeros(4), scaling_scale=torch.zeros(4)), "mlp", "above 0"),
        (changed(scaling_offset=torch.zeros(3), scaling_scale=torch.ones(3)), "mlp", "4 features"),
        (save({}), "mlp", "no weight"),
        (b"x", "mlp", "not a complete safetensors"),
        (b"\xff" * 100, "mlp", "not a complete safetensors"),
        (changed()[:-1], "mlp", "not a complete safetensors"),
    ],
)
def test_what_is_no_chain_of_layers_is_refused(
    content: bytes, arch: str, told: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError, match=f"m.safetensors.*{told}"):
        read(content, tmp_path, arch)


def test_an_unknown_architecture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'mlp'"):
        read(changed(), tmp_path, "mpl")


def test_no_broken_file_crashes(tmp_path: Path, read_all: Any) -> None:
    files, rng, whole = tmp_path / "files", np.random.default_rng(0), changed()
    files.mkdir()
    head = 8 + int.from_bytes(whole[:8], "little")
    for n, end in enumerate(rng.integers(0, len(whole), 60)):
        (files / f"short{n}.safetensors").write_bytes(whole[:end])
    for n, at in enumerate(rng.integers(0, head, 300)):
        byte = bytes([int(rng.integers(0, 256))])
        (files / f"byte{n}.safetensors").write_bytes(whole[:at] + byte + whole[at + 1 :])
    _, refused = read_all(files)
    assert refused > 250
