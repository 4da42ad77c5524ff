"""The outputs of an ONNX model: scores, labels, and the classes that they stand for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from genlabel_robust.core import ConfigurationError
from genlabel_robust.data.rows import Label

_FLOATS = ("tensor(float)", "tensor(double)", "tensor(float16)")
_LABELS = ("tensor(int64)", "tensor(int32)", "tensor(bool)", "tensor(string)")
#: Order of preference among several outputs, by a part of their names: logits come before the
#: probabilities computed from them.
_NAMES = ("logit", "score", "prob")
#: Nodes that pass labels on unchanged.
_PASSING = ("Identity", "Cast", "Reshape", "Squeeze", "Unsqueeze", "Flatten")
#: Nodes that return the position of a class, and those that return 0 or 1.
_POSITIONS = ("ArgMax", "ArgMin")
_TRUTHS = ("Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Equal", "Not", "And", "Or", "Xor")
_ONLY_LABELS = "The ONNX model gives labels without a score for each class, so the labels are used."
#: The maximum number of classes.
_MOST = 100_000


@dataclass(frozen=True)
class Outputs:
    """The names of the outputs to read.

    ``scores``: None if the model returns decisions only. ``labels``: None unless it is known which
    class each label is, from ``classes`` (k,) or, without them, as it is a position in the scores.
    ``compared``: whether labels are positions from a comparison, such as one with a threshold.
    ``unread``: labels of unknown classes. ``n_classes``: k, or 1 for one score of two classes.
    ``notes``: sentences for the reader of the results.
    """

    scores: str | None
    labels: str | None
    classes: tuple[Label, ...] | None
    n_classes: int
    notes: tuple[str, ...] = ()
    compared: bool = False
    unread: str | None = None


def without_zipmaps(model: Any) -> dict[str, tuple[Label, ...]]:
    """Remove the ZipMaps at the end of ``model``, so that it returns tensors (n, k).

    A ZipMap turns such a tensor into a dictionary per row; the numbers are the same. Returns
    tensor -> the classes that its ZipMap named. Changes ``model`` in place.
    """
    import onnx

    classes: dict[str, tuple[Label, ...]] = {}
    outputs = {value.name: value for value in model.graph.output}
    for node in list(model.graph.node):
        if node.op_type != "ZipMap" or len(node.input) != 1 or len(node.output) != 1:
            continue
        if node.output[0] not in outputs:
            continue
        scores = node.input[0]
        tensor = onnx.helper.make_tensor_value_info(scores, onnx.TensorProto.FLOAT, None)
        outputs[node.output[0]].CopyFrom(tensor)
        classes[scores] = class_labels(node) or ()
        model.graph.node.remove(node)
    return classes


def class_labels(node: Any) -> tuple[Label, ...] | None:
    """Return the class labels stored in a classifier node or a ZipMap, or None if it has none."""
    for attribute in node.attribute:
        if attribute.name.startswith("classlabels_"):
            labels = tuple(attribute.ints) or tuple(map(_text, attribute.strings))
            if labels:
                return labels
    return None


def outputs_of(
    model: Any,
    declared: Sequence[Any],
    tried: Mapping[str, tuple[int, ...]] | None,
    zipped: Mapping[str, tuple[Label, ...]],
) -> Outputs:
    """Choose the outputs to read.

    ``declared``: a session's ``get_outputs()``. ``tried``: output -> its shape in a trial, which
    overrides the declared shape. ``zipped``: from ``without_zipmaps``. A single score (n, 1) or
    (n,) is used only if there is nothing else. Raises ``ConfigurationError`` if the model returns
    neither scores nor labels of known classes.
    """
    shapes = {o.name: (tried or {}).get(o.name, tuple(o.shape)) for o in declared}
    labels, classes = _labels(model, declared, shapes)
    candidates = [o for o in declared if o.type in _FLOATS]
    for output in candidates:
        # a ZipMap gives the order of the classes; a label output gives only the set
        classes = zipped.get(output.name) or classes
    usable = [o for o in candidates if _n_scores(shapes[o.name], classes)]
    singles = [o for o in candidates if tuple(shapes[o.name][1:]) in ((), (1,)) and shapes[o.name]]
    if not usable and labels is None and singles:
        chosen = _preferred(singles)
        return _beside_labels(model, declared, shapes, chosen, 1, _chosen(chosen, singles))
    if not usable:
        if labels is None or classes is None or len(classes) < 2:
            raise ConfigurationError(_refusal(declared, shapes))
        return Outputs(None, labels, classes, len(classes), (_ONLY_LABELS,))
    chosen = _preferred(usable)
    n_classes = _n_scores(shapes[chosen.name], classes)
    if n_classes > _MOST:
        raise ConfigurationError(f"it has {n_classes:,} classes; at most {_MOST:,} are allowed")
    notes = _chosen(chosen, usable)
    if classes:
        return Outputs(chosen.name, labels, classes, n_classes, notes)
    return _beside_labels(model, declared, shapes, chosen, n_classes, notes)


def _beside_labels(
    model: Any,
    declared: Sequence[Any],
    shapes: Mapping[str, tuple[Any, ...]],
    chosen: Any,
    n_classes: int,
    notes: tuple[str, ...],
) -> Outputs:
    """Return the scores ``chosen``, with labels that are positions in them if there are some."""
    labels = _label_output(declared, shapes)
    if labels is None:
        return Outputs(chosen.name, None, None, n_classes, notes)
    node = _maker(model, labels.name)
    made = None if node is None else node.op_type
    compared = made in _TRUTHS and n_classes <= 2
    if compared and n_classes == 1:
        return Outputs(None, labels.name, None, 2, (_ONLY_LABELS,))
    if compared or (made in _POSITIONS and n_classes > 1):
        return Outputs(chosen.name, labels.name, None, n_classes, notes, compared)
    note = (
        f"The ONNX model's labels {labels.name!r} are not read, as the file does not say which "
        f"class each one is; {chosen.name!r} decides."
    )
    return Outputs(chosen.name, None, None, n_classes, (*notes, note), unread=labels.name)


def _chosen(chosen: Any, usable: Sequence[Any]) -> tuple[str, ...]:
    """Return a note that says which of several ``usable`` outputs is read, if there are several."""
    others = ", ".join(repr(o.name) for o in usable if o is not chosen)
    if not others:
        return ()
    return (
        f"The ONNX model has several outputs. Its scores are read from {chosen.name!r}, not from "
        f"{others}.",
    )


def _n_scores(shape: Sequence[Any], classes: tuple[Label, ...] | None) -> int:
    """Return the number of classes k of an output of shape (n, k), or 0 for another shape."""
    k = shape[1] if len(shape) == 2 else None
    if not isinstance(k, int):  # any size, or no declared shape
        return len(classes) if classes and len(shape) in (0, 2) and len(classes) > 1 else 0
    return k if k > 1 and (classes is None or len(classes) == k) else 0


def _preferred(usable: Sequence[Any]) -> Any:
    for word in _NAMES:
        for output in usable:
            if word in output.name.lower():
                return output
    return usable[-1]


def _labels(
    model: Any, declared: Sequence[Any], shapes: Mapping[str, tuple[Any, ...]]
) -> tuple[str | None, tuple[Label, ...] | None]:
    """Return the label output and its classes; both are None unless the classes are known."""
    output = _label_output(declared, shapes)
    if output is None:
        return None, None
    classes = _traced(model, output.name, texts=output.type == "tensor(string)")
    return (output.name, classes) if classes else (None, None)


def _label_output(declared: Sequence[Any], shapes: Mapping[str, tuple[Any, ...]]) -> Any:
    """Return the first output of one label a row, None if there is none."""
    for output in declared:
        shape = shapes[output.name]
        flat = len(shape) < 2 or (len(shape) == 2 and shape[1] == 1)
        if output.type in _LABELS and flat:
            return output
    return None


def _maker(model: Any, name: str) -> Any:
    """Return the node that computes the labels ``name``, before any that pass them on, or None."""
    makers = {out: node for node in model.graph.node for out in node.output}
    for _ in range(len(makers)):  # bounded, as cyclic graphs are refused only later
        node = makers.get(name)
        if node is None or node.op_type not in _PASSING:
            return node
        name = node.input[0]
    return None


def _traced(model: Any, name: str, *, texts: bool) -> tuple[Label, ...] | None:
    """Return the class labels of the output ``name``, from the node that produces it, or None.

    That node is a classifier, or a lookup in a table of labels (as in skl2onnx's nets).
    """
    import onnx

    node = _maker(model, name)
    if node is None:
        return None
    labels = class_labels(node)
    if labels is None and node.op_type in ("ArrayFeatureExtractor", "Gather"):
        tables = {tensor.name: tensor for tensor in model.graph.initializer}
        table = tables.get(node.input[0])
        if table is None:
            return None
        found = onnx.numpy_helper.to_array(table).ravel().tolist()
        labels = tuple(_text(v) if isinstance(v, bytes) else v for v in found)
    if labels is None:
        return None
    if not texts:
        labels = tuple(int(v) if isinstance(v, float) else v for v in labels)
    right = all(isinstance(label, str) == texts for label in labels)
    return labels if right and len(set(labels)) == len(labels) else None


def _text(stored: bytes) -> str:
    return stored.decode(errors="replace")


def _refusal(declared: Sequence[Any], shapes: Mapping[str, tuple[Any, ...]]) -> str:
    outputs = ", ".join(f"{o.name!r} {o.type} {_written(shapes[o.name])}" for o in declared[:5])
    return (
        f"it returns {outputs or 'nothing'}; it must return one of these: float scores (n, k) for "
        "k classes, with known k; one output (n, 1) for two classes; or labels (n,) of classes "
        "that it names"
    )


def _written(shape: Sequence[Any]) -> str:
    parts = [
        "n" if i == 0 else str(d) if isinstance(d, int) else "any" for i, d in enumerate(shape)
    ]
    return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})" if parts else "of unknown shape"
