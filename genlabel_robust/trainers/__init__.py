"""Trainers: fit a torch or scikit-learn classifier on data under a strategy."""

from typing import TYPE_CHECKING

from genlabel_robust.core.exports import exports

if TYPE_CHECKING:
    from genlabel_robust.trainers.torch_trainer import train

__all__ = ["train"]

__getattr__, __dir__ = exports(
    __name__,
    {"train": "genlabel_robust.trainers.torch_trainer"},
)
