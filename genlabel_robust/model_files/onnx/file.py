"""Reading an ONNX file: it is decoded and checked, and then loaded by onnxruntime."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from genlabel_robust.core import ConfigurationError, NotApplicableError
from genlabel_robust.model_files.onnx.codes import coded_columns
from genlabel_robust.model_files.onnx.inputs import Inputs, inputs_of
from genlabel_robust.model_files.onnx.limits import check_limits, has_loops
from genlabel_robust.model_files.onnx.model import OnnxModel, no_gradients, run
from genlabel_robust.model_files.onnx.outputs import Outputs, outputs_of, without_zipmaps
from genlabel_robust.model_files.onnx.session import Session
from genlabel_robust.model_files.onnx.timed_session import Timed
from genlabel_robust.model_files.onnx.torch_graph import Source, TorchGraph, torch_graph
from genlabel_robust.model_files.own_process import try_apart
from genlabel_robust.model_files.reading import Permission, Reading
from genlabel_robust.models.adapters.library_model import Takes

#: Kind of rows -> why models that take them have no gradients.
_NOT_DIFFERENTIABLE: dict[Takes, str] = {
    "frame": "it takes each column as a separate tensor, or it takes texts",
    "numbers": "it takes whole numbers",
}


def read(path: Path, content: bytes, permission: Permission) -> Reading:
    """Return the ``OnnxModel`` in ``content``; only its graph is ever executed.

    Raises ``ConfigurationError``, in one sentence, for a file that is not an ONNX model, is
    damaged, refers to other files, or is not a classifier of table rows.
    """
    try:
        import onnxruntime

        model, loops, small = _decoded(path, content)
    except ImportError as error:
        raise ConfigurationError(
            f"{path} needs onnxruntime; install it: pip install 'genlabel-robust[onnx]'"
        ) from error
    zipped = without_zipmaps(model)
    content = model.SerializeToString() if zipped else content
    if not small:
        try:
            # creating a session already computes constants
            try_apart("genlabel_robust.model_files.onnx.trial", content)
        except ConfigurationError as error:
            raise ConfigurationError(f"{path} cannot be evaluated: {error}") from error
    session: Any = _session(path, content)
    if loops:
        session = Timed(session)
    try:
        inputs = inputs_of(session.get_inputs())
        tried = _tried(session, inputs)
        outputs = outputs_of(model, session.get_outputs(), tried, zipped)
    except ConfigurationError as error:
        raise ConfigurationError(f"{path} cannot be evaluated: {error}") from error
    graph, notes = _gradients(model, inputs, outputs)
    coded = coded_columns(model, _columns(inputs))
    found = OnnxModel(session, inputs, outputs, graph, notes, coded=coded, content=content)
    return Reading(found, "ONNX", f"onnxruntime {onnxruntime.__version__}", notes)


def _decoded(path: Path, content: bytes) -> tuple[Any, bool, bool]:
    """Decode and check a model: it must be complete in one file and pass ``check_limits``.

    Also returns whether the model has loops, and whether a run of it is known to stay small.
    """
    import onnx

    try:
        model = onnx.load_model_from_string(content)
    except Exception as error:  # protobuf has two implementations, each with its own exceptions
        reason = " ".join(str(error).split())
        raise ConfigurationError(
            f"{path} is not an ONNX model, or it is damaged: {reason}"
        ) from error
    if not model.graph.node:
        raise ConfigurationError(
            f"{path} is not an ONNX model, or it is damaged: it contains no graph of operators"
        )
    messages = list(_messages(model))
    if any(isinstance(text, bytes) for message in messages for text in _texts(message)):
        raise ConfigurationError(f"{path} is damaged: a name in it is not UTF-8 text")
    tensors = (m for m in messages if m.DESCRIPTOR.name == "TensorProto")
    outside = next((t for t in tensors if t.data_location == onnx.TensorProto.EXTERNAL), None)
    if outside is not None:
        raise ConfigurationError(
            f"{path} stores the tensor {outside.name!r} in another file, which is not read; save "
            "everything in one file: onnx.save(model, path, save_as_external_data=False)"
        )
    try:
        small = check_limits(model, messages)
    except ConfigurationError as error:
        raise ConfigurationError(f"{path} cannot be evaluated: {error}") from error
    return model, has_loops(messages), small


def _messages(message: Any) -> Iterator[Any]:
    """Yield a protobuf message and all messages inside it, such as tensors of inner graphs."""
    yield message
    for field, value in message.ListFields():
        if field.message_type is not None:
            for part in [value] if hasattr(value, "ListFields") else value:
                yield from _messages(part)


def _texts(message: Any) -> Iterator[Any]:
    """Yield the string fields of a message; protobuf returns invalid UTF-8 as bytes."""
    for field, value in message.ListFields():
        if field.type == field.TYPE_STRING:
            yield from [value] if isinstance(value, str | bytes) else value


def _session(path: Path, content: bytes) -> Session:
    try:
        return Session(content)
    except Exception as error:  # onnxruntime's exceptions have no common base class
        reason = " ".join(str(error).split())
        raise ConfigurationError(f"{path} cannot be run by onnxruntime: {reason}") from error


def _columns(inputs: Inputs) -> dict[str, tuple[str, ...]]:
    """Return input tensor -> its columns, named as in ``Inputs.whole``."""
    if inputs.columns is not None:
        return {name: (name,) for name in inputs.columns}
    return {tensor.name: tuple(map(str, range(a, b))) for tensor, a, b in inputs.bounds}


def _tried(session: Any, inputs: Inputs) -> dict[str, tuple[int, ...]] | None:
    """Return output -> its shape in a trial on blank rows, or None if the model rejects those.

    Declared shapes can be wrong: skl2onnx declares two scores for a RidgeClassifier that returns
    one.
    """
    if inputs.width is None:
        return None
    fed = inputs.feed(inputs.blank(inputs.batch or 8))
    try:
        names = [o.name for o in session.get_outputs()]
        return {
            name: made.shape for name, made in zip(names, run(session, names, fed), strict=True)
        }
    except ConfigurationError:  # perhaps an empty text; real rows may still work
        return None


def _sources(inputs: Inputs) -> tuple[Source, ...]:
    """Return the columns of a row that each input of the graph takes."""
    return tuple(
        Source(
            tensor.name,
            begin,
            end,
            len(tensor.shape) == 1,
            None if inputs.single else torch.from_numpy(np.zeros(0, tensor.type)).dtype,
        )
        for tensor, begin, end in inputs.bounds
    )


def _gradients(
    model: Any, inputs: Inputs, outputs: Outputs
) -> tuple[TorchGraph | None, tuple[str, ...]]:
    """Return the conversion to torch, and the notes on the model.

    Without a conversion the first value is None, and a note gives the reason.
    """
    if outputs.scores is None:
        return None, outputs.notes
    try:
        if inputs.takes in _NOT_DIFFERENTIABLE:
            raise NotApplicableError(_NOT_DIFFERENTIABLE[inputs.takes])  # noqa: TRY301
        if inputs.width is None:
            raise NotApplicableError("it does not say how many columns it takes")  # noqa: TRY301
        trial = inputs.joined(inputs.blank(inputs.batch or 8))
        graph = torch_graph(model, _sources(inputs), outputs.scores, trial)
    except NotApplicableError as error:
        return None, (*outputs.notes, no_gradients(str(error)))
    return graph, outputs.notes
