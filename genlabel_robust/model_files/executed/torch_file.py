"""TorchScript programs and pickled torch modules, which need ``--trust``."""

import copyreg
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from genlabel_robust.core import ConfigurationError, an
from genlabel_robust.model_files.notes import EXECUTED_NOTE, noted_warnings, one_line
from genlabel_robust.model_files.reading import Permission, Reading, refuse_untrusted


def read(path: Path, content: bytes, permission: Permission) -> Reading:
    """Return the module in a .pt or .pth file, which is executed.

    Raises ``ConfigurationError`` if the file is not trusted (before anything is executed), or if
    it contains no module, such as a file of weights only.
    """
    refuse_untrusted(path, permission)
    notes = [EXECUTED_NOTE]
    script = _is_script(content)
    try:
        with noted_warnings(notes):
            model = _script(content) if script else _unpickled(content)
    except Exception as error:  # a damaged file, or code in it, can raise anything
        raise ConfigurationError(
            f"{path} cannot be read by torch {torch.__version__}: {one_line(error)}"
        ) from error
    refuse_state_dict(path, model)
    if not isinstance(model, nn.Module):
        raise ConfigurationError(
            f"{path} holds {an(type(model).__name__)}; it must hold a torch module"
        )
    kind = "TorchScript" if script else "pickled torch module"
    return Reading(model, kind, f"torch {torch.__version__}", tuple(notes))


def refuse_state_dict(path: Path, model: Any) -> None:
    """Raise ``ConfigurationError`` if ``model`` is a state dict: a mapping of names to weights."""
    if not isinstance(model, Mapping):
        return
    if model and all(isinstance(tensor, torch.Tensor) for tensor in model.values()):
        raise ConfigurationError(
            f"{path} contains weights without their net; save them as .safetensors with "
            "safetensors.torch.save_file, and name the architecture with --arch"
        )
    raise ConfigurationError(
        f"{path} holds {an(type(model).__name__)} of {', '.join(map(repr, list(model)[:5]))}; it "
        "must hold the model itself"
    )


def _is_script(content: bytes) -> bool:
    """Return whether ``content`` is TorchScript: only its archives have a table of constants."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return any(name.endswith("/constants.pkl") for name in archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return False


def _script(content: bytes) -> Any:
    return torch.jit.load(io.BytesIO(content), map_location="cpu")  # type: ignore[no-untyped-call]


def _sent(module: torch.jit.ScriptModule) -> tuple[Any, tuple[bytes]]:
    """Reduce ``module`` for pickle, which cannot copy TorchScript to another process itself."""
    buffer = io.BytesIO()
    torch.jit.save(module, buffer)
    return _script, (buffer.getvalue(),)


copyreg.pickle(torch.jit.RecursiveScriptModule, _sent)  # type: ignore[attr-defined]


def _unpickled(content: bytes) -> Any:
    # reached only with --trust, which the report mentions
    return torch.load(io.BytesIO(content), map_location="cpu", weights_only=False)
