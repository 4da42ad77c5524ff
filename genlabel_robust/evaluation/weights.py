"""Trained weights as files that hold no code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from genlabel_robust.core.errors import GenlabelRobustError
from genlabel_robust.models.model import Model, SklearnModel, TorchModel


def weights_file(model: Model, about: Mapping[str, Any]) -> tuple[str, bytes]:
    """Return the file suffix and content: safetensors for torch, skops for scikit-learn.

    The scaling goes with the weights: a model is of no use without it.
    """
    if isinstance(model, TorchModel):
        import torch
        from safetensors.torch import save

        tensors = {k: v.detach().cpu().contiguous() for k, v in model.module.state_dict().items()}
        for part in ("offset", "scale"):
            tensors[f"scaling.{part}"] = torch.from_numpy(getattr(model.scaling, part).copy())
        metadata = {"cell": json.dumps(dict(about), sort_keys=True)}
        return ".safetensors", save(tensors, metadata)
    if isinstance(model, SklearnModel):
        import skops.io

        return ".skops", skops.io.dumps(
            {
                "estimator": model.estimator,
                "offset": model.scaling.offset,
                "scale": model.scaling.scale,
            }
        )
    raise GenlabelRobustError(f"a model of type {type(model).__name__} cannot be stored")
