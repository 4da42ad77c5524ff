"""A trial prediction with an ONNX model, in the process of ``try_apart``, which has no torch."""

import json
import sys
from typing import Any

import numpy as np

from genlabel_robust.model_files.own_process import limit_this_process, tell_how_it_ends

_ROWS = 8
#: Texts of onnxruntime's and numpy's errors when memory runs out, besides ``MemoryError``.
_OUT_OF_MEMORY = ("bad_alloc", "bad allocation", "failed to allocate", "std::length_error")


def main() -> None:
    """Read a model from stdin, predict with it, and print the outcome on stdout."""
    content = sys.stdin.buffer.read()
    import onnxruntime  # noqa: F401  imported before memory is limited

    limit_this_process(json.loads(sys.argv[2]))
    tell_how_it_ends(lambda: _ask(content), _OUT_OF_MEMORY)


def _ask(content: bytes) -> None:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(
        content, options, providers=["CPUExecutionProvider"], enable_fallback=0
    )
    for fill in (0, 1, 2):
        session.run(None, {tensor.name: _rows(tensor, fill) for tensor in session.get_inputs()})


def _rows(tensor: Any, fill: int) -> Any:
    """Return trial rows for ``tensor``: zeros, ones, or distinct numbers."""
    shape = [size if isinstance(size, int) and size > 0 else None for size in tensor.shape]
    sizes = [_ROWS if at == 0 and size is None else size or 1 for at, size in enumerate(shape)]
    if tensor.type == "tensor(string)":
        return np.full(sizes, "ab" if fill else "", dtype=object)
    kind = {"float": "float32", "double": "float64"}.get(
        tensor.type[len("tensor(") : -1], tensor.type[len("tensor(") : -1]
    )
    if fill < 2:
        return np.full(sizes, fill, dtype=kind)
    return (np.arange(int(np.prod(sizes))) % 7).reshape(sizes).astype(kind)
