"""Trained weights, written to and read from files that contain no code."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from genlabel_robust.core import ConfigurationError, GenlabelRobustError
from genlabel_robust.core.files.opening import file_bytes
from genlabel_robust.data.scaling import fills_array, stored_scaling
from genlabel_robust.model_files.safetensors.net import restored
from genlabel_robust.model_files.skops.loading import load_skops
from genlabel_robust.models import Model, TorchModel
from genlabel_robust.models.model import SklearnModel
from genlabel_robust.models.nets.architecture import resolve_architecture


def weights_file(model: Model, about: Mapping[str, Any]) -> tuple[str, bytes]:
    """Return the file suffix and content: safetensors for torch, skops for scikit-learn.

    The scaling is stored with the weights, because the model is useless without it.
    """
    if isinstance(model, TorchModel):
        import torch
        from safetensors.torch import save

        tensors = {k: v.detach().cpu().contiguous() for k, v in model.module.state_dict().items()}
        for part in ("offset", "scale"):
            tensors[f"scaling.{part}"] = torch.from_numpy(getattr(model.scaling, part).copy())
        if model.scaling.fills:
            tensors["scaling.fills"] = torch.from_numpy(fills_array(model.scaling))
        metadata = {"cell": json.dumps(dict(about), sort_keys=True)}
        return ".safetensors", save(tensors, metadata)
    if isinstance(model, SklearnModel):
        import skops.io

        parts = {"offset": model.scaling.offset, "scale": model.scaling.scale}
        if model.scaling.fills:
            parts["fills"] = fills_array(model.scaling)
        return ".skops", skops.io.dumps({"estimator": model.estimator, **parts})
    raise GenlabelRobustError(f"a model of type {type(model).__name__} cannot be stored")


class Described(Protocol):
    """A description of how a model was built: a ``Cell``, or the stored form of one."""

    @property
    def architecture(self) -> str:
        """The name of the architecture."""

    @property
    def settings(self) -> Mapping[str, Mapping[str, Any]]:
        """The tables of settings, of which ``architecture`` is used here."""


#: Errors that readers of damaged files raise, and estimators that were restored from one.
_DAMAGED = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)


def read_model(path: Path, cell: Described, n_features: int, n_classes: int) -> Model:
    """Return the model of ``cell`` from its file of weights; no code in it is executed.

    The model must return ``n_classes`` scores for a row of ``n_features``. Raises
    ``ConfigurationError`` for a file without such a model, and for one that names types other
    than those of scikit-learn's classifiers (``trusted_types``).
    """
    from safetensors import SafetensorError

    what = f"a model {cell.architecture!r} of {n_features} features and {n_classes} classes"
    try:
        model = _read(path, cell, n_classes)
        features = np.shape(model.scaling.offset)  # a single one would be broadcast to all
        if features != (n_features,):
            raise ConfigurationError(f"{path} does not hold {what}: its scaling is of {features}")
        shape = model.scores(np.zeros((1, n_features))).shape
    except GenlabelRobustError:
        raise
    except (*_DAMAGED, SafetensorError) as error:
        raise ConfigurationError(f"{path} does not hold {what}: {error}") from error
    if shape != (1, n_classes):
        raise ConfigurationError(f"{path} does not hold {what}: it gives {shape[-1]} scores")
    return model


def _read(path: Path, cell: Described, n_classes: int) -> TorchModel | SklearnModel:
    if path.suffix == ".skops":
        stored = load_skops(path, file_bytes(path))
        scaling = stored_scaling(stored["offset"], stored["scale"], stored.get("fills"))
        return SklearnModel(stored["estimator"], scaling, n_classes)
    from safetensors.numpy import load

    tensors = load(file_bytes(path))
    offset, scale = (tensors.pop(f"scaling.{part}") for part in ("offset", "scale"))
    scaling = stored_scaling(offset, scale, tensors.pop("scaling.fills", None))
    architecture = resolve_architecture(cell.architecture, cell.settings["architecture"])
    module = restored(architecture, tensors, len(scaling.scale), n_classes)
    return TorchModel(module, scaling, n_classes)
