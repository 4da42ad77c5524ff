"""Programs written by torch.export, which need ``--trust``."""

import io
import logging
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import nn

from genlabel_robust.core import ConfigurationError
from genlabel_robust.model_files.notes import EXECUTED_NOTE, noted_warnings, one_line
from genlabel_robust.model_files.reading import Permission, Reading, refuse_untrusted
from genlabel_robust.models.adapters.training_mode import refuse_training_mode


def read(path: Path, content: bytes, permission: Permission) -> Reading:
    """Return the module in a .pt2 file; the loader can execute code in the file.

    Raises ``ConfigurationError`` if the file is not trusted (before anything is executed), if it
    contains no program, or if the program was exported in training mode.
    """
    refuse_untrusted(path, permission)
    if not zipfile.is_zipfile(io.BytesIO(content)):
        raise ConfigurationError(f"{path} is not a torch.export program: it is not a zip archive")
    notes = [EXECUTED_NOTE]
    try:
        with noted_warnings(notes), _quiet():
            module: nn.Module = torch.export.load(io.BytesIO(content)).module()
    except Exception as error:  # a damaged file, or code in it, can raise anything
        raise ConfigurationError(
            f"{path} is not a program that torch {torch.__version__} can load: {one_line(error)}"
        ) from error
    try:
        refuse_training_mode(module)
    except ConfigurationError as error:
        raise ConfigurationError(f"{path}: {error}") from error
    return Reading(module, "torch.export", f"torch {torch.__version__}", tuple(notes))


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep torch from logging the traceback of an error that it also raises."""
    logger = logging.getLogger("torch.export")
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before
