"""The readers of structures, by whose model they read; they live beside the models' adapters.

To add one, write a file in ``models/structures/`` with a function

    def read(inside: Any, front: Front) -> Structure | NoStructure

and name it here, in one line, after the package and the class of what it reads. ``inside``: a
fitted estimator, a ``Native`` or, where neither is in it, the ``Model`` itself. ``front``: what
``inside`` is shown of raw features; its columns are functions of single columns of the table. The
structure is in raw features, and its scores are in the order of the scores of ``inside``. What it
raises as ``UnreadError`` becomes the reason why there is none.
"""

from __future__ import annotations

from typing import Any

from genlabel_robust.core.registry import Registry

_ROOM = "genlabel_robust.models.structures"

READERS = Registry("structure reader", {
    "genlabel_robust.TorchModel": (f"{_ROOM}.torch_model:read", "a recipe's own linear layers"),
})  # fmt: skip


def reader_name(inside: Any) -> str:
    """Return the name under which a reader of ``inside`` is registered: "sklearn.SVC"."""
    kind = type(inside)
    return f"{kind.__module__.partition('.')[0]}.{kind.__qualname__}"
